import { env } from "cloudflare:workers";
import type { UserBody } from "@foyer/contracts/users/api/people";
import type { ProviderName } from "@foyer/contracts/users/api/providers";
import type { SessionBody } from "@foyer/contracts/users/api/sessions";
import { sha256Hex } from "@foyer/kernel/encoding";
import { importJWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from "jose";
import { expect } from "vitest";
import { freshEmail, send } from "./people.ts";
import { providerJwk, redirectUris, testProviders } from "./provider-keys.ts";

/** What the stand-in for everything outside is told. */
export interface PlannedAnswer {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  delayMs?: number;
  /** A body that goes on for ever. */
  endless?: boolean;
  /** No answer, and no connection any more. */
  breaks?: boolean;
}

/** A call that reached it. */
export interface OutsideCall {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string;
}

export const [redirectUri] = redirectUris;
export const personalTenant = "9188040d-6c67-4c5b-b112-36a304b66dad";

/** Plans the answers to whatever carries this code or access token and path, or goes to this address. */
export function plan(key: string, ...answers: PlannedAnswer[]): Promise<void> {
  return env.OUTSIDE.testPlan(key, answers);
}

/** The calls that carried this code or token, or went to this address. */
export function callsWith(key: string): Promise<OutsideCall[]> {
  return env.OUTSIDE.testCalls(key);
}

let counter = 0;
/** A text that nothing else in this run uses. */
export function fresh(what: string): string {
  counter += 1;
  return `${what}-${counter}-${crypto.randomUUID()}`;
}

/** A sign-in that is under way, and what its browser remembers of it. */
export interface Begun {
  provider: ProviderName;
  url: URL;
  state: string;
  nonce: string;
  /** The `Cookie` header of the browser that began; empty where it got none. */
  cookie: string;
}

/** The cookie that an answer sets for flows, as a browser would send it; empty where it sets none or takes it away. */
export function flowCookieOf(response: Response): string {
  const set = response.headers.getSetCookie().find((cookie) => cookie.startsWith("__Host-foyer_oauth="));
  const pair = set?.split(";")[0] ?? "";
  return pair === "__Host-foyer_oauth=" ? "" : pair;
}

export function login(provider: string, body: object = {}, headers: Record<string, string> = {}): Promise<Response> {
  return send("POST", "/v1/auth/oauth/login", { provider, redirectUri, ...body }, headers);
}

export async function begin(
  provider: ProviderName,
  body: object = {},
  headers: Record<string, string> = {},
): Promise<Begun> {
  const response = await login(provider, body, headers);
  expect(response.status).toBe(200);
  const { authorizationUrl } = await response.json<{ authorizationUrl: string }>();
  const url = new URL(authorizationUrl);
  const state = url.searchParams.get("state") ?? "";
  return { provider, url, state, nonce: url.searchParams.get("nonce") ?? "", cookie: flowCookieOf(response) };
}

/** The provider's answer as a redirect brings it; in the browser that began unless said otherwise. */
export function comeBack(
  { provider, state, cookie }: Begun,
  answer: Record<string, string>,
  browser: string = cookie,
): Promise<Response> {
  const query = new URLSearchParams({ state, ...answer });
  return send(
    "GET",
    `/v1/auth/oauth/${provider}/callback?${query}`,
    undefined,
    browser === "" ? {} : { cookie: browser },
  );
}

/** The same as a form posts it. */
export function postBack({ provider, state, cookie }: Begun, answer: Record<string, string>): Promise<Response> {
  return send("POST", `/v1/auth/oauth/${provider}/callback`, new URLSearchParams({ state, ...answer }).toString(), {
    "content-type": "application/x-www-form-urlencoded",
    ...(cookie === "" ? {} : { cookie }),
  });
}

/** Where an answer sends the browser. */
export function locationOf(response: Response): URL {
  expect(response.status).toBe(303);
  return new URL(response.headers.get("location") ?? "");
}

/** An ID token of a flow's provider as it should be, but for what is changed. Undefined claims are left out. */
export async function idToken(
  { provider, nonce }: Pick<Begun, "provider" | "nonce">,
  claims: Record<string, unknown> = {},
  options: { key?: Parameters<SignJWT["sign"]>[0]; header?: Partial<JWTHeaderParameters> } = {},
): Promise<string> {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const payload: JWTPayload = {
    iss: testProviders[provider].issuer.replace("{tenantid}", String(claims.tid ?? personalTenant)),
    aud: testProviders[provider].clientId,
    sub: fresh("subject"),
    iat: nowSeconds,
    exp: nowSeconds + 3_600,
    nonce,
    ...(provider === "microsoft" ? { tid: personalTenant } : {}),
    ...claims,
  };
  const key = options.key ?? (await importJWK({ ...providerJwk }, "ES256"));
  return new SignJWT(payload).setProtectedHeader({ alg: "ES256", kid: providerJwk.kid, ...options.header }).sign(key);
}

/** Plans what the provider answers to a code: tokens with these claims, or at GitHub an access token and what its API says. */
export async function planPerson(begun: Begun, claims: Record<string, unknown>): Promise<string> {
  const code = fresh("code");
  if (begun.provider !== "github") {
    await plan(code, { body: JSON.stringify({ access_token: "a", id_token: await idToken(begun, claims) }) });
    return code;
  }
  const accessToken = fresh("gho");
  const { emails = [], ...user } = claims;
  await plan(code, { body: JSON.stringify({ access_token: accessToken, token_type: "bearer", scope: "user:email" }) });
  await plan(`${accessToken} /api/user`, { body: JSON.stringify({ login: "buyer-one", name: null, ...user }) });
  await plan(`${accessToken} /api/user/emails`, { body: JSON.stringify(emails) });
  return code;
}

/** The whole way to the one-time code. */
export async function oneTimeCode(begun: Begun, claims: Record<string, unknown>): Promise<string> {
  const location = locationOf(await comeBack(begun, { code: await planPerson(begun, claims) }));
  return location.searchParams.get("code") ?? "";
}

export function redeem(code: string, cookie: string, more: object = {}, headers: Record<string, string> = {}) {
  return send("POST", "/v1/auth/oauth/token", { code, ...more }, { ...headers, ...(cookie === "" ? {} : { cookie }) });
}

/** A whole sign-in, up to the answer to redeeming its code. */
export async function signIn(
  provider: ProviderName,
  claims: Record<string, unknown>,
  body: object = {},
): Promise<Response> {
  const begun = await begin(provider, body);
  return redeem(await oneTimeCode(begun, claims), begun.cookie);
}

export interface SignedInBody {
  user: UserBody;
  session: SessionBody;
}

/** A whole sign-in that must succeed. */
export async function signedIn(provider: ProviderName, claims: Record<string, unknown>): Promise<SignedInBody> {
  const response = await signIn(provider, claims);
  expect(response.status).toBe(200);
  return response.json<SignedInBody>();
}

/** Somebody whom Google vouches for. */
export function someone(): { sub: string; email: string; email_verified: boolean; name: string } {
  return { sub: fresh("subject"), email: freshEmail(), email_verified: true, name: "Guest Two" };
}

/** What is stored of a flow. */
export async function flowOf({ state }: Begun): Promise<Record<string, unknown> | null> {
  return env.USERS_DB.prepare("SELECT * FROM oauth_flows WHERE state_hash = ?1")
    .bind(await sha256Hex(state))
    .first();
}

/** Counts rows. */
export async function countRows(sql: string, ...values: unknown[]): Promise<number> {
  const row = await env.USERS_DB.prepare(`SELECT count(*) AS n FROM ${sql}`)
    .bind(...values)
    .first<{ n: number }>();
  return row?.n ?? 0;
}
