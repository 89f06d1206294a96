import type { ProviderName } from "@foyer/contracts/users/api/providers";
import { required } from "@foyer/kernel/assert";
import type { Clock } from "@foyer/kernel/clock";
import { ok, type Result } from "@foyer/kernel/result";
import type { Logger } from "@foyer/telemetry/logger";
import { CodeChallengeMethod, generateState, OAuth2Client } from "arctic";
import { claimsOfToken, type IdTokenProvider, nameInAppleUser, type ProviderClaims } from "../../domain/providers.ts";
import { askGitHub } from "./github-api.ts";
import { createIdTokenVerifier, isIssuerOf } from "./id-tokens.ts";
import { createProviderCalls, refused } from "./outside-calls.ts";
import {
  type IdentitySettings,
  type ProviderConfiguration,
  type ProviderSettings,
  readIdentitySettings,
} from "./settings.ts";
import { redeemAtProvider } from "./token-endpoint.ts";

/** A flow's own secrets at the provider; none of them is stored. */
export interface FlowSecrets {
  readonly state: string;
  /** Of PKCE (RFC 7636). */
  readonly verifier: string;
  /** What its ID token must repeat. */
  readonly nonce: string;
}

/** Port of one provider. */
export interface IdentityProvider {
  /** Where a browser goes to sign in there. */
  authorizationUrl(secrets: FlowSecrets): string;
  /** Whether this provider is who an answer says it is from (`iss`, RFC 9207). */
  isIssuer(issuer: string): boolean;
  /**
   * Whom a code was given for. `user` is what Apple posts beside it. `users.provider_refused` where that is not beyond doubt,
   * `users.provider_unavailable` where the provider does not answer.
   */
  identify(
    answer: Omit<FlowSecrets, "state"> & { readonly code: string; readonly user: string | undefined },
  ): Promise<Result<ProviderClaims>>;
}

/** Port of the providers that this deployment is registered with. All of it throws where the configuration is wrong. */
export interface IdentityProviders {
  names(): readonly ProviderName[];
  /** Null where the deployment is not registered there. */
  find(provider: ProviderName): IdentityProvider | null;
  /** A fresh state of 256 bits. */
  newState(): string;
  /** Whether a sign-in may end at this address: one of the list, letter by letter (RFC 9700 section 4.1.3). */
  mayEndAt(redirectUri: string): boolean;
}

export interface IdentityProvidersOptions extends ProviderConfiguration {
  /** Where the public site is, without a slash at the end. */
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timeoutMs?: number;
}

/** The providers over HTTP. The configuration is read at the first use: isolates that sign nobody in do not pay for it. */
export function createIdentityProviders(options: IdentityProvidersOptions): IdentityProviders {
  let known: IdentitySettings | undefined;
  const made = new Map<ProviderName, IdentityProvider>();
  const settings = (): IdentitySettings => {
    known ??= readIdentitySettings(options);
    return known;
  };
  return {
    names: () => [...settings().providers.keys()],
    find(provider) {
      const own = settings().providers.get(provider);
      if (own === undefined) return null;
      const present = made.get(provider) ?? createIdentityProvider(own, options);
      made.set(provider, present);
      return present;
    },
    newState: generateState,
    mayEndAt: (redirectUri) => settings().redirectUris.has(redirectUri),
  };
}

function createIdentityProvider(
  settings: ProviderSettings,
  { publicUrl, clock, log, timeoutMs }: IdentityProvidersOptions,
): IdentityProvider {
  const { provider, clientId, issuer, jwksUri } = settings;
  // One address for each provider: what comes to it is of that provider, or fits no flow (RFC 9700 section 4.4.2.2).
  const redirectUri = `${publicUrl}/v1/auth/oauth/${provider}/callback`;
  const client = new OAuth2Client(clientId, null, redirectUri);
  const call = createProviderCalls(provider, log, timeoutMs);
  const verify = jwksUri === null ? null : createIdTokenVerifier({ issuer, clientId, jwksUri }, call, clock, log);

  return {
    authorizationUrl({ state, verifier, nonce }) {
      const { authorizationEndpoint, scopes, parameters } = settings;
      const method = CodeChallengeMethod.S256;
      const url = client.createAuthorizationURLWithPKCE(authorizationEndpoint, state, method, verifier, [...scopes]);
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      if (verify !== null) url.searchParams.set("nonce", nonce);
      return url.href;
    },
    isIssuer: (named) => isIssuerOf(issuer, named),
    async identify({ code, verifier, nonce, user }) {
      const tokens = await redeemAtProvider(settings, call, log, { code, redirectUri, verifier }, clock.nowMs());
      if (!tokens.ok) return tokens;
      const { idToken, accessToken } = tokens.value;
      if (provider === "github") {
        const apiUrl = required(settings.apiUrl, "GitHub has an API");
        return accessToken === null ? refused : askGitHub(apiUrl, call, accessToken);
      }
      const token = idToken === null || verify === null ? refused : await verify(idToken, nonce);
      return token.ok ? toClaims(provider, token.value, user) : token;
    },
  };
}

function toClaims(
  provider: IdTokenProvider,
  token: Readonly<Record<string, unknown>>,
  user: string | undefined,
): Result<ProviderClaims> {
  const claims = claimsOfToken(provider, token, provider === "apple" ? nameInAppleUser(user) : null);
  return claims === null ? refused : ok(claims);
}
