import { env, exports } from "cloudflare:workers";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { photographs } from "@foyer/testing/photographs";
import { newTestUser } from "@foyer/testing/tokens";
import { expect, test, vi } from "vitest";
import { noClient } from "../../src/domain/client.ts";
import { eraseAccount } from "../../src/service/erasure/erase-account.ts";
import { retellErasures } from "../../src/service/erasure/retell-erasures.ts";
import { deployment } from "../support/deployment.ts";
import { deliver, message, promised } from "../support/messages.ts";
import {
  addMember,
  expectProblem,
  freshEmail,
  letterIds,
  newOrganization,
  newPerson,
  newVerifiedPerson,
  noticesTo,
  type Person,
  password,
  send,
  systemCall,
  userCall,
  usersRpc,
} from "../support/people.ts";

const path = "/v1/users/profile";
const erase = (person: Pick<Person, "headers">) => send("DELETE", path, undefined, person.headers);
const workers = ["events", "bookings", "payments", "notifications"] as const;

/** Every row of every table that holds this text, by table. */
async function tablesHolding(text: string): Promise<string[]> {
  const { results } = await env.USERS_DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*' ORDER BY name",
  ).all<{ name: string }>();
  const found: string[] = [];
  for (const { name } of results) {
    const { results: rows } = await env.USERS_DB.prepare(`SELECT * FROM "${name}"`).all();
    if (JSON.stringify(rows).includes(text)) found.push(name);
  }
  return found;
}

/** The worker with its outbox left alone, so that what it promised can be looked at. */
function silent() {
  return deployment({}, { drain: async () => {} }).deps;
}

function answerOf(person: Person, worker: (typeof workers)[number]) {
  return message("user.erased", { userId: person.user.id, worker });
}

test("an erased account is gone at once, and signs in no more", async () => {
  const person = await newVerifiedPerson();
  const response = await erase(person);
  expect(response.status).toBe(202);
  expect(response.headers.get("cache-control")).toBe("no-store");
  const cookies = response.headers.getSetCookie();
  expect(cookies.map((cookie) => [cookie.split("=")[0], cookie.includes("Max-Age=0")])).toEqual([
    ["__Host-foyer_access", true],
    ["__Host-foyer_refresh", true],
  ]);
  expect(await response.json()).toEqual({
    erasure: { requestedAt: expect.stringMatching(/^20.*Z$/), status: "under_way" },
  });
  const login = await send("POST", "/v1/auth/login", { email: person.email, password });
  await expectProblem(login, 401, "users.invalid_credentials");
  const { refreshToken } = person.session;
  await expectProblem(await send("POST", "/v1/auth/refresh", { refreshToken }), 401, "users.refresh_invalid");
  await expectProblem(await erase(person), 401, "auth.invalid_token");
  // Whatever token is still about is void everywhere, as soon as the list of what has ended is looked at again.
  const published = await usersRpc.getRevocations({ after: 0 });
  expect(published.map(({ subject }) => subject)).toContain(person.user.id);
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 11_000);
  const late = await send("POST", "/v1/organizations", { name: "Mine" }, person.headers);
  vi.restoreAllMocks();
  await expectProblem(late, 401, "auth.invalid_token");
});

test("nothing but the last letter and the erasure itself holds the address, and nothing holds the name", async () => {
  const person = await newVerifiedPerson();
  const { id } = person.user;
  const name = `Buyer ${crypto.randomUUID()}`;
  await send("PATCH", path, { name, locale: "pt-BR" }, person.headers);
  await uploadPicture(person);
  await send("POST", `${path}/email`, { email: freshEmail() }, person.headers);
  await send("POST", "/v1/auth/password/forgot", { email: person.email });
  const host = await newVerifiedPerson();
  const organization = await newOrganization(host);
  await addMember(organization.id, id, "admin");
  await env.USERS_DB.batch([
    env.USERS_DB.prepare(
      "INSERT INTO identities (id, user_id, provider, subject, email, name, created_at_ms, last_used_at_ms) VALUES (?1, ?2, 'github', ?2, ?3, ?4, 0, 0)",
    ).bind(newId("identity", 1), id, person.email, name),
    env.USERS_DB.prepare(
      "INSERT INTO passkeys (id, user_id, credential_id, public_key, counter, transports, backed_up, name, created_at_ms) VALUES (?1, ?2, ?1, '', 0, '[]', 0, ?3, 0)",
    ).bind(newId("passkey", 1), id, name),
    env.USERS_DB.prepare("INSERT INTO totp (user_id, secret, created_at_ms) VALUES (?1, '', 0)").bind(id),
    env.USERS_DB.prepare("INSERT INTO recovery_codes (hash, user_id) VALUES (?1, ?1)").bind(id),
    env.USERS_DB.prepare(
      "INSERT INTO invitations (id, organization_id, email, role, hash, created_at_ms, expires_at_ms) VALUES (?1, ?2, ?3, 'door', ?1, 0, ?4)",
    ).bind(newId("invitation", 1), organization.id, person.email, Date.now() + 60_000),
    env.USERS_DB.prepare(
      "INSERT INTO letters (id, address, subject, created_at_ms, expires_at_ms) VALUES (?1, ?2, '{}', 0, ?3)",
    ).bind(newId("letter", 1), person.email, Date.now() + 60_000),
  ]);
  expect((await tablesHolding(name)).length).toBeGreaterThan(2);

  expect((await erase(person)).status).toBe(202);
  expect(await tablesHolding(name)).toEqual([]);
  expect(await tablesHolding(person.email)).toEqual(["erasures", "letters"]);
  expect(await letterIds(person.email, "notice")).toHaveLength(1);
  expect(await noticesTo(person.email)).toEqual(["erased"]);
  // What is kept of them says that somebody was there, by an id that leads to nobody.
  expect(await tablesHolding(id)).toEqual(["audit", "erasures", "revocations"]);
  expect((await env.AVATARS.list()).objects.map(({ key }) => key)).toEqual([]);
  const members = await send("GET", `/v1/organizations/${organization.id}/members`, undefined, host.headers);
  expect(await members.text()).not.toContain(id);
});

test("the workers that keep data are told by the id alone, in the transaction of the erasure", async () => {
  const person = await newVerifiedPerson();
  const deps = silent();
  const result = await eraseAccount(deps, { ...userCall(person.user.id), client: noClient });
  expect(result.ok).toBe(true);
  expect(await promised("user.erasure_due")).toEqual(
    workers.toSorted().map((consumer) => ({ consumer, payload: { userId: person.user.id } })),
  );
});

test("only workers may ask whom to look for, and only until all have answered", async () => {
  const person = await newVerifiedPerson();
  const userId = person.user.id;
  const unknown = { ok: false, error: { code: "users.erasure_unknown" } };
  expect(await usersRpc.getErasure(systemCall, { userId })).toMatchObject(unknown);
  const beforeMs = Date.now();
  await erase(person);
  expect(await usersRpc.getErasure(systemCall, { userId })).toEqual({
    ok: true,
    value: { userId, email: person.email, emailVerified: true, requestedAtMs: expect.any(Number) },
  });
  const due = await usersRpc.getErasure(systemCall, { userId });
  expect(due.ok && due.value.requestedAtMs >= beforeMs && due.value.requestedAtMs <= Date.now()).toBe(true);
  expect(await usersRpc.getErasure(userCall(userId), { userId })).toMatchObject({ error: { code: "auth.forbidden" } });
  const strange = { userId: "x' OR 1=1" as typeof userId };
  expect(await usersRpc.getErasure(systemCall, strange)).toMatchObject({ error: { code: "request.invalid" } });

  for (const worker of workers) {
    expect((await usersRpc.getErasure(systemCall, { userId })).ok).toBe(true);
    expect((await deliver([answerOf(person, worker)])).explicitAcks).toEqual(["m0"]);
  }
  expect(await usersRpc.getErasure(systemCall, { userId })).toMatchObject(unknown);
  expect(await tablesHolding(person.email)).toEqual(["letters"]);
});

test("answers count once each, in whatever order and however often they come, and the end is noted once", async () => {
  const person = await newVerifiedPerson();
  await erase(person);
  const early = answerOf(person, "notifications");
  await deliver([
    early,
    early,
    answerOf(person, "notifications"),
    answerOf(person, "payments"),
    answerOf(person, "events"),
  ]);
  await deliver([early, answerOf(person, "bookings"), answerOf(person, "bookings"), { not: "a message" }]);
  const { results } = await env.USERS_DB.prepare(
    "SELECT actor_kind AS kind, actor_id AS id FROM audit WHERE action = 'user.erasure_completed' AND target_id = ?1",
  )
    .bind(person.user.id)
    .all();
  expect(results).toEqual([{ kind: "system", id: "bookings" }]);
  const row = await env.USERS_DB.prepare("SELECT email, completed_at_ms AS completed FROM erasures WHERE user_id = ?1")
    .bind(person.user.id)
    .first();
  expect(row).toEqual({ email: null, completed: expect.any(Number) });
});

test("an answer about somebody who is not being erased changes nothing", async () => {
  const person = await newVerifiedPerson();
  for (const worker of workers) {
    expect((await deliver([answerOf(person, worker)])).explicitAcks).toEqual(["m0"]);
  }
  expect((await send("GET", path, undefined, person.headers)).status).toBe(200);
  expect(await tablesHolding(person.user.id)).not.toContain("erasure_confirmations");
});

test("what the queue gave up on is kept as a dead letter", async () => {
  const person = await newVerifiedPerson();
  const letter = answerOf(person, "bookings");
  await deliver([letter], "foyer-users-dlq");
  const row = await env.USERS_DB.prepare("SELECT type FROM dead_letters WHERE message_id = ?1").bind(letter.id).first();
  expect(row).toEqual({ type: "user.erased" });
});

test("who has not answered for long is told again, and nobody else", async () => {
  const [waiting, done] = [await newVerifiedPerson(), await newVerifiedPerson()];
  for (const person of [waiting, done]) await erase(person);
  await deliver([answerOf(waiting, "payments"), ...workers.map((worker) => answerOf(done, worker))]);
  const points: unknown[] = [];
  const retell = async (aheadSeconds: number) => {
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + aheadSeconds * 1_000);
    const { deps } = deployment({ METRICS: { writeDataPoint: (point) => points.push(point) } });
    await retellErasures(deps, "req_test");
    vi.restoreAllMocks();
    return (await promised("user.erasure_due")).filter(({ payload }) =>
      [waiting.user.id, done.user.id].includes(payload.userId),
    );
  };
  await promised("user.erasure_due");
  expect(await retell(limits.erasureRetellSeconds - 60)).toEqual([]);
  const told = ["bookings", "events", "notifications"].map((consumer) => ({
    consumer,
    payload: { userId: waiting.user.id },
  }));
  expect(await retell(limits.erasureRetellSeconds + 1)).toEqual(told);
  expect(await retell(limits.erasureRetellSeconds + 60)).toEqual([]);
  expect(await retell(2 * limits.erasureRetellSeconds + 2)).toEqual(told);
  expect(JSON.stringify(points)).toContain("worker=bookings");
});

test("the only owner of an organization stays until another has it, and is told of which", async () => {
  const owner = await newVerifiedPerson();
  const alone = await newOrganization(owner, "Concert Hall");
  const shared = await newOrganization(owner, "Opera");
  const partner = await newVerifiedPerson();
  await addMember(shared.id, partner.user.id, "owner");
  await addMember(alone.id, partner.user.id, "admin");
  const response = await erase(owner);
  const problem = await expectProblem(response, 409, "users.sole_owner");
  expect(problem).toMatchObject({ organizations: [{ id: alone.id, name: "Concert Hall" }] });
  expect((await send("GET", path, undefined, owner.headers)).status).toBe(200);
  expect(await noticesTo(owner.email)).toEqual([]);

  await env.USERS_DB.prepare("UPDATE memberships SET role = 'owner' WHERE user_id = ?1").bind(partner.user.id).run();
  expect((await erase(owner)).status).toBe(202);
  await expectProblem(await erase(partner), 409, "users.sole_owner");
});

test("of two owners who go at the same moment one stays", async () => {
  const [one, two] = [await newVerifiedPerson(), await newVerifiedPerson()];
  const organization = await newOrganization(one);
  await addMember(organization.id, two.user.id, "owner");
  const answers = await Promise.all([erase(one), erase(two)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
  const owners = await env.USERS_DB.prepare(
    "SELECT count(*) AS n FROM memberships WHERE organization_id = ?1 AND role = 'owner'",
  )
    .bind(organization.id)
    .first<number>("n");
  expect(owners).toBe(1);
});

test("an ownership that is lost between the look and the erasure stops it whole", async () => {
  const owner = await newVerifiedPerson();
  const organization = await newOrganization(owner);
  const { deps } = deployment({}, { drain: async () => {} });
  let looked = false;
  const members = {
    ...deps.members,
    // The first look sees a second owner who is gone when the erasure is committed.
    listSolelyOwned: async (userId: typeof owner.user.id) => {
      const found = looked ? await deps.members.listSolelyOwned(userId) : [];
      looked = true;
      return found;
    },
  };
  const result = await eraseAccount({ ...deps, members }, { ...userCall(owner.user.id), client: noClient });
  expect(result).toMatchObject({
    ok: false,
    error: { code: "users.sole_owner", extra: { organizations: [{ id: organization.id }] } },
  });
  expect((await send("GET", path, undefined, owner.headers)).status).toBe(200);
  expect(await promised("user.erasure_due")).toEqual([]);
});

test("erasing twice at the same moment is one erasure", async () => {
  const person = await newVerifiedPerson();
  const answers = await Promise.all(Array.from({ length: 4 }, () => erase(person)));
  expect(answers.every(({ status }) => status === 202 || status === 401)).toBe(true);
  expect(answers.some(({ status }) => status === 202)).toBe(true);
  const { results } = await env.USERS_DB.prepare("SELECT id FROM audit WHERE action = 'user.erased' AND target_id = ?1")
    .bind(person.user.id)
    .all();
  expect(results).toHaveLength(1);
});

test("what is another's stays, though it names an address that was never proven", async () => {
  const squatter = await newPerson();
  const host = await newVerifiedPerson();
  const organization = await newOrganization(host);
  await env.USERS_DB.prepare(
    "INSERT INTO invitations (id, organization_id, email, role, hash, created_at_ms, expires_at_ms) VALUES (?1, ?2, ?3, 'door', ?1, 0, ?4)",
  )
    .bind(newId("invitation", 1), organization.id, squatter.email, Date.now() + 60_000)
    .run();
  await erase(squatter);
  expect(await tablesHolding(squatter.email)).toEqual(["erasures", "invitations", "letters"]);
  expect(await usersRpc.getErasure(systemCall, { userId: squatter.user.id })).toMatchObject({
    value: { emailVerified: false },
  });
});

test("the address is free at once, and whoever registers it is another person", async () => {
  const person = await newVerifiedPerson();
  await erase(person);
  const again = await newPerson(person.email);
  expect(again.user.id).not.toBe(person.user.id);
  await deliver(workers.map((worker) => answerOf(person, worker)));
  expect((await send("GET", path, undefined, again.headers)).status).toBe(200);
  expect(await usersRpc.getErasure(systemCall, { userId: again.user.id })).toMatchObject({ ok: false });
});

async function uploadPicture(person: Person): Promise<void> {
  const response = await exports.default.fetch(`https://users${path}/avatar`, {
    method: "POST",
    headers: { "content-type": "image/png", ...person.headers },
    body: photographs.png.bytes,
  });
  expect(response.status).toBe(200);
}

test("a picture that could not be removed with its person is swept", async () => {
  const person = await newVerifiedPerson();
  await uploadPicture(person);
  const stored = async () => (await env.AVATARS.list()).objects.length;
  expect(await stored()).toBe(1);
  const { deps } = deployment({}, { drain: async () => {} });
  const avatarStore = { ...deps.avatarStore, remove: () => Promise.reject(new Error("bucket down")) };
  expect((await eraseAccount({ ...deps, avatarStore }, { ...userCall(person.user.id), client: noClient })).ok).toBe(
    true,
  );
  expect(await stored()).toBe(1);
  await exports.default.scheduled();
  expect(await stored()).toBe(0);
});

test("an account is erased by its owner alone, and only shortly after they have proven who they are", async () => {
  const person = await newVerifiedPerson();
  const { id: userId } = person.user;
  const stale = await newTestUser({ userId, authenticatedAtMs: Date.now() - 3_600_000 });
  await expectProblem(await erase({ headers: { ...stale.headers } }), 401, "auth.step_up_required");
  const acting = await newTestUser({ userId, impersonatorId: userId });
  await expectProblem(await erase({ headers: { ...acting.headers } }), 403, "auth.impersonation_refused");
  await expectProblem(await send("DELETE", path), 401, "auth.required");
  expect((await send("GET", path, undefined, person.headers)).status).toBe(200);
});
