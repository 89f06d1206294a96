import { env, exports } from "cloudflare:workers";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { Role } from "@foyer/contracts/shared/permissions";
import type { UserBody } from "@foyer/contracts/users/api/people";
import type { SessionBody } from "@foyer/contracts/users/api/sessions";
import type { LetterSubject } from "@foyer/contracts/users/letters";
import type { UsersRpc } from "@foyer/contracts/users/rpc";
import { type Id, newId, type OrganizationId, type UserId } from "@foyer/kernel/ids";
import { expect } from "vitest";

/** The password of everybody in these tests. */
export const password = "correct horse battery";

/** The context of a call between workers. */
export const systemCall: CallContext = { actor: { kind: "system", name: "notifications" }, requestId: "req_test" };

/** The worker as its peers call it. The class implements the interface; its own RPC types are too deep for the compiler. */
export const usersRpc = exports.default as object as UsersRpc;

/** The context of a call on behalf of a user. */
export function userCall(userId: UserId): CallContext {
  return {
    actor: {
      kind: "user",
      userId,
      sessionId: newId("session", Date.now()),
      emailVerified: true,
      platformAdmin: false,
      authenticatedAtMs: Date.now(),
      impersonatorId: null,
    },
    requestId: "req_test",
  };
}

/** One request to the worker; a body that is no text is sent as JSON. */
export function send(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return exports.default.fetch(`https://users${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    redirect: "manual",
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

export interface Problem {
  status: number;
  code: string;
  errors?: { path: string; code: string }[];
}

/** Expects a problem document with this status and code. */
export async function expectProblem(response: Response, status: number, code: string): Promise<Problem> {
  const body = await response.json<Problem>();
  expect({ status: response.status, code: body.code }).toEqual({ status, code });
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  return body;
}

let counter = 0;

/** An address that nothing else in this run uses. */
export function freshEmail(): string {
  counter += 1;
  return `person-${counter}-${crypto.randomUUID().slice(0, 8)}@example.com`;
}

export interface Person {
  email: string;
  user: UserBody;
  session: SessionBody;
  headers: { authorization: string };
}

/** A registered person, not verified yet. */
export async function newPerson(email = freshEmail()): Promise<Person> {
  const response = await send("POST", "/v1/auth/register", { email, password, name: "Buyer One" });
  expect(response.status).toBe(201);
  const body = await response.json<{ user: UserBody; session: SessionBody }>();
  return { email, ...body, headers: { authorization: `Bearer ${body.session.accessToken}` } };
}

/** Ids of the letters to an address that are about something, oldest first, as notifications learns them from messages. */
export async function letterIds(email: string, kind: LetterSubject["kind"]): Promise<Id<"letter">[]> {
  const { results } = await env.USERS_DB.prepare(
    "SELECT id FROM letters WHERE address = ?1 AND subject ->> 'kind' = ?2 ORDER BY rowid",
  )
    .bind(email, kind)
    .all<{ id: Id<"letter"> }>();
  return results.map(({ id }) => id);
}

/** The notices to an address, oldest first. */
export async function noticesTo(email: string): Promise<string[]> {
  const { results } = await env.USERS_DB.prepare(
    "SELECT subject ->> 'notice' AS notice FROM letters WHERE address = ?1 AND subject ->> 'kind' = 'notice' ORDER BY rowid",
  )
    .bind(email)
    .all<{ notice: string }>();
  return results.map(({ notice }) => notice);
}

/** The secret of the newest link to an address, as notifications would write it into the mail; empty where it is void. */
export async function newestLinkSecret(email: string, kind: LetterSubject["kind"] = "verify_email"): Promise<string> {
  const letterId = (await letterIds(email, kind)).at(-1);
  if (letterId === undefined) return "";
  const result = await usersRpc.getLetter(systemCall, { letterId });
  return result.ok ? (result.value.link?.token ?? "") : "";
}

/** A person whose address is verified. */
export async function newVerifiedPerson(email = freshEmail()): Promise<Person> {
  const person = await newPerson(email);
  const token = await newestLinkSecret(person.email);
  const response = await send("POST", "/v1/auth/email/verify", { token }, person.headers);
  expect(response.status).toBe(200);
  return person;
}

/** An organization of this person's. */
export async function newOrganization(
  owner: Person,
  name = "Concert Hall",
): Promise<{ id: OrganizationId; slug: string }> {
  const response = await send("POST", "/v1/organizations", { name }, owner.headers);
  expect(response.status).toBe(201);
  return response.json<{ id: OrganizationId; slug: string }>();
}

/** Makes someone a member without asking anybody. */
export async function addMember(organizationId: string, userId: string, role: Role): Promise<Id<"membership">> {
  const id = newId("membership", Date.now());
  await env.USERS_DB.prepare(
    "INSERT INTO memberships (id, organization_id, user_id, role, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
  )
    .bind(id, organizationId, userId, role, Date.now())
    .run();
  return id;
}

/** A verified person who administers the platform, signed in as such. */
export async function newAdministrator(): Promise<Person> {
  const person = await newVerifiedPerson();
  await env.USERS_DB.prepare("UPDATE users SET platform_admin = 1 WHERE id = ?1").bind(person.user.id).run();
  return signInAgain(person);
}

/** The same person with a new session. */
export async function signInAgain(person: Person): Promise<Person> {
  const response = await send("POST", "/v1/auth/login", { email: person.email, password });
  expect(response.status).toBe(200);
  const body = await response.json<{ user: UserBody; session: SessionBody }>();
  return { email: person.email, ...body, headers: { authorization: `Bearer ${body.session.accessToken}` } };
}
