import { env } from "cloudflare:workers";
import { fromBase64Url } from "@foyer/kernel/encoding";
import { limits } from "@foyer/kernel/limits";
import { newTestUser } from "@foyer/testing/tokens";
import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import { createDeps } from "../../src/deps.ts";
import {
  addPasskey,
  auditActions,
  codeAt,
  demandOf,
  enrolTotp,
  impersonatorHeaders,
  newSecuredPerson,
  requestOptions,
  staleHeaders,
  verifyFactor,
  wrongCode,
} from "../support/factors.ts";
import { expectProblem, newPerson, newVerifiedPerson, noticesTo, password, send } from "../support/people.ts";
import { stopClock } from "../support/time.ts";

const { pass } = stopClock();
const setUp = (headers: Record<string, string>) => send("POST", "/v1/auth/mfa/totp", undefined, headers);
const confirm = (code: string, headers: Record<string, string>) =>
  send("POST", "/v1/auth/mfa/totp/confirm", { code }, headers);
const remove = (headers: Record<string, string>) => send("DELETE", "/v1/auth/mfa/totp", undefined, headers);
const newCodes = (headers: Record<string, string>) => send("POST", "/v1/auth/mfa/recovery-codes", undefined, headers);
const factors = async (headers: Record<string, string>) =>
  (await send("GET", "/v1/auth/mfa", undefined, headers)).json<object>();

test("an app is set up, confirmed by its first code, and asked for at the next sign-in", async () => {
  const person = await newVerifiedPerson();
  const made = await setUp(person.headers);
  expect(made.status).toBe(201);
  expect(made.headers.get("cache-control")).toBe("no-store");
  const { secret, uri, expiresIn } = await made.json<{ secret: string; uri: string; expiresIn: number }>();
  expect(expiresIn).toBe(limits.totpSetupTtlSeconds);
  expect(new URL(uri).searchParams.get("secret")).toBe(secret);
  expect(decodeURIComponent(uri)).toContain(`localhost:${person.email}`);
  // Nothing is asked for until the app has shown a code.
  expect((await send("POST", "/v1/auth/login", { email: person.email, password })).status).toBe(200);
  expect(await factors(person.headers)).toEqual({ totp: false, passkeys: 0, recoveryCodesLeft: 0 });

  const confirmed = await confirm(await codeAt(secret, Date.now()), person.headers);
  expect(confirmed.status).toBe(200);
  const { recoveryCodes } = await confirmed.json<{ recoveryCodes: string[] }>();
  expect(recoveryCodes).toHaveLength(limits.recoveryCodesCount);
  for (const code of recoveryCodes) expect(code).toMatch(/^[0-9a-z]{4}(?:-[0-9a-z]{4}){3}$/);
  expect(await factors(person.headers)).toEqual({ totp: true, passkeys: 0, recoveryCodesLeft: 10 });
  expect(await noticesTo(person.email)).toEqual(["totp_enabled"]);
  expect(await auditActions(person.user.id)).toContain("totp.enabled");

  const demand = await demandOf(person);
  expect(demand).toEqual({
    token: expect.stringMatching(/^[\w-]{43}$/),
    methods: ["totp", "recovery_code"],
    expiresIn: limits.challengeTtlSeconds,
  });
});

test("a code opens the session that the sign-in waited for, and says how it was opened", async () => {
  const person = await newSecuredPerson();
  const { token } = await demandOf(person);
  const response = await verifyFactor(token, { code: await person.code() });
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  const body = await response.json<{ user: { id: string }; session: { accessToken: string } }>();
  expect(body.user.id).toBe(person.user.id);
  expect(decodeJwt(body.session.accessToken).auth_time).toBe(Math.floor(Date.now() / 1000));
  const { session } = body;
  const headers = { authorization: `Bearer ${session.accessToken}` };
  const { data } = await (await send("GET", "/v1/users/profile/sessions", undefined, headers)).json<{
    data: { current: boolean; method: string }[];
  }>();
  expect(data.find(({ current }) => current)?.method).toBe("password+totp");
});

test("the code of the step before and the step after do, too, and spaces in them", async () => {
  const person = await newSecuredPerson();
  pass(60);
  for (const step of [-1, 0, 1]) {
    const { token } = await demandOf(person);
    const code = await person.code(step);
    expect((await verifyFactor(token, { code: `${code.slice(0, 3)} ${code.slice(3)}` })).status).toBe(200);
  }
  const { token } = await demandOf(person);
  await expectProblem(await verifyFactor(token, { code: await person.code(2) }), 401, "users.factor_invalid");
});

test("in cookie mode the session is in cookies that no script reads, and not in the body", async () => {
  const person = await newSecuredPerson();
  const { token } = await demandOf(person, "cookie");
  const response = await verifyFactor(token, { code: await person.code() });
  expect(response.status).toBe(200);
  const { session } = await response.json<{ session: object }>();
  expect(session).toEqual({ tokenType: "Cookie", expiresIn: limits.accessTokenTtlSeconds });
  const cookies = response.headers.getSetCookie();
  expect(cookies.map((cookie) => cookie.split("=")[0])).toEqual(["__Host-foyer_access", "__Host-foyer_refresh"]);
  for (const cookie of cookies) expect(cookie).toMatch(/HttpOnly; Secure; SameSite=Strict$/);
});

test("a recovery code stands in for the app once, in any grouping, and the owner is told", async () => {
  const person = await newSecuredPerson();
  const [first = "", second = ""] = person.recoveryCodes;
  const { token } = await demandOf(person);
  const written = first.replaceAll("-", " ").toUpperCase().replaceAll("0", "O").replaceAll("1", "L");
  const response = await verifyFactor(token, { recoveryCode: written });
  expect(response.status).toBe(200);
  const { session } = await response.json<{ session: { accessToken: string } }>();
  const row = await env.USERS_DB.prepare("SELECT method FROM sessions WHERE id = ?1")
    .bind(decodeJwt(session.accessToken).sid)
    .first<string>("method");
  expect(row).toBe("password+recovery_code");
  expect(await noticesTo(person.email)).toEqual(["totp_enabled", "recovery_code_used"]);
  expect(await auditActions(person.user.id)).toContain("recovery_codes.used");
  expect(await factors(person.headers)).toMatchObject({ recoveryCodesLeft: 9 });

  const again = await demandOf(person);
  await expectProblem(await verifyFactor(again.token, { recoveryCode: first }), 401, "users.factor_invalid");
  expect((await verifyFactor(again.token, { recoveryCode: second })).status).toBe(200);
});

test("a passkey answers the demand of a sign-in by password, too", async () => {
  const person = await newSecuredPerson();
  const passkey = await addPasskey(person);
  const { token, methods } = await demandOf(person);
  expect(methods).toEqual(["totp", "passkey", "recovery_code"]);
  const response = await verifyFactor(token, { passkey: await passkey.answer(await requestOptions()) });
  expect(response.status).toBe(200);
  const { session } = await response.json<{ session: { accessToken: string } }>();
  const headers = { authorization: `Bearer ${session.accessToken}` };
  const { data } = await (await send("GET", "/v1/users/profile/sessions", undefined, headers)).json<{
    data: { method: string }[];
  }>();
  expect(data.map(({ method }) => method)).toContain("password+passkey");
});

test("a sign-in at a provider that waits for its second factor says so in its session", async () => {
  const person = await newSecuredPerson();
  const { token } = await demandOf(person);
  await env.USERS_DB.prepare("UPDATE challenges SET method = 'google' WHERE user_id = ?1").bind(person.user.id).run();
  const response = await verifyFactor(token, { code: await person.code() });
  const { session } = await response.json<{ session: { accessToken: string } }>();
  const row = await env.USERS_DB.prepare("SELECT method FROM sessions WHERE id = ?1")
    .bind(decodeJwt(session.accessToken).sid)
    .first<string>("method");
  expect(row).toBe("google+totp");
});

test("enabling an app leaves the other sessions, removing it asks for no code any more", async () => {
  const person = await newVerifiedPerson();
  const { session: other } = await (await send("POST", "/v1/auth/login", { email: person.email, password })).json<{
    session: { refreshToken: string };
  }>();
  const { recoveryCodes } = await enrolTotp(person);
  expect((await send("POST", "/v1/auth/refresh", { refreshToken: other.refreshToken })).status).toBe(200);
  const waiting = await demandOf(person);

  expect((await remove(person.headers)).status).toBe(204);
  expect(await factors(person.headers)).toEqual({ totp: false, passkeys: 0, recoveryCodesLeft: 0 });
  expect(await noticesTo(person.email)).toEqual(["totp_enabled", "totp_disabled"]);
  expect(await auditActions(person.user.id)).toContain("totp.disabled");
  const signedIn = await send("POST", "/v1/auth/login", { email: person.email, password });
  expect(await signedIn.json<object>()).toHaveProperty("session.accessToken");
  // What was asked for before is asked for still, and nothing that is gone answers it.
  const [code = ""] = recoveryCodes;
  await expectProblem(await verifyFactor(waiting.token, { recoveryCode: code }), 401, "users.factor_invalid");
  await expectProblem(await remove(person.headers), 409, "users.totp_not_enabled");
});

test("new recovery codes void the earlier ones, and the owner is told", async () => {
  const person = await newSecuredPerson();
  const made = await newCodes(person.headers);
  expect(made.status).toBe(200);
  const { recoveryCodes } = await made.json<{ recoveryCodes: string[] }>();
  expect(new Set([...recoveryCodes, ...person.recoveryCodes]).size).toBe(20);
  expect(await noticesTo(person.email)).toEqual(["totp_enabled", "recovery_codes_made"]);
  expect(await auditActions(person.user.id)).toContain("recovery_codes.made");
  const { token } = await demandOf(person);
  const [old = ""] = person.recoveryCodes;
  const [fresh = ""] = recoveryCodes;
  await expectProblem(await verifyFactor(token, { recoveryCode: old }), 401, "users.factor_invalid");
  expect((await verifyFactor(token, { recoveryCode: fresh })).status).toBe(200);
});

test("recovery codes stand in for an app, so there are none without one", async () => {
  const person = await newVerifiedPerson();
  await expectProblem(await newCodes(person.headers), 409, "users.totp_not_enabled");
  expect((await setUp(person.headers)).status).toBe(201);
  await expectProblem(await newCodes(person.headers), 409, "users.totp_not_enabled");
  expect(await factors(person.headers)).toEqual({ totp: false, passkeys: 0, recoveryCodesLeft: 0 });
});

test("a second app is refused while one is confirmed, and a setup that was not is replaced", async () => {
  const person = await newVerifiedPerson();
  const { secret: first } = await (await setUp(person.headers)).json<{ secret: string }>();
  const { secret: second } = await (await setUp(person.headers)).json<{ secret: string }>();
  expect(second).not.toBe(first);
  const late = await confirm(await codeAt(first, Date.now()), person.headers);
  await expectProblem(late, 401, "users.factor_invalid");
  expect((await confirm(await codeAt(second, Date.now()), person.headers)).status).toBe(200);
  await expectProblem(await setUp(person.headers), 409, "users.totp_enabled");
  await expectProblem(await confirm(await codeAt(second, Date.now()), person.headers), 409, "users.totp_enabled");
});

test("of six confirmations at once one shows recovery codes, and those are the ones that work", async () => {
  const person = await newVerifiedPerson();
  const { secret } = await (await setUp(person.headers)).json<{ secret: string }>();
  const codes = await Promise.all([-1, 0, 1].map((step) => codeAt(secret, Date.now() + step * 30_000)));
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, index) => confirm(codes[index % 3] ?? "", person.headers)),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
  const won = answers.find(({ status }) => status === 200);
  const { recoveryCodes: [code = ""] = [] } = (await won?.json<{ recoveryCodes: string[] }>()) ?? {};
  const { token } = await demandOf(person);
  expect((await verifyFactor(token, { recoveryCode: code })).status).toBe(200);
});

test("a setup that nobody confirmed is over after its time, and swept away", async () => {
  const person = await newVerifiedPerson();
  const secured = await newSecuredPerson();
  const { secret } = await (await setUp(person.headers)).json<{ secret: string }>();
  pass(limits.totpSetupTtlSeconds);
  const fresh = await newTestUser({ userId: person.user.id });
  const late = await confirm(await codeAt(secret, Date.now()), { ...fresh.headers });
  await expectProblem(late, 409, "users.totp_not_enabled");
  pass(1);
  await createDeps(env).tidy();
  const { results } = await env.USERS_DB.prepare("SELECT user_id AS id FROM totp WHERE user_id IN (?1, ?2)")
    .bind(person.user.id, secured.user.id)
    .all();
  expect(results).toEqual([{ id: secured.user.id }]);
});

test("the secret is stored sealed for its user, and recovery codes as what leads to none", async () => {
  const person = await newSecuredPerson();
  const other = await newSecuredPerson();
  const row = await env.USERS_DB.prepare("SELECT secret FROM totp WHERE user_id = ?1")
    .bind(person.user.id)
    .first<string>("secret");
  expect(row).toMatch(/^test\.[\w-]{16}\.[\w-]+$/);
  expect(row).not.toContain(person.secret);
  const { vault } = createDeps(env);
  expect(await vault.open(row ?? "", `totp ${person.user.id}`)).toBe(person.secret);
  await expect(vault.open(row ?? "", `totp ${other.user.id}`)).rejects.toThrow();
  const { results } = await env.USERS_DB.prepare("SELECT * FROM recovery_codes WHERE user_id = ?1")
    .bind(person.user.id)
    .all<{ hash: string }>();
  expect(results).toHaveLength(10);
  for (const { hash } of results) expect(fromBase64Url(hash)).toHaveLength(32);
  for (const code of person.recoveryCodes) expect(JSON.stringify(results)).not.toContain(code.replaceAll("-", ""));
});

test("a challenge is stored as its hash, and opens nothing after its time or its use", async () => {
  const person = await newSecuredPerson();
  const { token } = await demandOf(person);
  const { results } = await env.USERS_DB.prepare("SELECT * FROM challenges").all();
  expect(JSON.stringify(results)).not.toContain(token);
  expect((await verifyFactor(token, { code: await person.code() })).status).toBe(200);
  const again = await verifyFactor(token, { code: await person.code(1) });
  await expectProblem(again, 410, "users.challenge_invalid");
  const late = await demandOf(person);
  pass(limits.challengeTtlSeconds);
  await expectProblem(await verifyFactor(late.token, { code: await person.code() }), 410, "users.challenge_invalid");
  await expectProblem(await verifyFactor("nonsense", { code: "123456" }), 410, "users.challenge_invalid");
});

test("an app is set up only for an address that is verified", async () => {
  const person = await newPerson();
  await expectProblem(await setUp(person.headers), 403, "users.email_not_verified");
  const row = await env.USERS_DB.prepare("SELECT count(*) AS rows FROM totp WHERE user_id = ?1")
    .bind(person.user.id)
    .first<number>("rows");
  expect(row).toBe(0);
});

test.each([
  ["setting up an app", "POST", "/v1/auth/mfa/totp", undefined],
  ["confirming it", "POST", "/v1/auth/mfa/totp/confirm", { code: "123456" }],
  ["removing it", "DELETE", "/v1/auth/mfa/totp", undefined],
  ["new recovery codes", "POST", "/v1/auth/mfa/recovery-codes", undefined],
])("%s is for its owner in person, with a fresh proof", async (_, method, path, body) => {
  const person = await newSecuredPerson();
  await expectProblem(await send(method, path, body), 401, "auth.required");
  const stale = await send(method, path, body, await staleHeaders(person));
  await expectProblem(stale, 401, "auth.step_up_required");
  const acting = await send(method, path, body, await impersonatorHeaders(person));
  await expectProblem(acting, 403, "auth.impersonation_refused");
  expect(await factors(person.headers)).toEqual({ totp: true, passkeys: 0, recoveryCodesLeft: 10 });
  expect(await noticesTo(person.email)).toEqual(["totp_enabled"]);
});

test("what somebody has beside their password is shown to them alone", async () => {
  await expectProblem(await send("GET", "/v1/auth/mfa"), 401, "auth.required");
  const [owner, stranger] = [await newSecuredPerson(), await newVerifiedPerson()];
  expect(await factors(owner.headers)).toEqual({ totp: true, passkeys: 0, recoveryCodesLeft: 10 });
  expect(await factors(stranger.headers)).toEqual({ totp: false, passkeys: 0, recoveryCodesLeft: 0 });
});

test("a wrong first code confirms nothing, and guessing at it is limited", async () => {
  const person = await newVerifiedPerson();
  const { secret } = await (await setUp(person.headers)).json<{ secret: string }>();
  const wrong = await wrongCode(secret);
  const statuses: number[] = [];
  for (let count = 0; count < 8; count += 1) statuses.push((await confirm(wrong, person.headers)).status);
  expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 429, 429]);
  pass(1);
  expect((await confirm(await codeAt(secret, Date.now()), person.headers)).status).toBe(200);
});

test.each([
  ["nothing", {}, "code"],
  ["five digits", { code: "12345" }, "code"],
  ["a number", { code: 123_456 }, "code"],
  ["a list", { code: ["123456"] }, "code"],
  ["an object", { code: { $ne: "" } }, "code"],
  ["a field that is none", { code: "123456", secret: "AAAA" }, "secret"],
])("%s in place of a first code is refused with the field's path, and counts as no attempt", async (_, body, path) => {
  const { headers } = await newVerifiedPerson();
  for (let count = 0; count < 8; count += 1) {
    const answer = await send("POST", "/v1/auth/mfa/totp/confirm", body, headers);
    const { errors } = await expectProblem(answer, 422, "request.invalid");
    expect(errors?.map((fault) => fault.path)).toContain(path);
  }
});
