import * as z from "zod";
import { emulatorLimits } from "../../limits.ts";
import { jsonAnswer, type LocalAnswer, type LocalRequest } from "../../server/local-server.ts";
import { Router } from "../../server/router.ts";
import type { Provider } from "../provider.ts";
import { forEachProvider, idTokenProviderNames, type ProviderName, providerNames } from "../provider-names.ts";
import type { OAuthSettings } from "../settings.ts";
import { type FaultPlan, faultSchema } from "./faults.ts";
import { type OAuthState, readState } from "./state.ts";

export interface ControlParts {
  readonly providers: Readonly<Record<ProviderName, Provider>>;
  readonly faults: FaultPlan;
}

interface ControlRoute {
  readonly method: string;
  readonly path: string;
  readonly handle: (body: unknown) => unknown;
}

const accountSchema = z.strictObject({ provider: z.enum(providerNames), account: z.unknown() });
const clientSchema = z.strictObject({
  provider: z.enum(providerNames),
  redirectUris: z
    .array(z.url().refine((uri) => !uri.includes("#"), "A redirect URI has no fragment."))
    .min(1)
    .max(emulatorLimits.redirectUrisMax),
  pkceRequired: z.boolean().default(true),
});
const rotateSchema = z.strictObject({ provider: z.enum(idTokenProviderNames) });

/** What providers do not have: looking in, making people and applications, and ordering faults. All below `/_emulator`. */
export function createControl(parts: ControlParts): (request: LocalRequest) => Promise<LocalAnswer> {
  const router = new Router(controlRoutes(parts));
  return async (request) => {
    const match = router.find(request.method, request.path);
    if (match === null) return problem(404, `There is no ${request.method} ${request.path}.`);
    try {
      const body: unknown = request.body === "" ? {} : JSON.parse(request.body);
      return jsonAnswer(200, await match.route.handle(body));
    } catch (error) {
      if (error instanceof z.ZodError) return problem(422, z.prettifyError(error));
      if (error instanceof SyntaxError) return problem(400, "The body is not JSON.");
      throw error;
    }
  };
}

function controlRoutes({ providers, faults }: ControlParts): ControlRoute[] {
  const all = Object.values(providers);
  return [
    { method: "GET", path: "/_emulator/settings", handle: (): OAuthSettings => settingsOf(providers) },
    { method: "GET", path: "/_emulator/state", handle: (): OAuthState => readState(providers, faults) },
    {
      method: "POST",
      path: "/_emulator/accounts",
      handle: (body) => {
        const { provider, account } = accountSchema.parse(body);
        return providers[provider].putAccount(account);
      },
    },
    {
      method: "POST",
      path: "/_emulator/clients",
      handle: (body) => {
        const { provider, ...registration } = clientSchema.parse(body);
        return providers[provider].addClient(registration);
      },
    },
    {
      method: "POST",
      path: "/_emulator/keys/rotate",
      handle: async (body) => {
        await providers[rotateSchema.parse(body).provider].rotateKeys();
        return {};
      },
    },
    {
      method: "POST",
      path: "/_emulator/codes/expire",
      handle: () => {
        for (const provider of all) provider.expireCodes();
        return {};
      },
    },
    {
      method: "POST",
      path: "/_emulator/faults",
      handle: (body) => {
        const fault = faultSchema.parse(body);
        faults.add(fault);
        return fault;
      },
    },
    {
      method: "DELETE",
      path: "/_emulator/faults",
      handle: () => {
        faults.clear();
        return {};
      },
    },
    {
      method: "POST",
      path: "/_emulator/reset",
      handle: () => {
        faults.clear();
        for (const provider of all) provider.reset();
        return {};
      },
    },
  ];
}

function settingsOf(providers: ControlParts["providers"]): OAuthSettings {
  return {
    providers: forEachProvider((name) => providers[name].settings().settings),
    secrets: forEachProvider((name) => providers[name].settings().secret),
  };
}

function problem(status: number, message: string): LocalAnswer {
  return jsonAnswer(status, { error: { message } });
}
