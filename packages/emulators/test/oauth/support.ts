import { createPrivateKey } from "node:crypto";
import { SignJWT } from "jose";
import * as oauth from "oauth4webapi";
import type { BrowserStep } from "../../src/oauth/browser.ts";
import type { ProviderName } from "../../src/oauth/provider-names.ts";
import type { ClientSettings } from "../../src/oauth/settings.ts";
import { type OAuthEmulator, startOAuth } from "../../src/oauth/start-oauth.ts";

export const callbackBaseUrl = "https://shop.example.com";

/** The emulators with the callbacks of a deployment registered. */
export function startProviders(): Promise<OAuthEmulator> {
  return startOAuth({ callbackBaseUrl });
}

export function redirectUriOf(provider: ProviderName): string {
  return `${callbackBaseUrl}/v1/auth/oauth/${provider}/callback`;
}

const scopes: Readonly<Record<ProviderName, string>> = {
  google: "openid email profile",
  facebook: "openid email",
  apple: "name email",
  microsoft: "openid email profile",
  github: "read:user user:email",
};

/** The settings of the client that is there from the start. */
export async function ownClient(emulator: OAuthEmulator, provider: ProviderName): Promise<ClientSettings> {
  const { providers, secrets } = await emulator.settings();
  return { settings: providers[provider], secret: secrets[provider] };
}

/** An authorization request, and what its client remembers of it. */
export interface Asked {
  readonly provider: ProviderName;
  readonly client: ClientSettings;
  readonly url: string;
  readonly redirectUri: string;
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
}

/** A request in order, but for the parameters that are changed, or taken away by null. */
export async function ask(
  client: ClientSettings,
  provider: ProviderName,
  changes: Readonly<Record<string, string | null>> = {},
): Promise<Asked> {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const nonce = oauth.generateRandomNonce();
  const parameters: Record<string, string | null> = {
    client_id: client.settings.clientId,
    redirect_uri: redirectUriOf(provider),
    response_type: "code",
    scope: scopes[provider],
    state,
    nonce: provider === "github" ? null : nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    response_mode: provider === "apple" ? "form_post" : null,
    ...changes,
  };
  const url = new URL(client.settings.authorizationEndpoint);
  for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, value);
  const redirectUri = parameters.redirect_uri ?? "";
  return { provider, client, url: url.href, redirectUri, verifier, state, nonce };
}

/** What the provider sent back, by whichever way. */
export function answerOf(step: BrowserStep): URLSearchParams {
  return step.kind === "redirect" ? new URL(step.url).searchParams : new URLSearchParams(step.fields);
}

/** Where it was sent. */
export function targetOf(step: BrowserStep): string {
  if (step.kind === "form_post") return step.action;
  const { origin, pathname } = new URL(step.url);
  return origin + pathname;
}

/** The secret to send: at Apple the private key is not sent, what it signs is. */
export async function secretOf(
  { settings, secret }: ClientSettings,
  changes: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, string>> = {},
): Promise<string> {
  if (settings.teamId === undefined) return secret;
  const nowSeconds = Math.floor(Date.now() / 1_000);
  return new SignJWT({
    iss: settings.teamId,
    sub: settings.clientId,
    aud: settings.issuer,
    iat: nowSeconds,
    exp: nowSeconds + 300,
    ...changes,
  })
    .setProtectedHeader({ alg: "ES256", kid: settings.keyId ?? "", ...header })
    .sign(createPrivateKey(secret));
}

/** Allows the request and takes its code. */
export async function codeOf(emulator: OAuthEmulator, { url }: Asked, account?: string): Promise<string> {
  const step = await emulator.approve(url, account === undefined ? {} : { account });
  return answerOf(step).get("code") ?? "";
}

/** Calls the token endpoint by hand, in order but for the parameters that are changed, or taken away by null. */
export async function redeem(
  { provider, client, redirectUri, verifier }: Asked,
  code: string,
  changes: Readonly<Record<string, string | null>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const parameters: Record<string, string | null> = {
    grant_type: "authorization_code",
    client_id: client.settings.clientId,
    client_secret: await secretOf(client),
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    ...changes,
  };
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== null) body.set(name, value);
  return fetch(client.settings.tokenEndpoint, {
    method: "POST",
    body,
    headers: { ...(provider === "github" ? { accept: "application/json" } : {}), ...headers },
  });
}

export type IdTokenProvider = Exclude<ProviderName, "github">;

/** oauth4webapi refuses plain HTTP unless told that this is a test. */
export const insecure = { [oauth.allowInsecureRequests]: true } as const;

/** The provider as oauth4webapi sees it. At Microsoft the issuer of a token is its tenant's. */
export function serverOf({ settings }: ClientSettings, tenant?: string): oauth.AuthorizationServer {
  return {
    issuer: settings.issuer.replace("{tenantid}", tenant ?? "{tenantid}"),
    authorization_endpoint: settings.authorizationEndpoint,
    token_endpoint: settings.tokenEndpoint,
    ...(settings.jwksUri === undefined ? {} : { jwks_uri: settings.jwksUri }),
  };
}

export const personalTenant = "9188040d-6c67-4c5b-b112-36a304b66dad";

export interface SignInOptions {
  readonly account?: string;
  readonly tenant?: string;
  readonly basic?: boolean;
  readonly changes?: Readonly<Record<string, string | null>>;
}

/** Signs in as oauth4webapi does it: every check of the answer, the ID token's claims and its signature is its own. */
export async function signIn(
  emulator: OAuthEmulator,
  provider: IdTokenProvider,
  { account, tenant = personalTenant, basic = false, changes = {} }: SignInOptions = {},
): Promise<{ claims: oauth.IDToken; tokens: oauth.TokenEndpointResponse; step: BrowserStep }> {
  const settings = await ownClient(emulator, provider);
  const asked = await ask(settings, provider, changes);
  const server = serverOf(settings, tenant);
  const client: oauth.Client = { client_id: settings.settings.clientId };
  const step = await emulator.approve(asked.url, account === undefined ? {} : { account });
  const answer = answerOf(step);
  const parameters = oauth.validateAuthResponse(server, client, answer, asked.state);
  const secret = await secretOf(settings);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    basic ? oauth.ClientSecretBasic(secret) : oauth.ClientSecretPost(secret),
    parameters,
    asked.redirectUri,
    asked.verifier,
    insecure,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: asked.nonce,
    requireIdToken: true,
  });
  await oauth.validateApplicationLevelSignature(server, response, insecure);
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  if (claims === undefined) throw new Error("there are no claims");
  return { claims, tokens, step };
}
