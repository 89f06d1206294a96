import type { ProviderName } from "@foyer/contracts/users/api/providers";
import { required } from "@foyer/kernel/assert";
import { systemClock } from "@foyer/kernel/clock";
import type { Result } from "@foyer/kernel/result";
import { createLogger } from "@foyer/telemetry/logger";
import { createIdentityProviders, type IdentityProvider } from "../../src/clients/providers/identity-providers.ts";
import type { ProviderClaims } from "../../src/domain/providers.ts";
import { testProviderSecrets, testProviders } from "../support/provider-keys.ts";
import { fresh, idToken, plan } from "../support/providers.ts";

/** How long the providers of these tests are waited for. */
export const timeoutMs = 400;

/** A provider as the worker speaks to it, under configuration of its own, with what it logs. */
export function providerOf(
  name: ProviderName,
  changes: object = {},
  secrets: Partial<Record<ProviderName, string>> = testProviderSecrets,
): { provider: IdentityProvider; logged: string[] } {
  const logged: string[] = [];
  const providers = createIdentityProviders({
    providers: JSON.stringify({ [name]: { ...testProviders[name], ...changes } }),
    secrets: JSON.stringify(secrets),
    redirectUris: "",
    publicUrl: "https://shop.example",
    clock: systemClock,
    log: createLogger("users", { write: (line) => void logged.push(line) }),
    timeoutMs,
  });
  return { provider: required(providers.find(name), "it is configured"), logged };
}

export const verifier = "v".repeat(43);
export const nonce = "the nonce of this flow";

/** What comes of a code. */
export function identify(provider: IdentityProvider, code: string, user?: string): Promise<Result<ProviderClaims>> {
  return provider.identify({ code, verifier, nonce, user });
}

/** Plans an answer with this ID token, and returns its code. */
export async function codeForToken(token: string): Promise<string> {
  const code = fresh("code");
  await plan(code, { body: JSON.stringify({ access_token: "a", token_type: "Bearer", id_token: token }) });
  return code;
}

/** Plans an answer with an ID token that is in order but for these claims. */
export async function codeForClaims(
  provider: ProviderName,
  claims: Record<string, unknown>,
  options: Parameters<typeof idToken>[2] = {},
): Promise<string> {
  return codeForToken(await idToken({ provider, nonce }, claims, options));
}

export const refusal = { ok: false, error: { code: "users.provider_refused" } };
export const outage = { ok: false, error: { code: "users.provider_unavailable" } };
