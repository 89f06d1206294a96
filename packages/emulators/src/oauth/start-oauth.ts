import { systemClock } from "@foyer/kernel/clock";
import { emulatorLimits } from "../limits.ts";
import { jsonAnswer, type LocalRequest, serveLocally } from "../server/local-server.ts";
import type { BaseAccount } from "./accounts.ts";
import { createControl } from "./control/control-routes.ts";
import { FaultPlan } from "./control/faults.ts";
import { createOAuthControl, type OAuthControl } from "./control-client.ts";
import { answerGitHubApi, gitHubApiPath } from "./github-api.ts";
import { Grants } from "./grants.ts";
import { SigningKeys } from "./keys.ts";
import type { Profile } from "./profile.ts";
import { apple } from "./profiles/apple.ts";
import { facebook } from "./profiles/facebook.ts";
import { github } from "./profiles/github.ts";
import { google } from "./profiles/google.ts";
import { microsoft } from "./profiles/microsoft.ts";
import { createProvider, type Provider } from "./provider.ts";
import { forEachProvider, type ProviderName } from "./provider-names.ts";
import type { ProviderState } from "./provider-state.ts";

/**
 * Where the providers send people back to: the callbacks of the deployment at a base URL, or a list for each provider.
 * Each is registered, letter by letter.
 */
export type OAuthOptions = {
  /** Zero or nothing takes a free port. */
  readonly port?: number;
} & ({ readonly callbackBaseUrl: string } | { readonly redirectUris: (provider: ProviderName) => readonly string[] });

/** The running providers: their address, and the control over them. */
export interface OAuthEmulator extends OAuthControl {
  readonly stop: () => Promise<void>;
}

/** Starts the five identity providers on one port, each with one client and one account. */
export async function startOAuth(options: OAuthOptions): Promise<OAuthEmulator> {
  const faults = new FaultPlan();
  const stopped = new AbortController();
  const keys = forEachProvider(() => new SigningKeys());
  let url = "";

  const stateOf = <A extends BaseAccount>(profile: Profile<A>): ProviderState<A> => ({
    profile,
    clock: systemClock,
    base: () => `${url}/${profile.name}`,
    accounts: new Map(),
    clients: new Map(),
    grants: new Grants(systemClock, profile.token.accessTokenPrefix),
    consents: new Map(),
    openConsents: new Map(),
    keys: keys[profile.name],
    foreignKey: () => keys[profile.name === "google" ? "facebook" : "google"].current(),
    faults,
    stopped: stopped.signal,
  });
  const start = <A extends BaseAccount>(profile: Profile<A>): Provider =>
    createProvider(stateOf(profile), callbacksOf(options, profile.name));
  const gitHubState = stateOf(github);
  const providers: Readonly<Record<ProviderName, Provider>> = {
    google: start(google),
    facebook: start(facebook),
    apple: start(apple),
    microsoft: start(microsoft),
    github: createProvider(gitHubState, callbacksOf(options, "github"), (request, path) =>
      path.startsWith(`${gitHubApiPath}/`)
        ? answerGitHubApi(gitHubState, request, path.slice(gitHubApiPath.length))
        : null,
    ),
  };
  const byPath = new Map<string, Provider>(Object.entries(providers));
  const control = createControl({ providers, faults });

  const server = await serveLocally({
    port: options.port ?? 0,
    bodyBytesMax: emulatorLimits.oauthBodyBytesMax,
    handle: (request: LocalRequest) => {
      if (request.path.startsWith("/_emulator/")) return control(request);
      const [, name = "", ...rest] = request.path.split("/");
      const provider = byPath.get(name);
      return provider === undefined
        ? jsonAnswer(404, { error: "not_found" })
        : provider.answer(request, `/${rest.join("/")}`);
    },
  });
  url = server.url;

  return {
    ...createOAuthControl(url),
    stop: () => {
      stopped.abort();
      return server.stop();
    },
  };
}

function callbacksOf(options: OAuthOptions, provider: ProviderName): readonly string[] {
  return "redirectUris" in options
    ? options.redirectUris(provider)
    : [`${options.callbackBaseUrl}/v1/auth/oauth/${provider}/callback`];
}
