import { env } from "cloudflare:workers";
import { limits } from "@foyer/kernel/limits";
import { newTestUser } from "@foyer/testing/tokens";
import { decodeJwt } from "jose";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  expectProblem,
  freshEmail,
  newAdministrator,
  newestLinkSecret,
  newOrganization,
  newPerson,
  newVerifiedPerson,
  noticesTo,
  type Person,
  password,
  send,
  signInAgain,
} from "../support/people.ts";

const path = "/v1/admin/users";
const of = (person: Person) => `${path}/${person.user.id}`;
const reason = "Asked for by support";
const login = (email: string) => send("POST", "/v1/auth/login", { email, password });
const profile = (person: Person) => send("GET", "/v1/users/profile", undefined, person.headers);

/** Lets isolates look at the list of what has ended, which is well within a minute. */
function aMinuteLater(): void {
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 59_000);
}
afterEach(() => void vi.restoreAllMocks());

async function trail(targetId: string, action: string) {
  const { results } = await env.USERS_DB.prepare(
    "SELECT actor_id AS actorId, impersonator_id AS impersonatorId, before, after FROM audit WHERE target_id = ?1 AND action = ?2",
  )
    .bind(targetId, action)
    .all<{ actorId: string; impersonatorId: string | null; before: string | null; after: string | null }>();
  return results;
}

describe("the list of users", () => {
  test("finds by any part of an address or a name, in either case, and by id", async () => {
    const admin = await newAdministrator();
    const tag = crypto.randomUUID().slice(0, 8);
    const email = `Wanted-${tag}@example.com`;
    const registered = await send("POST", "/v1/auth/register", { email, password, name: `Élise ${tag} Ümit` });
    const { user } = await registered.json<{ user: { id: string } }>();
    await newPerson();
    for (const q of [`wanted-${tag}`, tag.slice(1, 7), `ÉLISE ${tag}`, `${tag} Ü`, user.id, `${tag}@example.com`]) {
      const response = await send("GET", `${path}?q=${encodeURIComponent(q)}`, undefined, admin.headers);
      const { data } = await response.json<{ data: { id: string }[] }>();
      expect([q, data.map(({ id }) => id)]).toEqual([q, [user.id]]);
    }
  });

  test("what is searched for is text and never an operator", async () => {
    const admin = await newAdministrator();
    for (const q of [
      '" OR "a',
      "* NEAR(",
      "col:x",
      "'; DROP TABLE users; --",
      "\u{1F3AB}\u{1F3AB}\u{1F3AB}",
      '"""',
      "a%b_c",
    ]) {
      const response = await send("GET", `${path}?q=${encodeURIComponent(q)}`, undefined, admin.headers);
      expect([q, response.status]).toEqual([q, 200]);
    }
    await expectProblem(await send("GET", `${path}?q=ab`, undefined, admin.headers), 422, "request.invalid");
    await expectProblem(
      await send("GET", `${path}?q=${"x".repeat(300)}`, undefined, admin.headers),
      422,
      "request.invalid",
    );
  });

  test("filters by state, role and verification, and pages without gap or repeat", async () => {
    const admin = await newAdministrator();
    const tag = crypto.randomUUID().slice(0, 8);
    const people = [];
    for (let count = 0; count < 5; count += 1) people.push(await newPerson(`${tag}-${count}@example.com`));
    await env.USERS_DB.prepare("UPDATE users SET suspended_at_ms = 1 WHERE id = ?1").bind(people[1]?.user.id).run();
    await env.USERS_DB.prepare("UPDATE users SET email_verified_at_ms = 1 WHERE id = ?1")
      .bind(people[2]?.user.id)
      .run();
    await env.USERS_DB.prepare("UPDATE users SET platform_admin = 1 WHERE id = ?1").bind(people[3]?.user.id).run();
    const find = async (query: string) => {
      const response = await send("GET", `${path}?q=${tag}&${query}`, undefined, admin.headers);
      return (await response.json<{ data: { email: string }[] }>()).data.map(({ email }) => email[9]);
    };
    expect(await find("status=suspended")).toEqual(["1"]);
    expect(await find("status=active")).toEqual(["4", "3", "2", "0"]);
    expect(await find("verified=true")).toEqual(["2"]);
    expect(await find("role=administrator")).toEqual(["3"]);
    const pages: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const query = cursor === "" ? "" : `&cursor=${cursor}`;
      const response = await send("GET", `${path}?q=${tag}&limit=2${query}`, undefined, admin.headers);
      const page: { data: { email: string }[]; nextCursor: string | null } = await response.json();
      pages.push(...page.data.map(({ email }) => email[9] ?? ""));
      cursor = page.nextCursor;
    }
    expect(pages).toEqual(["4", "3", "2", "1", "0"]);
  });

  test("an address that changed is found, and one that is gone is not", async () => {
    const admin = await newAdministrator();
    const person = await newPerson();
    const next = freshEmail();
    await env.USERS_DB.prepare("UPDATE users SET email = ?2 WHERE id = ?1").bind(person.user.id, next).run();
    const find = async (q: string) => {
      const response = await send("GET", `${path}?q=${q}`, undefined, admin.headers);
      return (await response.json<{ data: object[] }>()).data.length;
    };
    expect([await find(next), await find(person.email)]).toEqual([1, 0]);
    await env.USERS_DB.prepare("DELETE FROM users WHERE id = ?1").bind(person.user.id).run();
    expect(await find(next)).toBe(0);
  });
});

test("one user is shown with how they sign in and where they belong, and with no secret", async () => {
  const admin = await newAdministrator();
  const person = await newVerifiedPerson();
  const { id } = await newOrganization(person);
  const response = await send("GET", of(person), undefined, admin.headers);
  const text = await response.text();
  expect(JSON.parse(text)).toMatchObject({
    id: person.user.id,
    status: "active",
    hasPassword: true,
    secondFactors: [],
    identities: [],
    sessions: 1,
    organizations: [{ id, role: "owner" }],
    suspension: null,
  });
  expect(text).not.toMatch(/argon2|\$|hash|secret/i);
});

test("a profile is put right, under the version that was read, and the trail keeps no name", async () => {
  const admin = await newAdministrator();
  const person = await newVerifiedPerson();
  const read = await send("GET", of(person), undefined, admin.headers);
  const etag = read.headers.get("etag") ?? "";
  const again = await send("GET", of(person), undefined, { ...admin.headers, "if-none-match": etag });
  expect(again.status).toBe(304);
  const change = { name: "Organizer Two", locale: "de-DE" };
  const changed = await send("PATCH", of(person), change, { ...admin.headers, "if-match": etag });
  expect(await changed.json()).toMatchObject(change);
  const stale = await send("PATCH", of(person), { name: "Three" }, { ...admin.headers, "if-match": etag });
  await expectProblem(stale, 412, "request.precondition_failed");
  const [line] = await trail(person.user.id, "user.profile_changed");
  expect(line).toMatchObject({ actorId: admin.user.id });
  expect(line?.after).not.toContain("Organizer Two");
});

describe("suspending", () => {
  test("ends sessions at once and refuses tokens within a minute; the owner is told and nobody comes in", async () => {
    const admin = await newAdministrator();
    const person = await newVerifiedPerson();
    await send("POST", "/v1/auth/password/forgot", { email: person.email });
    const link = await newestLinkSecret(person.email, "reset_password");
    const suspended = await send("POST", `${of(person)}/suspend`, { reason }, admin.headers);
    expect(await suspended.json()).toMatchObject({ status: "suspended", suspension: { reason }, sessions: 0 });

    const refreshed = await send("POST", "/v1/auth/refresh", { refreshToken: person.session.refreshToken });
    await expectProblem(refreshed, 401, "users.refresh_invalid");
    await expectProblem(await login(person.email), 403, "users.suspended");
    await expectProblem(
      await send("POST", "/v1/auth/login", { email: person.email, password: "wrong password" }),
      401,
      "users.invalid_credentials",
    );
    const reset = await send("POST", "/v1/auth/password/reset", { token: link, password: "another good password" });
    await expectProblem(reset, 410, "users.token_invalid");
    expect(await noticesTo(person.email)).toEqual(["suspended"]);
    expect(await trail(person.user.id, "user.suspended")).toMatchObject([{ actorId: admin.user.id }]);
    aMinuteLater();
    await expectProblem(await profile(person), 401, "auth.invalid_token");
  });

  test("takes the organizations' doors as well, and restoring opens them", async () => {
    const admin = await newAdministrator();
    const person = await newVerifiedPerson();
    const { id } = await newOrganization(person);
    await send("POST", `${of(person)}/suspend`, { reason }, admin.headers);
    const row = await env.USERS_DB.prepare("SELECT role FROM memberships WHERE organization_id = ?1").bind(id).first();
    expect(row).toEqual({ role: "owner" });
    const restored = await send("POST", `${of(person)}/restore`, { reason }, admin.headers);
    expect(await restored.json()).toMatchObject({ status: "active", suspension: null });
    expect(await noticesTo(person.email)).toEqual(["suspended", "restored"]);
    const back = await signInAgain(person);
    expect((await send("GET", `/v1/organizations/${id}`, undefined, back.headers)).status).toBe(200);
  });

  test("is done once, also by two administrators at once", async () => {
    const [one, two] = [await newAdministrator(), await newAdministrator()];
    const person = await newVerifiedPerson();
    const answers = await Promise.all(
      [one, two].map((admin) => send("POST", `${of(person)}/suspend`, { reason }, admin.headers)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await trail(person.user.id, "user.suspended")).toHaveLength(1);
    await expectProblem(
      await send("POST", `${of(await newPerson())}/restore`, { reason }, one.headers),
      409,
      "users.user_state",
    );
  });

  test("neither oneself nor another administrator", async () => {
    const [admin, other] = [await newAdministrator(), await newAdministrator()];
    for (const target of [admin, other]) {
      const response = await send("POST", `${of(target)}/suspend`, { reason }, admin.headers);
      await expectProblem(response, 409, "users.user_state");
    }
  });
});

describe("roles on the platform", () => {
  const setRoles = (admin: Person, person: Person, roles: unknown) =>
    send("POST", `${of(person)}/roles`, { roles }, admin.headers);

  test("whoever gains one has it in their next token, whoever loses it cannot use it within a minute", async () => {
    const admin = await newAdministrator();
    const person = await newVerifiedPerson();
    expect((await send("GET", path, undefined, person.headers)).status).toBe(403);
    expect((await setRoles(admin, person, ["administrator"])).status).toBe(200);
    const promoted = await signInAgain(person);
    expect(promoted.user.platformRoles).toEqual(["administrator"]);
    expect((await send("GET", path, undefined, promoted.headers)).status).toBe(200);
    expect((await setRoles(admin, person, [])).status).toBe(200);
    expect(await trail(person.user.id, "user.roles_changed")).toHaveLength(2);
    aMinuteLater();
    await expectProblem(await send("GET", path, undefined, promoted.headers), 401, "auth.invalid_token");
  });

  test("the last administrator stays, also when two take each other's role away at once", async () => {
    const [one, two] = [await newAdministrator(), await newAdministrator()];
    await env.USERS_DB.prepare("UPDATE users SET platform_admin = 0 WHERE id NOT IN (?1, ?2)")
      .bind(one.user.id, two.user.id)
      .run();
    const answers = await Promise.all([setRoles(one, two, []), setRoles(two, one, [])]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const left = await env.USERS_DB.prepare("SELECT count(*) AS left FROM users WHERE platform_admin = 1").first(
      "left",
    );
    expect(left).toBe(1);
  });

  test("nobody whose address is not verified, or who is suspended, and no role that is none", async () => {
    const admin = await newAdministrator();
    await expectProblem(await setRoles(admin, await newPerson(), ["administrator"]), 403, "users.email_not_verified");
    const person = await newVerifiedPerson();
    await send("POST", `${of(person)}/suspend`, { reason }, admin.headers);
    await expectProblem(await setRoles(admin, person, ["administrator"]), 409, "users.user_state");
    for (const roles of [["owner"], "administrator", ["administrator", "administrator"], null, [1]]) {
      expect((await setRoles(admin, await newVerifiedPerson(), roles)).status).toBe(422);
    }
  });
});

describe("acting in a user's place", () => {
  async function impersonate(admin: Person, person: Person): Promise<Record<string, string>> {
    const response = await send("POST", `${of(person)}/impersonate`, { reason }, admin.headers);
    expect(response.status).toBe(200);
    const body = await response.json<{ accessToken: string; expiresIn: number; refreshToken?: string }>();
    expect(body.expiresIn).toBe(limits.impersonationTtlSeconds);
    expect(body.refreshToken).toBeUndefined();
    return { authorization: `Bearer ${body.accessToken}` };
  }

  test("is seen by the user, told to them, written down with both names, and without the administrator's rights", async () => {
    const admin = await newAdministrator();
    const person = await newVerifiedPerson();
    const acting = await impersonate(admin, person);
    expect(await (await send("GET", "/v1/users/profile", undefined, acting)).json()).toMatchObject({
      id: person.user.id,
    });
    await send("PATCH", "/v1/users/profile", { locale: "de" }, acting);
    expect(await trail(person.user.id, "user.profile_changed")).toMatchObject([
      { actorId: person.user.id, impersonatorId: admin.user.id },
    ]);
    expect(await trail(person.user.id, "user.impersonated")).toMatchObject([{ actorId: admin.user.id }]);
    expect(await noticesTo(person.email)).toEqual(["impersonated"]);
    const listed = await send("GET", "/v1/users/profile/sessions", undefined, person.headers);
    const { data } = await listed.json<{ data: { id: string; impersonation: boolean; method: string }[] }>();
    expect(data.filter(({ impersonation }) => impersonation)).toMatchObject([{ method: "impersonation" }]);
    expect((await send("GET", path, undefined, acting)).status).toBe(403);
  });

  test("reaches nothing about how one signs in, and ends after a quarter of an hour", async () => {
    const admin = await newAdministrator();
    const person = await newVerifiedPerson();
    const acting = await impersonate(admin, person);
    const change = { currentPassword: password, password: "another good password" };
    await expectProblem(
      await send("POST", "/v1/auth/password/change", change, acting),
      403,
      "auth.impersonation_refused",
    );
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + limits.impersonationTtlSeconds * 1000);
    await expectProblem(await send("GET", "/v1/users/profile", undefined, acting), 401, "auth.invalid_token");
  });

  test("ends when the user says so, or when its administrator loses the role", async () => {
    const [admin, other] = [await newAdministrator(), await newAdministrator()];
    const person = await newVerifiedPerson();
    const first = await impersonate(admin, person);
    const { sid } = decodeJwt(first.authorization?.slice(7) ?? "");
    expect((await send("DELETE", `/v1/users/profile/sessions/${sid}`, undefined, person.headers)).status).toBe(204);
    const second = await impersonate(admin, person);
    await send("POST", `${of(admin)}/roles`, { roles: [] }, other.headers);
    aMinuteLater();
    for (const headers of [first, second]) {
      await expectProblem(await send("GET", "/v1/users/profile", undefined, headers), 401, "auth.invalid_token");
    }
  });

  test("of an administrator, of oneself, of somebody suspended, and by somebody who is impersonating, is refused", async () => {
    const [admin, other] = [await newAdministrator(), await newAdministrator()];
    const person = await newVerifiedPerson();
    for (const target of [admin, other]) {
      const response = await send("POST", `${of(target)}/impersonate`, { reason }, admin.headers);
      await expectProblem(response, 409, "users.user_state");
    }
    const acting = await newTestUser({ userId: admin.user.id, platformAdmin: true, impersonatorId: other.user.id });
    const chained = await send("POST", `${of(person)}/impersonate`, { reason }, { ...acting.headers });
    await expectProblem(chained, 403, "auth.impersonation_refused");
    await send("POST", `${of(person)}/suspend`, { reason }, admin.headers);
    const suspended = await send("POST", `${of(person)}/impersonate`, { reason }, admin.headers);
    await expectProblem(suspended, 409, "users.user_state");
  });
});

test("a user is signed out everywhere, told, and counted", async () => {
  const admin = await newAdministrator();
  const person = await newVerifiedPerson();
  await login(person.email);
  const revoked = await send("POST", `${of(person)}/sessions/revoke`, { reason }, admin.headers);
  expect(await revoked.json()).toEqual({ ended: 2 });
  const refreshed = await send("POST", "/v1/auth/refresh", { refreshToken: person.session.refreshToken });
  await expectProblem(refreshed, 401, "users.refresh_invalid");
  expect(await noticesTo(person.email)).toEqual(["sessions_ended"]);
  expect((await login(person.email)).status).toBe(200);
});

test("the figures count what is there", async () => {
  const admin = await newAdministrator();
  const read = async () =>
    (await send("GET", "/v1/admin/stats", undefined, admin.headers)).json<{ users: Record<string, number> }>();
  const before = await read();
  const person = await newVerifiedPerson();
  await newPerson();
  await send("POST", `${of(person)}/suspend`, { reason }, admin.headers);
  const after = await read();
  const grown = Object.fromEntries(
    Object.entries(after.users).map(([name, value]) => [name, value - (before.users[name] ?? 0)]),
  );
  expect(grown).toEqual({
    total: 2,
    verified: 1,
    suspended: 1,
    withSecondFactor: 0,
    newInDay: 2,
    newInWeek: 2,
    seenInDay: 2,
  });
});

const unknown = `${path}/usr_${"0".repeat(26)}`;
const operations: readonly (readonly [string, string, unknown])[] = [
  ["GET", path, undefined],
  ["GET", unknown, undefined],
  ["PATCH", unknown, { name: "Mine" }],
  ["POST", `${unknown}/suspend`, { reason }],
  ["POST", `${unknown}/restore`, { reason }],
  ["POST", `${unknown}/roles`, { roles: ["administrator"] }],
  ["POST", `${unknown}/impersonate`, { reason }],
  ["POST", `${unknown}/sessions/revoke`, { reason }],
  ["GET", "/v1/admin/stats", undefined],
  ["GET", "/v1/admin/audit", undefined],
];

test.each(operations)(
  "%s %s is for administrators only, and a change takes a fresh proof",
  async (method, route, body) => {
    await expectProblem(await send(method, route, body), 401, "auth.required");
    const person = await newVerifiedPerson();
    await expectProblem(await send(method, route, body, person.headers), 403, "auth.forbidden");
    const staleMs = Date.now() - (limits.stepUpFreshSeconds + 1) * 1000;
    const stale = await newTestUser({ platformAdmin: true, authenticatedAtMs: staleMs });
    const answer = await send(method, route, body, { ...stale.headers });
    if (method === "GET") expect(answer.status).toBe(route === unknown ? 404 : 200);
    else await expectProblem(answer, 401, "auth.step_up_required");
    const admin = await newAdministrator();
    if (route.startsWith(unknown)) {
      await expectProblem(await send(method, route, body, admin.headers), 404, "users.user_not_found");
      const nonsense = route.replace(/usr_0+/, "usr_1");
      expect((await send(method, nonsense, body, admin.headers)).status).toBe(404);
    }
  },
);

test.each([
  ["no reason", {}],
  ["an empty one", { reason: "  " }],
  ["a huge one", { reason: "x".repeat(501) }],
  ["one with a NUL", { reason: "a\u0000b" }],
  ["another field", { reason, status: "active" }],
])("%s is no reason to suspend", async (_, body) => {
  const admin = await newAdministrator();
  const person = await newVerifiedPerson();
  await expectProblem(await send("POST", `${of(person)}/suspend`, body, admin.headers), 422, "request.invalid");
});
