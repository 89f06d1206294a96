import { env } from "cloudflare:workers";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import { expect, test } from "vitest";
import {
  addMember,
  expectProblem,
  freshEmail,
  newOrganization,
  newPerson,
  newVerifiedPerson,
  type Person,
  password,
  send,
} from "../support/people.ts";

const path = "/v1/users/profile/export";
const read = (person: Pick<Person, "headers">) => send("GET", path, undefined, person.headers);

interface Part {
  readonly account: Record<string, unknown>;
  readonly sessions: Record<string, unknown>[];
  readonly trail: Record<string, unknown>[];
  readonly cutShort: string[];
  readonly withheld: Record<string, string>;
  readonly [list: string]: unknown;
}

async function partOf(person: Person): Promise<Part> {
  const response = await read(person);
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  const document = await response.json<{ generatedAt: string; parts: Record<string, Part> }>();
  expect(Object.keys(document.parts)).toEqual(["users"]);
  expect(Math.abs(Date.now() - Date.parse(document.generatedAt))).toBeLessThan(60_000);
  return document.parts.users ?? expect.unreachable("there is no part of users");
}

/** Somebody of whom every table has something, each with a text that is nobody else's. */
async function seeded(mark: string) {
  const person = await newVerifiedPerson();
  const { id } = person.user;
  const host = await newVerifiedPerson();
  const joined = await newOrganization(host, `Joined ${mark}`);
  const inviting = await newOrganization(host, `Inviting ${mark}`);
  await send("PATCH", "/v1/users/profile", { name: `Name ${mark}`, timezone: "Europe/Berlin" }, person.headers);
  for (const granted of [true, false]) {
    const marketingConsent = { granted, textVersion: `Text ${mark}` };
    await send("PATCH", "/v1/users/profile", { marketingConsent }, person.headers);
  }
  await send("POST", "/v1/auth/login", { email: person.email, password }, { "user-agent": `Device${mark}/1` });
  const pending = `pending-${mark}@example.com`;
  await send("POST", "/v1/users/profile/email", { email: pending }, person.headers);
  await addMember(joined.id, id, "finance");
  await env.USERS_DB.batch([
    env.USERS_DB.prepare(
      "INSERT INTO identities (id, user_id, provider, subject, email, name, created_at_ms, last_used_at_ms) VALUES (?1, ?2, 'github', ?3, ?4, ?5, 0, 0)",
    ).bind(newId("identity", 1), id, `Subject ${mark}`, `there-${mark}@example.com`, `There ${mark}`),
    env.USERS_DB.prepare(
      "INSERT INTO passkeys (id, user_id, credential_id, public_key, counter, transports, backed_up, name, created_at_ms) VALUES (?1, ?2, ?1, ?3, 0, '[]', 0, ?4, 0)",
    ).bind(newId("passkey", 1), id, `public-${mark}`, `Passkey ${mark}`),
    env.USERS_DB.prepare(
      "INSERT INTO totp (user_id, secret, confirmed_at_ms, created_at_ms) VALUES (?1, ?2, 1, 0)",
    ).bind(id, `totp-${mark}`),
    env.USERS_DB.prepare("INSERT INTO recovery_codes (hash, user_id) VALUES (?2, ?1)").bind(id, `recovery-${mark}`),
    env.USERS_DB.prepare("UPDATE sessions SET place = ?2 WHERE user_id = ?1").bind(id, `Place ${mark}`),
    env.USERS_DB.prepare(
      "INSERT INTO invitations (id, organization_id, email, role, hash, created_at_ms, expires_at_ms) VALUES (?1, ?2, ?3, 'door', ?1, 0, ?4)",
    ).bind(newId("invitation", 1), inviting.id, person.email, Date.now() + 60_000),
  ]);
  return { person, host, joined, pending };
}

test("the part of users holds everything that its tables hold about a person", async () => {
  const mark = crypto.randomUUID().slice(0, 8);
  const { person, joined, pending } = await seeded(mark);
  const part = await partOf(person);
  expect(part.account).toMatchObject({
    id: person.user.id,
    email: person.email,
    name: `Name ${mark}`,
    timezone: "Europe/Berlin",
    pendingEmail: pending,
  });
  expect(part.consents).toEqual(
    [false, true].map((granted) => ({
      purpose: "marketing",
      granted,
      textVersion: `Text ${mark}`,
      at: expect.stringMatching(/Z$/),
    })),
  );
  expect(part.sessions).toHaveLength(2);
  expect(part.sessions[0]).toMatchObject({
    device: `Device${mark}`,
    place: `Place ${mark}`,
    method: "password",
    impersonation: false,
    createdAt: expect.stringMatching(/Z$/),
    endedAt: null,
  });
  expect(part.identities).toMatchObject([
    { provider: "github", subject: `Subject ${mark}`, email: `there-${mark}@example.com`, name: `There ${mark}` },
  ]);
  expect(part.passkeys).toMatchObject([{ name: `Passkey ${mark}`, lastUsedAt: null }]);
  expect(part.secondFactors).toEqual({ authenticatorApp: true, recoveryCodesLeft: 1 });
  expect(part.memberships).toMatchObject([{ organizationId: joined.id, name: `Joined ${mark}`, role: "finance" }]);
  expect(part.invitations).toMatchObject([{ organization: `Inviting ${mark}`, role: "door" }]);
  expect(part.letters).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ address: person.email, kind: "verify_email" }),
      expect.objectContaining({ address: pending, kind: "confirm_email_change" }),
    ]),
  );
  expect(part.trail.map(({ action }) => action)).toEqual(
    expect.arrayContaining(["user.registered", "user.email_verified", "user.profile_changed", "session.started"]),
  );
  expect(part.cutShort).toEqual([]);
});

test("it holds nothing that would open the account, and says what is left out", async () => {
  const mark = crypto.randomUUID().slice(0, 8);
  const { person } = await seeded(mark);
  const response = await read(person);
  const document = await response.text();
  for (const secret of ["$argon2id", `totp-${mark}`, `recovery-${mark}`, `public-${mark}`, person.session.refreshToken])
    expect(document).not.toContain(secret);
  const { results } = await env.USERS_DB.prepare(
    "SELECT hash FROM single_use_tokens WHERE user_id = ?1 UNION SELECT t.hash FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id WHERE s.user_id = ?1",
  )
    .bind(person.user.id)
    .all<{ hash: string }>();
  expect(results.length).toBeGreaterThan(2);
  for (const { hash } of results) expect(document).not.toContain(hash);
  const withheld = JSON.parse(document).parts.users.withheld;
  expect(Object.keys(withheld)).toEqual(["credentials", "totp", "passkeys", "oauthFlows", "idempotencyKeys"]);
});

test("it holds nothing of anybody else, though they have had to do with one another", async () => {
  const [mark, othersMark] = [crypto.randomUUID().slice(0, 8), crypto.randomUUID().slice(0, 8)];
  const { person, host, joined } = await seeded(mark);
  const other = await seeded(othersMark);
  await addMember(joined.id, other.person.user.id, "support");
  const lines = [
    // What the person did to the other, and the other to them; and what somebody did in their place.
    [person.user.id, other.person.user.id, null, "member.role_changed"],
    [other.person.user.id, person.user.id, null, "member.role_changed"],
    [person.user.id, person.user.id, host.user.id, "user.profile_changed"],
  ] as const;
  for (const [actor, target, impersonator, action] of lines) {
    await env.USERS_DB.prepare(
      "INSERT INTO audit (id, actor_kind, actor_id, impersonator_id, action, target_id, after, request_id, at_ms) VALUES (?1, 'user', ?2, ?3, ?4, ?5, ?6, 'req_x', 0)",
    )
      .bind(newId("audit", Date.now()), actor, impersonator, action, target, JSON.stringify({ role: `as ${target}` }))
      .run();
  }
  const document = await (await read(person)).text();
  for (const foreign of [othersMark, other.person.email, host.user.id, host.email, `as ${other.person.user.id}`])
    expect([foreign, document.includes(foreign)]).toEqual([foreign, false]);
  const { trail } = JSON.parse(document).parts.users as Part;
  expect(trail).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ by: "you", about: other.person.user.id, after: null }),
      expect.objectContaining({ by: "another person", about: "you", after: { role: `as ${person.user.id}` } }),
      expect.objectContaining({ by: "support, in your place", about: "you" }),
    ]),
  );
});

test("invitations to an address that was never proven are not told", async () => {
  const squatter = await newPerson();
  const host = await newVerifiedPerson();
  const organization = await newOrganization(host, "Hidden Hall");
  await env.USERS_DB.prepare(
    "INSERT INTO invitations (id, organization_id, email, role, hash, created_at_ms, expires_at_ms) VALUES (?1, ?2, ?3, 'door', ?1, 0, ?4)",
  )
    .bind(newId("invitation", 1), organization.id, squatter.email, Date.now() + 60_000)
    .run();
  expect((await partOf(squatter)).invitations).toEqual([]);
});

test("of a list that is longer than is given the newest are given, and it is named", async () => {
  const person = await newPerson();
  const { id } = person.user;
  await env.USERS_DB.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
     INSERT INTO audit (id, actor_kind, actor_id, action, target_id, request_id, at_ms)
     SELECT printf('aud_%026d', i), 'user', ?1, 'user.profile_changed', ?1, 'req_x', i FROM n`,
  )
    .bind(id, limits.exportRowsMax)
    .run();
  const part = await partOf(person);
  expect(part.trail).toHaveLength(limits.exportRowsMax);
  expect(part.trail[0]).toMatchObject({ action: expect.stringMatching(/^(?:session|user)\./), by: "you" });
  expect(part.trail.at(-1)?.at).not.toBe("1970-01-01T00:00:00.001Z");
  expect(part.cutShort).toEqual(["trail"]);
});

test("the trail says each time that a copy was asked for", async () => {
  const person = await newPerson();
  for (let times = 0; times < 2; times += 1) await partOf(person);
  const row = await env.USERS_DB.prepare(
    "SELECT count(*) AS n FROM audit WHERE action = 'user.exported' AND actor_id = ?1 AND target_id = ?1",
  )
    .bind(person.user.id)
    .first<number>("n");
  expect(row).toBe(2);
});

test("everybody gets their own", async () => {
  const [one, two] = [await newPerson(), await newPerson(freshEmail())];
  for (const [person, other] of [
    [one, two],
    [two, one],
  ] as const) {
    const document = await (await read(person)).text();
    expect(document).toContain(person.email);
    expect(document).not.toContain(other.email);
    expect(document).not.toContain(other.user.id);
  }
});

test("a copy is given to the person alone, and only shortly after they have proven who they are", async () => {
  const person = await newPerson();
  const { id: userId } = person.user;
  const stale = await newTestUser({ userId, authenticatedAtMs: Date.now() - (limits.stepUpFreshSeconds + 5) * 1_000 });
  await expectProblem(await read({ headers: { ...stale.headers } }), 401, "auth.step_up_required");
  const acting = await newTestUser({ userId, impersonatorId: userId });
  await expectProblem(await read({ headers: { ...acting.headers } }), 403, "auth.impersonation_refused");
  const gone = await newTestUser();
  await expectProblem(await read({ headers: { ...gone.headers } }), 401, "auth.invalid_token");
  await expectProblem(await send("GET", path), 401, "auth.required");
  for (const token of Object.values(await badTokens()))
    await expectProblem(await read({ headers: { authorization: `Bearer ${token}` } }), 401, "auth.invalid_token");
});
