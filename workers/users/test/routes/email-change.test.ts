import { env, exports } from "cloudflare:workers";
import type { UserBody } from "@foyer/contracts/users/api/people";
import type { SessionBody } from "@foyer/contracts/users/api/sessions";
import { newTestUser } from "@foyer/testing/tokens";
import { expect, test, vi } from "vitest";
import { attemptPolicies } from "../../src/domain/attempts.ts";
import {
  expectProblem,
  freshEmail,
  letterIds,
  newestLinkSecret,
  newPerson,
  newVerifiedPerson,
  noticesTo,
  type Person,
  password,
  send,
} from "../support/people.ts";

const path = "/v1/users/profile/email";
const ask = (person: Pick<Person, "headers">, email: unknown) => send("POST", path, { email }, person.headers);
const cancel = (person: Pick<Person, "headers">) => send("DELETE", path, undefined, person.headers);
const confirm = (token: unknown, headers: Record<string, string> = {}) =>
  send("POST", "/v1/auth/email/confirm-change", { token }, headers);
const linkTo = (email: string) => newestLinkSecret(email, "confirm_email_change");
const profileOf = async (person: Person) =>
  (await send("GET", "/v1/users/profile", undefined, person.headers)).json<UserBody>();
const refresh = (session: SessionBody) => send("POST", "/v1/auth/refresh", { refreshToken: session.refreshToken });

async function login(email: string): Promise<{ user: UserBody; session: SessionBody }> {
  const response = await send("POST", "/v1/auth/login", { email, password });
  expect(response.status).toBe(200);
  return response.json();
}

async function trailOf(person: Person): Promise<unknown[]> {
  const { results } = await env.USERS_DB.prepare(
    "SELECT action, before, after FROM audit WHERE target_id = ?1 AND action LIKE 'user.email_change%' ORDER BY rowid",
  )
    .bind(person.user.id)
    .all();
  return results;
}

/** A change that was asked for, with the links that were mailed to both sides. */
async function asked(person: Person, email = freshEmail()) {
  expect((await ask(person, email)).status).toBe(202);
  return { email, current: await linkTo(person.email), next: await linkTo(email) };
}

test.each([
  ["the current address first", ["current", "next"]],
  ["the new address first", ["next", "current"]],
] as const)("an account gets another address once both agree, %s", async (_, order) => {
  const person = await newVerifiedPerson();
  const change = await asked(person);
  expect(await profileOf(person)).toMatchObject({ email: person.email, pendingEmail: change.email });
  const first = await confirm(change[order[0]]);
  const missing = order[1] === "next" ? "new_address" : "current_address";
  expect([first.status, await first.json()]).toEqual([200, { status: "waiting", waitingFor: [missing] }]);
  expect((await profileOf(person)).email).toBe(person.email);
  const second = await confirm(change[order[1]]);
  expect([second.status, await second.json()]).toEqual([200, { status: "changed", waitingFor: [] }]);

  const { user } = await login(change.email);
  expect(user).toMatchObject({ id: person.user.id, email: change.email, emailVerified: true, pendingEmail: null });
  await expectProblem(
    await send("POST", "/v1/auth/login", { email: person.email, password }),
    401,
    "users.invalid_credentials",
  );
});

test("both addresses are told, the trail masks them, and everybody is signed out", async () => {
  const person = await newVerifiedPerson();
  const other = await login(person.email);
  const change = await asked(person);
  await confirm(change.current);
  await confirm(change.next);
  expect(await noticesTo(person.email)).toEqual(["email_changed"]);
  expect(await noticesTo(change.email)).toEqual(["email_changed"]);
  for (const session of [person.session, other.session])
    await expectProblem(await refresh(session), 401, "users.refresh_invalid");
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 11_000);
  const late = await send("GET", "/v1/users/profile", undefined, person.headers);
  vi.restoreAllMocks();
  await expectProblem(late, 401, "auth.invalid_token");

  const trail = await trailOf(person);
  expect(trail.map((line) => Object(line).action)).toEqual([
    "user.email_change_requested",
    "user.email_change_confirmed",
    "user.email_changed",
  ]);
  expect(JSON.stringify(trail)).toContain("***@example.com");
  for (const email of [person.email, change.email]) expect(JSON.stringify(trail)).not.toContain(email);
});

test("whoever confirms from the account's own session stays signed in there, and only there", async () => {
  const person = await newVerifiedPerson();
  const other = await login(person.email);
  const change = await asked(person);
  await confirm(change.current);
  expect((await confirm(change.next, person.headers)).status).toBe(200);
  expect((await refresh(person.session)).status).toBe(200);
  await expectProblem(await refresh(other.session), 401, "users.refresh_invalid");
});

test("a link that is opened in a stranger's session keeps nobody signed in", async () => {
  const person = await newVerifiedPerson();
  const stranger = await newVerifiedPerson();
  const change = await asked(person);
  await confirm(change.current, stranger.headers);
  expect((await confirm(change.next, stranger.headers)).status).toBe(200);
  await expectProblem(await refresh(person.session), 401, "users.refresh_invalid");
  expect((await refresh(stranger.session)).status).toBe(200);
  expect((await profileOf(stranger)).email).toBe(stranger.email);
});

test("an address that was never proven has no say: the new one alone decides", async () => {
  const person = await newPerson();
  const email = freshEmail();
  expect((await ask(person, email)).status).toBe(202);
  expect(await letterIds(person.email, "confirm_email_change")).toEqual([]);
  const verification = await newestLinkSecret(person.email);
  const response = await confirm(await linkTo(email));
  expect(await response.json()).toEqual({ status: "changed", waitingFor: [] });
  expect((await login(email)).user).toMatchObject({ id: person.user.id, emailVerified: true });
  // The link to the address that is left proves nothing of the account any more.
  const late = await send("POST", "/v1/auth/email/verify", { token: verification, password });
  await expectProblem(late, 410, "users.token_invalid");
});

test("one side alone, however often, changes nothing", async () => {
  const person = await newVerifiedPerson();
  const change = await asked(person);
  expect((await confirm(change.next)).status).toBe(200);
  for (let times = 0; times < 3; times += 1)
    await expectProblem(await confirm(change.next), 410, "users.token_invalid");
  expect(await profileOf(person)).toMatchObject({ email: person.email, pendingEmail: change.email });
  await login(person.email);
});

test("both sides at the same moment are two agreements, and of ten clicks on each exactly one counts", async () => {
  const person = await newVerifiedPerson();
  const change = await asked(person);
  const clicks = Array.from({ length: 10 }, () => [confirm(change.current), confirm(change.next)]).flat();
  const answers = await Promise.all(clicks);
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(2);
  expect(statuses.filter((status) => status === 410)).toHaveLength(18);
  expect((await login(change.email)).user.id).toBe(person.user.id);
  expect(await noticesTo(change.email)).toEqual(["email_changed"]);
});

test("links are over after an hour, when they are taken back, and when another address is asked for", async () => {
  const person = await newVerifiedPerson();
  const first = await asked(person);
  await confirm(first.current);
  const second = await asked(person);
  for (const token of [first.current, first.next])
    await expectProblem(await confirm(token), 410, "users.token_invalid");
  // The agreement to the first address was none to the second.
  expect(await (await confirm(second.next)).json()).toEqual({ status: "waiting", waitingFor: ["current_address"] });

  expect((await cancel(person)).status).toBe(204);
  expect((await cancel(person)).status).toBe(204);
  await expectProblem(await confirm(second.current), 410, "users.token_invalid");
  expect(await profileOf(person)).toMatchObject({ email: person.email, pendingEmail: null });

  const third = await asked(person);
  await env.USERS_DB.prepare("UPDATE single_use_tokens SET expires_at_ms = ?2 WHERE user_id = ?1")
    .bind(person.user.id, Date.now() - 1)
    .run();
  for (const token of [third.current, third.next])
    await expectProblem(await confirm(token), 410, "users.token_invalid");
  expect((await profileOf(person)).email).toBe(person.email);
});

test("asking for an address that has an account answers alike, mails its owner nothing, and can never be confirmed", async () => {
  const person = await newVerifiedPerson();
  const owner = await newVerifiedPerson();
  const answers = await Promise.all(
    [owner.email, freshEmail()].map(async (email) => {
      const asker = await newVerifiedPerson();
      const response = await ask(asker, email);
      const headers = [...response.headers].filter(([name]) => name !== "x-request-id");
      const { pendingEmail } = await profileOf(asker);
      const letters = await letterIds(asker.email, "confirm_email_change");
      return {
        status: response.status,
        body: await response.text(),
        headers,
        told: pendingEmail === email,
        letters: letters.length,
      };
    }),
  );
  expect(answers[0]).toEqual(answers[1]);
  expect(answers[0]).toMatchObject({ status: 202, body: "", told: true, letters: 1 });

  await ask(person, owner.email);
  expect(await letterIds(owner.email, "confirm_email_change")).toEqual([]);
  expect(await (await confirm(await linkTo(person.email))).json()).toMatchObject({ waitingFor: ["new_address"] });
  expect(await profileOf(owner)).toMatchObject({ email: owner.email, pendingEmail: null });
});

test("an address that somebody registers meanwhile is theirs, and the last to confirm is told", async () => {
  const person = await newVerifiedPerson();
  const change = await asked(person);
  await confirm(change.current);
  const newcomer = await newPerson(change.email);
  await expectProblem(await confirm(change.next), 409, "users.email_taken");
  expect((await profileOf(person)).email).toBe(person.email);
  expect((await profileOf(newcomer)).email).toBe(change.email);
  expect((await refresh(person.session)).status).toBe(200);
  expect(await noticesTo(person.email)).toEqual([]);
});

test("of an account and a newcomer who want one address at the same moment exactly one gets it", async () => {
  const person = await newVerifiedPerson();
  const change = await asked(person);
  await confirm(change.current);
  const body = { email: change.email, password, name: "Newcomer" };
  const [confirmed, registered] = await Promise.all([confirm(change.next), send("POST", "/v1/auth/register", body)]);
  expect([confirmed.status, registered.status]).toBeOneOf([
    [200, 409],
    [409, 201],
  ]);
  const { results } = await env.USERS_DB.prepare("SELECT id FROM users WHERE email = ?1").bind(change.email).all();
  expect(results).toHaveLength(1);
});

test("a link for one purpose does not do for another", async () => {
  const person = await newVerifiedPerson();
  const change = await asked(person);
  await send("POST", "/v1/auth/password/forgot", { email: person.email });
  const reset = await newestLinkSecret(person.email, "reset_password");
  await expectProblem(await confirm(reset), 410, "users.token_invalid");
  const asReset = await send("POST", "/v1/auth/password/reset", {
    token: change.current,
    password: "another password",
  });
  await expectProblem(asReset, 410, "users.token_invalid");
  const asVerification = await send("POST", "/v1/auth/email/verify", { token: change.next }, person.headers);
  await expectProblem(asVerification, 410, "users.token_invalid");
  // A password set by mail ends the wish, too: whoever reads that mailbox has spoken.
  await send("POST", "/v1/auth/password/reset", { token: reset, password: "another good password" });
  for (const token of [change.current, change.next])
    await expectProblem(await confirm(token), 410, "users.token_invalid");
});

test("an account's old links are void once it has another address", async () => {
  const person = await newVerifiedPerson();
  const change = await asked(person);
  await send("POST", "/v1/auth/password/forgot", { email: person.email });
  const reset = await newestLinkSecret(person.email, "reset_password");
  await confirm(change.current);
  await confirm(change.next);
  const late = await send("POST", "/v1/auth/password/reset", { token: reset, password: "another good password" });
  await expectProblem(late, 410, "users.token_invalid");
});

test("whoever has only stolen a session cannot take the account away with it", async () => {
  const victim = await newVerifiedPerson();
  const thief = freshEmail();
  expect((await ask(victim, thief)).status).toBe(202);
  await confirm(await linkTo(thief), victim.headers);
  expect((await profileOf(victim)).email).toBe(victim.email);
  // The victim hears of it at the address that the thief does not read, and takes it back.
  expect(await letterIds(victim.email, "confirm_email_change")).toHaveLength(1);
  expect((await cancel(victim)).status).toBe(204);
  await login(victim.email);
});

test("asking takes a fresh proof of identity, and nobody asks in another's place", async () => {
  const person = await newVerifiedPerson();
  const { id: userId } = person.user;
  const stale = await newTestUser({ userId, authenticatedAtMs: Date.now() - 3_600_000 });
  await expectProblem(await ask({ headers: { ...stale.headers } }, freshEmail()), 401, "auth.step_up_required");
  const acting = { headers: { ...(await newTestUser({ userId, impersonatorId: userId })).headers } };
  await expectProblem(await ask(acting, freshEmail()), 403, "auth.impersonation_refused");
  await expectProblem(await cancel(acting), 403, "auth.impersonation_refused");
  expect((await profileOf(person)).pendingEmail).toBeNull();
});

test("a suspended account keeps its address", async () => {
  const person = await newVerifiedPerson();
  const change = await asked(person);
  await confirm(change.current);
  await env.USERS_DB.prepare("UPDATE users SET suspended_at_ms = 1 WHERE id = ?1").bind(person.user.id).run();
  await expectProblem(await confirm(change.next), 410, "users.token_invalid");
});

test("mails that one account, or all together, cause are limited", async () => {
  const person = await newVerifiedPerson();
  const { free } = attemptPolicies.mailByMembers;
  for (let count = 0; count <= free; count += 1) expect((await ask(person, freshEmail())).status).toBe(202);
  const refused = await ask(person, freshEmail());
  await expectProblem(refused, 429, "users.too_many_attempts");
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);

  const target = freshEmail();
  for (let count = 0; count <= free; count += 1) await ask(await newVerifiedPerson(), target);
  await expectProblem(await ask(await newVerifiedPerson(), target), 429, "users.too_many_attempts");
});

test("one's own address is no other, in whatever case it is written", async () => {
  const person = await newVerifiedPerson();
  const response = await ask(person, ` ${person.email.toUpperCase()} `);
  const problem = await expectProblem(response, 422, "request.invalid");
  expect(problem.errors?.map((fault) => fault.path)).toEqual(["email"]);
});

test.each([
  ["no address", "nobody"],
  ["an address with a header", "a@example.com\nBcc: b@example.com"],
  ["a list", ["a@example.com"]],
  ["null", null],
  ["a very long address", `${"a".repeat(250)}@example.com`],
])("%s is refused", async (_, email) => {
  await expectProblem(await ask(await newPerson(), email), 422, "request.invalid");
});

test.each([
  ["nothing", ""],
  ["a number", 7],
  ["10 kB", "x".repeat(10_000)],
])("%s in place of a token is refused", async (_, token) => {
  await expectProblem(await confirm(token), 422, "request.invalid");
});

test("asking and taking back are for those who are signed in", async () => {
  await expectProblem(await send("POST", path, { email: freshEmail() }), 401, "auth.required");
  await expectProblem(await send("DELETE", path), 401, "auth.required");
});

test("a change that runs out is forgotten by the clock, and the address is free to be asked for again", async () => {
  const person = await newVerifiedPerson();
  const change = await asked(person);
  await env.USERS_DB.batch([
    env.USERS_DB.prepare("UPDATE email_changes SET expires_at_ms = 1 WHERE user_id = ?1").bind(person.user.id),
    env.USERS_DB.prepare("UPDATE single_use_tokens SET expires_at_ms = 1 WHERE user_id = ?1").bind(person.user.id),
  ]);
  await exports.default.scheduled();
  expect((await profileOf(person)).pendingEmail).toBeNull();
  const again = await asked(person, change.email);
  await confirm(again.current);
  expect(await (await confirm(again.next)).json()).toMatchObject({ status: "changed" });
});
