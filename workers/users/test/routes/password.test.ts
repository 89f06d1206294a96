import { env } from "cloudflare:workers";
import { newTestUser } from "@foyer/testing/tokens";
import { expect, test, vi } from "vitest";
import { attemptPolicies } from "../../src/domain/attempts.ts";
import {
  expectProblem,
  freshEmail,
  newestLinkSecret,
  newPerson,
  newVerifiedPerson,
  noticesTo,
  type Person,
  password,
  send,
} from "../support/people.ts";

const better = "another good password";
const forgot = (email: unknown) => send("POST", "/v1/auth/password/forgot", { email });
const reset = (token: string, given = better) => send("POST", "/v1/auth/password/reset", { token, password: given });
const change = (headers: Record<string, string>, body: object) =>
  send("POST", "/v1/auth/password/change", body, headers);
const login = (email: string, given: string) => send("POST", "/v1/auth/login", { email, password: given });
const refresh = (person: Person) => send("POST", "/v1/auth/refresh", { refreshToken: person.session.refreshToken });

async function linkTo(email: string): Promise<string> {
  expect((await forgot(email)).status).toBe(202);
  return newestLinkSecret(email, "reset_password");
}

test("the mailed link sets a new password once, and the old one is over", async () => {
  const { email } = await newVerifiedPerson();
  const token = await linkTo(email);
  expect((await reset(token)).status).toBe(204);
  expect((await login(email, better)).status).toBe(200);
  await expectProblem(await login(email, password), 401, "users.invalid_credentials");
  await expectProblem(await reset(token, "a third good password"), 410, "users.token_invalid");
});

test("setting a password by mail ends every session at once, and tells the owner", async () => {
  const person = await newVerifiedPerson();
  await reset(await linkTo(person.email));
  await expectProblem(await refresh(person), 401, "users.refresh_invalid");
  expect(await noticesTo(person.email)).toEqual(["password_reset"]);
  // The access token goes with the session, as soon as the list of what has ended is looked at again.
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 11_000);
  const late = await send("GET", "/v1/users/profile", undefined, person.headers);
  vi.restoreAllMocks();
  await expectProblem(late, 401, "auth.invalid_token");
});

test("setting a password by mail proves the address, and leaves a stranger who registered it no way back", async () => {
  const person = await newPerson();
  const { id } = person.user;
  await env.USERS_DB.batch([
    env.USERS_DB.prepare(
      "INSERT INTO identities (id, user_id, provider, subject, created_at_ms, last_used_at_ms) VALUES (?1, ?2, 'github', ?2, 0, 0)",
    ).bind(`idn_${id.slice(4)}`, id),
    env.USERS_DB.prepare(
      "INSERT INTO passkeys (id, user_id, credential_id, public_key, counter, transports, backed_up, name, created_at_ms) VALUES (?1, ?2, ?2, '', 0, '[]', 0, 'x', 0)",
    ).bind(`psk_${id.slice(4)}`, id),
    env.USERS_DB.prepare(
      "INSERT INTO totp (user_id, secret, confirmed_at_ms, created_at_ms) VALUES (?1, '', 1, 0)",
    ).bind(id),
  ]);
  await reset(await linkTo(person.email));
  const left = await env.USERS_DB.prepare(
    `SELECT (SELECT count(*) FROM identities WHERE user_id = ?1) + (SELECT count(*) FROM passkeys WHERE user_id = ?1)
       + (SELECT count(*) FROM totp WHERE user_id = ?1) AS rows`,
  )
    .bind(id)
    .first<number>("rows");
  expect(left).toBe(0);
  const { user } = await (await login(person.email, better)).json<{ user: object }>();
  expect(user).toMatchObject({ emailVerified: true });
});

test("a newer link voids the older one, and a verified address keeps its other ways in", async () => {
  const person = await newVerifiedPerson();
  await env.USERS_DB.prepare(
    "INSERT INTO identities (id, user_id, provider, subject, created_at_ms, last_used_at_ms) VALUES (?1, ?2, 'google', ?2, 0, 0)",
  )
    .bind(`idn_${person.user.id.slice(4)}`, person.user.id)
    .run();
  const older = await linkTo(person.email);
  const newer = await linkTo(person.email);
  await expectProblem(await reset(older), 410, "users.token_invalid");
  expect((await reset(newer)).status).toBe(204);
  const row = await env.USERS_DB.prepare("SELECT count(*) AS rows FROM identities WHERE user_id = ?1")
    .bind(person.user.id)
    .first<number>("rows");
  expect(row).toBe(1);
});

test("of ten uses of a link at once exactly one sets the password", async () => {
  const { email } = await newVerifiedPerson();
  const token = await linkTo(email);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => reset(token, `another good password ${index}`)),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array(9).fill(410)]);
  const winner = answers.findIndex(({ status }) => status === 204);
  expect((await login(email, `another good password ${winner}`)).status).toBe(200);
});

test("a link for one purpose does not do for another, and is over after an hour", async () => {
  const person = await newPerson();
  const verification = await newestLinkSecret(person.email);
  await expectProblem(await reset(verification), 410, "users.token_invalid");
  const token = await linkTo(person.email);
  await expectProblem(
    await send("POST", "/v1/auth/email/verify", { token }, person.headers),
    410,
    "users.token_invalid",
  );
  await env.USERS_DB.prepare("UPDATE single_use_tokens SET expires_at_ms = ?2 WHERE user_id = ?1")
    .bind(person.user.id, Date.now() - 1)
    .run();
  await expectProblem(await reset(token), 410, "users.token_invalid");
});

test("forgetting answers alike for a verified, an unverified, an unknown, a suspended and a much-mailed address", async () => {
  const verified = await newVerifiedPerson();
  const unverified = await newPerson();
  const suspended = await newVerifiedPerson();
  await env.USERS_DB.prepare("UPDATE users SET suspended_at_ms = 1 WHERE id = ?1").bind(suspended.user.id).run();
  const mailed = await newVerifiedPerson();
  for (let count = 0; count <= attemptPolicies.mail.free; count += 1) await forgot(mailed.email);
  const addresses = [verified.email, unverified.email, freshEmail(), suspended.email, mailed.email];
  const answers = await Promise.all(
    addresses.map(async (email) => {
      const response = await forgot(email);
      const headers = [...response.headers].filter(([name]) => name !== "x-request-id");
      return { status: response.status, body: await response.text(), headers };
    }),
  );
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]).toMatchObject({ status: 202, body: "" });
  expect(await newestLinkSecret(verified.email, "reset_password")).not.toBe("");
  expect(await newestLinkSecret(suspended.email, "reset_password")).toBe("");
});

test.each([
  ["a common one", "qwertyuiop", "password"],
  ["a common one in capitals", "PASSWORD", "password"],
  ["one character again and again, as many have it", "11111111", "password"],
  ["a short one", "1234567", "password"],
  ["129 characters", "x1y2".repeat(33), "password"],
])("%s is no new password, and the link works on", async (_, given, path) => {
  const { email } = await newVerifiedPerson();
  const token = await linkTo(email);
  const response = await reset(token, given);
  expect(response.status).toBe(422);
  const body = await response.json<{ errors: { path: string }[] }>();
  expect(body.errors.map((fault) => fault.path)).toContain(path);
  expect((await reset(token)).status).toBe(204);
});

test("one's own address, mailbox or name, dressed up with digits, is no new password", async () => {
  const email = `festivalfan-${crypto.randomUUID().slice(0, 4)}@example.com`;
  const [mailbox = ""] = email.split("@");
  for (const given of [email, mailbox, `${mailbox}123!`, "Harbour Hall", "1harbour hall!"]) {
    const response = await send("POST", "/v1/auth/register", { email, password: given, name: "Harbour Hall" });
    await expectProblem(response, 422, "users.password_common");
  }
});

test("any script and any length up to 128 is a password", async () => {
  for (const given of ["пароль из слов", "密码密码一二三四", "🎫🎭🎪🎨🎬🎤🎧🎼", "x1y2".repeat(32)]) {
    const email = freshEmail();
    const response = await send("POST", "/v1/auth/register", { email, password: given, name: "Buyer One" });
    expect([given, response.status]).toEqual([given, 201]);
    expect((await login(email, given)).status).toBe(200);
  }
});

test("changing the password ends the other sessions, keeps this one, and tells the owner", async () => {
  const person = await newVerifiedPerson();
  const other = await (await login(person.email, password)).json<{ session: { refreshToken: string } }>();
  expect((await change(person.headers, { currentPassword: password, password: better })).status).toBe(204);
  const ended = await send("POST", "/v1/auth/refresh", { refreshToken: other.session.refreshToken });
  await expectProblem(ended, 401, "users.refresh_invalid");
  expect((await refresh(person)).status).toBe(200);
  expect(await noticesTo(person.email)).toEqual(["password_changed"]);
  expect((await login(person.email, better)).status).toBe(200);
});

test("changing the password needs the current one, and guessing at it is limited", async () => {
  const person = await newVerifiedPerson();
  const guess = () => change(person.headers, { currentPassword: "wrong password", password: better });
  await expectProblem(await change(person.headers, { password: better }), 401, "users.invalid_credentials");
  for (let count = 0; count < attemptPolicies.passwordHere.free; count += 1) {
    await expectProblem(await guess(), 401, "users.invalid_credentials");
  }
  await expectProblem(await guess(), 429, "users.too_many_attempts");
});

test("an account without a password gets its first from whoever has just signed in", async () => {
  const person = await newVerifiedPerson();
  await env.USERS_DB.prepare("DELETE FROM credentials WHERE user_id = ?1").bind(person.user.id).run();
  const { userId } = { userId: person.user.id };
  const stale = await newTestUser({ userId, authenticatedAtMs: Date.now() - 3_600_000 });
  const refused = await change({ ...stale.headers }, { password: better });
  await expectProblem(refused, 401, "auth.step_up_required");
  expect(refused.headers.get("www-authenticate")).toContain('error="insufficient_user_authentication"');
  expect((await change(person.headers, { password: better })).status).toBe(204);
  expect((await login(person.email, better)).status).toBe(200);
});

test("nobody sets a password in another's place", async () => {
  const person = await newVerifiedPerson();
  const acting = await newTestUser({ userId: person.user.id, impersonatorId: "usr_00000000000000000000000000" });
  const response = await change({ ...acting.headers }, { currentPassword: password, password: better });
  await expectProblem(response, 403, "auth.impersonation_refused");
});

test("changing the password is for those who are signed in", async () => {
  await expectProblem(await change({}, { currentPassword: password, password: better }), 401, "auth.required");
});
