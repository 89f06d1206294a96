import { env } from "cloudflare:workers";
import type { AccessTokenSubject } from "@foyer/auth/access-token";
import type { Role } from "@foyer/contracts/shared/permissions";
import { type Id, newId, type OrganizationId, type UserId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { newTestUser } from "@foyer/testing/tokens";
import { expect } from "vitest";
import { addMember, freshEmail, newestLinkSecret, send } from "./people.ts";

/** Somebody with an account and a token, but without a password: made a hundred times as fast as a person who registers. */
export interface Account {
  readonly userId: UserId;
  readonly email: string;
  readonly headers: { readonly authorization: string };
}

export async function newAccount(
  given: { readonly email?: string; readonly verified?: boolean; readonly token?: Partial<AccessTokenSubject> } = {},
): Promise<Account> {
  const { email = freshEmail(), verified = true } = given;
  const { userId, headers } = await newTestUser({ emailVerified: verified, ...given.token });
  await env.USERS_DB.prepare(
    "INSERT INTO users (id, email, email_verified_at_ms, name, version, created_at_ms, updated_at_ms) VALUES (?1, ?2, ?3, 'Buyer One', 1, 0, 0)",
  )
    .bind(userId, email, verified ? 1 : null)
    .run();
  return { userId, email, headers };
}

/** The same account with a token that says otherwise. */
export async function actingAs(account: Account, token: Partial<AccessTokenSubject>): Promise<Account> {
  const { headers } = await newTestUser({ userId: account.userId, ...token });
  return { ...account, headers };
}

/** A token from long ago; whoever has it is to prove themselves once more. */
export const longAgo = { authenticatedAtMs: 1 } as const;
/** An administrator who acts in the account's place. */
export const impersonated = { authenticatedAtMs: 0, impersonatorId: "usr_00000000000000000000000000" } as const;

export interface Member extends Account {
  readonly memberId: Id<"membership">;
}

/** An organization with its owner. */
export interface House {
  readonly id: OrganizationId;
  readonly path: string;
  readonly owner: Member;
}

export async function newHouse(): Promise<House> {
  const owner = await newAccount();
  const id = newId("organization", Date.now());
  await env.USERS_DB.prepare(
    "INSERT INTO organizations (id, name, slug, created_at_ms, updated_at_ms) VALUES (?1, 'Concert Hall', ?2, 0, 0)",
  )
    .bind(id, `hall-${crypto.randomUUID()}`)
    .run();
  const memberId = await addMember(id, owner.userId, "owner");
  return { id, path: `/v1/organizations/${id}`, owner: { ...owner, memberId } };
}

/** A member of a house, of this role. */
export async function newMember(house: House, role: Role): Promise<Member> {
  const account = await newAccount();
  return { ...account, memberId: await addMember(house.id, account.userId, role) };
}

/** Fills up what somebody may own. */
export async function ownAsManyAsAllowed(userId: string): Promise<void> {
  const ids = JSON.stringify(Array.from({ length: limits.organizationsPerUserMax }, () => newId("organization", 1)));
  await env.USERS_DB.batch([
    env.USERS_DB.prepare(
      "INSERT INTO organizations (id, name, slug, created_at_ms, updated_at_ms) SELECT value, 'Hall', value, 0, 0 FROM json_each(?1)",
    ).bind(ids),
    env.USERS_DB.prepare(
      "INSERT INTO memberships (id, organization_id, user_id, role, created_at_ms) SELECT 'mem_' || substr(value, 5), value, ?2, 'owner', 0 FROM json_each(?1)",
    ).bind(ids, userId),
  ]);
}

/** What everybody in a house is, by their accounts. */
export async function rolesIn({ id }: Pick<House, "id">): Promise<Record<string, Role>> {
  const { results } = await env.USERS_DB.prepare(
    "SELECT user_id AS userId, role FROM memberships WHERE organization_id = ?1",
  )
    .bind(id)
    .all<{ userId: string; role: Role }>();
  return Object.fromEntries(results.map(({ userId, role }) => [userId, role]));
}

export interface AuditLine {
  readonly action: string;
  readonly actorId: string | null;
  readonly targetId: string | null;
  readonly before: unknown;
  readonly after: unknown;
}

/** A house's part of the trail, oldest first. */
export async function trailOf({ id }: Pick<House, "id">): Promise<AuditLine[]> {
  const { results } = await env.USERS_DB.prepare(
    "SELECT action, actor_id AS actorId, target_id AS targetId, before, after FROM audit WHERE organization_id = ?1 ORDER BY rowid",
  )
    .bind(id)
    .all<{ before: string | null; after: string | null } & AuditLine>();
  const parse = (text: unknown): unknown => (typeof text === "string" ? JSON.parse(text) : null);
  return results.map((line) => ({ ...line, before: parse(line.before), after: parse(line.after) }));
}

export interface InvitationBody {
  readonly id: Id<"invitation">;
  readonly email: string;
  readonly role: Role;
  readonly status: string;
  readonly invitedBy: string;
  readonly expiresAt: string;
}

/** Invites an address, and expects that it is. */
export async function invite(house: House, by: Account, email: string, role: Role = "door"): Promise<InvitationBody> {
  const response = await send("POST", `${house.path}/invitations`, { email, role }, by.headers);
  expect(response.status).toBe(201);
  return response.json<InvitationBody>();
}

/** The token of the newest invitation that was mailed to an address. */
export const mailedToken = (email: string): Promise<string> => newestLinkSecret(email, "invitation");

/** Accepts by a mailed token. */
export const accept = (token: string, account: Account): Promise<Response> =>
  send("POST", "/v1/invitations/accept", { token }, account.headers);

export interface KeyBody {
  readonly apiKey: {
    readonly id: Id<"apiKey">;
    readonly name: string;
    readonly prefix: string;
    readonly lastUsedAt: string | null;
    readonly rotatedAt: string | null;
  };
  readonly secret: string;
}

/** Makes an API key, and expects that it is made. */
export async function newKey(house: House, more: object = {}, by: Account = house.owner): Promise<KeyBody> {
  const body = { name: "Box office", scopes: ["orders.read"], ...more };
  const response = await send("POST", `${house.path}/api-keys`, body, by.headers);
  expect(response.status).toBe(201);
  return response.json<KeyBody>();
}
