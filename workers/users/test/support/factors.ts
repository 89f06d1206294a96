import { env } from "cloudflare:workers";
import type { Assertion } from "@foyer/contracts/users/api/second-factors";
import type { FactorMethod, SessionBody } from "@foyer/contracts/users/api/sessions";
import { type Id, isId } from "@foyer/kernel/ids";
import { newTestUser } from "@foyer/testing/tokens";
import { decodeJwt } from "jose";
import { expect } from "vitest";
import { createDeps } from "../../src/deps.ts";
import { noClient } from "../../src/domain/client.ts";
import { admit } from "../../src/service/sessions/admit.ts";
import { type CreationOptions, makePasskey, type RequestOptions, type SoftPasskey } from "./authenticator.ts";
import { newVerifiedPerson, type Person, password, send } from "./people.ts";

/** A call of somebody who is not signed in. */
export const anonymousCall = { actor: { kind: "anonymous" }, requestId: "req_test", client: noClient } as const;

const periodMs = 30_000;
const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function fromBase32(text: string): Uint8Array<ArrayBuffer> {
  let [bits, count] = [0, 0];
  const bytes: number[] = [];
  for (const char of text) {
    bits = ((bits << 5) | base32.indexOf(char)) & 0xffff;
    count += 5;
    if (count >= 8) {
      count -= 8;
      bytes.push((bits >> count) & 0xff);
    }
  }
  return Uint8Array.from(bytes);
}

/** What an authenticator app shows at a moment (RFC 6238), computed apart from the worker's library. */
export async function codeAt(secret: string, atMs: number): Promise<string> {
  const key = await crypto.subtle.importKey("raw", fromBase32(secret), { name: "HMAC", hash: "SHA-1" }, false, [
    "sign",
  ]);
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(Math.floor(atMs / periodMs)));
  const digest = new DataView(await crypto.subtle.sign("HMAC", key, counter.buffer));
  const number = digest.getUint32(digest.getUint8(19) & 15) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** A code that is none of this app's at this time. */
export async function wrongCode(secret: string): Promise<string> {
  const near = await Promise.all([-1, 0, 1].map((step) => codeAt(secret, Date.now() + step * periodMs)));
  for (let candidate = 0; ; candidate += 1) {
    const code = String(candidate).padStart(6, "0");
    if (!near.includes(code)) return code;
  }
}

/** A person with a confirmed authenticator app; the codes of this half-minute and the next are not used yet. */
export interface Secured extends Person {
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
  /** The app's code, so many steps from now. */
  code(step?: number): Promise<string>;
}

/** Sets up and confirms an app for somebody, by the code of the half-minute before. */
export async function enrolTotp(person: Person): Promise<Secured> {
  const made = await send("POST", "/v1/auth/mfa/totp", undefined, person.headers);
  expect(made.status).toBe(201);
  const { secret } = await made.json<{ secret: string }>();
  const code = (step = 0): Promise<string> => codeAt(secret, Date.now() + step * periodMs);
  const confirmed = await send("POST", "/v1/auth/mfa/totp/confirm", { code: await code(-1) }, person.headers);
  expect(confirmed.status).toBe(200);
  const { recoveryCodes } = await confirmed.json<{ recoveryCodes: string[] }>();
  return { ...person, secret, recoveryCodes, code };
}

export async function newSecuredPerson(): Promise<Secured> {
  return enrolTotp(await newVerifiedPerson());
}

/** Signs in by password as far as the demand for a second factor. */
export async function demandOf(
  { email }: Pick<Person, "email">,
  mode: "bearer" | "cookie" = "bearer",
): Promise<{ token: string; methods: FactorMethod[]; expiresIn: number }> {
  const response = await send("POST", "/v1/auth/login", { email, password, mode });
  expect(response.status).toBe(200);
  const { mfa } = await response.json<{ mfa: { token: string; methods: FactorMethod[]; expiresIn: number } }>();
  return mfa;
}

/** The same demand without the password before it, for tests that need many: what the worker does once the password was right. */
export async function waitingSignIn({ user }: Pick<Person, "user">): Promise<string> {
  const deps = createDeps(env);
  const account = await deps.users.findAccount(user.id);
  if (account === null) throw new TypeError("a registered person has an account");
  const admission = await admit(deps, anonymousCall, account, { method: "password", mode: "bearer" }, []);
  if (admission === "overtaken" || !admission.ok || admission.value.kind !== "second_factor")
    throw new TypeError("a second factor is demanded");
  return admission.value.token;
}

/** Answers the demand of a sign-in. */
export function verifyFactor(token: string, factor: object): Promise<Response> {
  return send("POST", "/v1/auth/mfa/verify", { token, ...factor });
}

/** What begins the making of a passkey. */
export async function creationOptions(person: Pick<Person, "headers">): Promise<CreationOptions> {
  const response = await send("POST", "/v1/auth/passkeys/register/options", undefined, person.headers);
  expect(response.status).toBe(200);
  return (await response.json<{ options: CreationOptions }>()).options;
}

/** What begins the showing of one. */
export async function requestOptions(): Promise<RequestOptions> {
  const response = await send("POST", "/v1/auth/passkeys/login/options");
  expect(response.status).toBe(200);
  return (await response.json<{ options: RequestOptions }>()).options;
}

export interface KeptPasskey extends SoftPasskey {
  readonly id: Id<"passkey">;
}

/** Registers a passkey for somebody. */
export async function addPasskey(
  person: Pick<Person, "headers">,
  name = "Key",
  kind: "ES256" | "Ed25519" = "ES256",
): Promise<KeptPasskey> {
  const { passkey, response } = await makePasskey(await creationOptions(person), {}, kind);
  const kept = await send("POST", "/v1/auth/passkeys/register/verify", { name, response }, person.headers);
  expect(kept.status).toBe(201);
  const { id } = await kept.json<{ id: string }>();
  if (!isId("passkey", id)) throw new TypeError("a passkey has an id");
  return { ...passkey, id };
}

/** Signs in by an assertion. */
export function signInBy(response: Assertion, mode: "bearer" | "cookie" = "bearer"): Promise<Response> {
  return send("POST", "/v1/auth/passkeys/login/verify", { response, mode });
}

/** The session that an access token is of. */
export function sessionOf({ session }: { readonly session: Pick<SessionBody, "accessToken"> }): Id<"session"> {
  const { sid } = decodeJwt(session.accessToken);
  if (typeof sid !== "string" || !isId("session", sid)) throw new TypeError("an access token names its session");
  return sid;
}

/** The same session, an hour after its owner proved themselves. */
export async function staleHeaders(person: Person): Promise<{ authorization: string }> {
  const { headers } = await newTestUser({
    userId: person.user.id,
    sessionId: sessionOf(person),
    authenticatedAtMs: Date.now() - 3_600_000,
  });
  return { ...headers };
}

/** An administrator who acts in somebody's place, in a session of that person's. */
export async function impersonatorHeaders(person: Person): Promise<{ authorization: string }> {
  const { headers } = await newTestUser({
    userId: person.user.id,
    sessionId: sessionOf(person),
    impersonatorId: "usr_00000000000000000000000000",
  });
  return { ...headers };
}

/** Takes a person's password away, as if they had only ever come by a provider. */
export async function removePassword({ user }: Pick<Person, "user">): Promise<void> {
  await env.USERS_DB.prepare("DELETE FROM credentials WHERE user_id = ?1").bind(user.id).run();
}

/** Links an account at a provider to a person's. */
export async function addIdentity({ user }: Pick<Person, "user">): Promise<void> {
  await env.USERS_DB.prepare(
    "INSERT INTO identities (id, user_id, provider, subject, created_at_ms, last_used_at_ms) VALUES (?1, ?2, 'google', ?2, 0, 0)",
  )
    .bind(`idn_${user.id.slice(4)}`, user.id)
    .run();
}

/** What the trail says was done to, or by, somebody. */
export async function auditActions(...targetIds: readonly string[]): Promise<string[]> {
  const { results } = await env.USERS_DB.prepare(
    "SELECT action FROM audit WHERE target_id IN (SELECT value FROM json_each(?1)) ORDER BY rowid",
  )
    .bind(JSON.stringify(targetIds))
    .all<{ action: string }>();
  return results.map(({ action }) => action);
}
