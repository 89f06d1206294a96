import { env } from "cloudflare:workers";
import { limits } from "@foyer/kernel/limits";
import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import { attemptPolicies } from "../../src/domain/attempts.ts";
import {
  addIdentity,
  addPasskey,
  auditActions,
  enrolTotp,
  impersonatorHeaders,
  newSecuredPerson,
  removePassword,
  requestOptions,
  sessionOf,
  staleHeaders,
  wrongCode,
} from "../support/factors.ts";
import { expectProblem, newVerifiedPerson, noticesTo, type Person, password, send } from "../support/people.ts";
import { stopClock } from "../support/time.ts";

const { pass } = stopClock();
const stepUp = (headers: Record<string, string>, proof: object) => send("POST", "/v1/auth/step-up", proof, headers);
/** An operation that asks for a fresh proof, and does nothing much. */
const guarded = (headers: Record<string, string>) =>
  send("POST", "/v1/auth/passkeys/register/options", undefined, headers);

async function tokenOf(response: Response): Promise<string> {
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  const body = await response.json<{ accessToken: string; tokenType: string; expiresIn: number }>();
  expect(body).toEqual({
    accessToken: expect.any(String),
    tokenType: "Bearer",
    expiresIn: limits.accessTokenTtlSeconds,
  });
  return body.accessToken;
}

/** Expects that a proof makes a stale session fresh, by the next access token of that very session. */
async function expectFresh(person: Person, proof: object): Promise<void> {
  const stale = await staleHeaders(person);
  await expectProblem(await guarded(stale), 401, "auth.step_up_required");
  const accessToken = await tokenOf(await stepUp(stale, proof));
  expect(decodeJwt(accessToken)).toMatchObject({
    sub: person.user.id,
    sid: sessionOf(person),
    auth_time: Math.floor(Date.now() / 1000),
  });
  expect((await guarded({ authorization: `Bearer ${accessToken}` })).status).toBe(200);
}

async function expectWeak(response: Response, detail: RegExp): Promise<void> {
  const problem = await response.clone().json<{ detail: string }>();
  await expectProblem(response, 401, "users.factor_too_weak");
  expect(problem.detail).toMatch(detail);
}

test("a password makes the session of an account fresh that has nothing stronger", async () => {
  const person = await newVerifiedPerson();
  await expectFresh(person, { password });
  expect(await auditActions(sessionOf(person))).toEqual(["session.started", "session.stepped_up"]);
});

test("a passkey does as well", async () => {
  const person = await newVerifiedPerson();
  const passkey = await addPasskey(person);
  await expectFresh(person, { passkey: await passkey.answer(await requestOptions()) });
});

test("with an authenticator app its code, a recovery code or a passkey is asked for, and a password is too weak", async () => {
  const person = await newSecuredPerson();
  const passkey = await addPasskey(person);
  await expectWeak(await stepUp(await staleHeaders(person), { password }), /code of the authenticator app/);
  await expectFresh(person, { code: await person.code() });
  const [recoveryCode] = person.recoveryCodes;
  await expectFresh(person, { recoveryCode });
  expect(await noticesTo(person.email)).toContain("recovery_code_used");
  await expectFresh(person, { passkey: await passkey.answer(await requestOptions()) });
});

test("without password and app a passkey is asked for", async () => {
  const person = await newVerifiedPerson();
  const passkey = await addPasskey(person);
  await removePassword(person);
  const stale = await staleHeaders(person);
  await expectWeak(await stepUp(stale, { password }), /by a passkey/);
  await expectWeak(await stepUp(stale, { code: "123456" }), /by a passkey/);
  await expectFresh(person, { passkey: await passkey.answer(await requestOptions()) });
});

test("an account that only a provider opens has nothing to prove here, and is told to sign in there again", async () => {
  const person = await newVerifiedPerson();
  await addIdentity(person);
  await removePassword(person);
  const stale = await staleHeaders(person);
  for (const proof of [{ password }, { code: "123456" }, { recoveryCode: "0123456789abcdef" }]) {
    await expectWeak(await stepUp(stale, proof), /sign in at your provider again/);
  }
});

test("refreshing the session keeps the proof, and the next session needs its own", async () => {
  const person = await newVerifiedPerson();
  pass(limits.stepUpFreshSeconds + 1);
  const { session } = await (
    await send("POST", "/v1/auth/refresh", { refreshToken: person.session.refreshToken })
  ).json<{
    session: { accessToken: string; refreshToken: string };
  }>();
  const headers = { authorization: `Bearer ${session.accessToken}` };
  await expectProblem(await guarded(headers), 401, "auth.step_up_required");
  await tokenOf(await stepUp(headers, { password }));
  const next = await (await send("POST", "/v1/auth/refresh", { refreshToken: session.refreshToken })).json<{
    session: { accessToken: string };
  }>();
  expect((await guarded({ authorization: `Bearer ${next.session.accessToken}` })).status).toBe(200);
});

test("a session in cookies gets the next access token there, and not in the body", async () => {
  const person = await newVerifiedPerson();
  await env.USERS_DB.prepare("UPDATE sessions SET mode = 'cookie' WHERE id = ?1").bind(sessionOf(person)).run();
  const response = await stepUp(await staleHeaders(person), { password });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    accessToken: null,
    tokenType: "Cookie",
    expiresIn: limits.accessTokenTtlSeconds,
  });
  const [cookie = "", ...others] = response.headers.getSetCookie();
  expect(others).toEqual([]);
  const token =
    /^__Host-foyer_access=([^;]+); Max-Age=900; Path=\/; HttpOnly; Secure; SameSite=Strict$/.exec(cookie)?.[1] ?? "";
  expect((await guarded({ authorization: `Bearer ${token}` })).status).toBe(200);
});

test("nobody steps up in another's place, and nobody without a session", async () => {
  const person = await newVerifiedPerson();
  const acting = await impersonatorHeaders(person);
  await expectProblem(await stepUp(acting, { password }), 403, "auth.impersonation_refused");
  await expectProblem(await stepUp({}, { password }), 401, "auth.required");
  const row = await env.USERS_DB.prepare(
    "SELECT count(*) AS rows FROM audit WHERE target_id = ?1 AND action = 'session.stepped_up'",
  )
    .bind(sessionOf(person))
    .first<number>("rows");
  expect(row).toBe(0);
});

test("a session that an administrator opened in another's place stays as it is, whatever its token says", async () => {
  const person = await newVerifiedPerson();
  await env.USERS_DB.prepare("UPDATE sessions SET impersonator_id = 'usr_00000000000000000000000000' WHERE id = ?1")
    .bind(sessionOf(person))
    .run();
  await expectProblem(await stepUp(await staleHeaders(person), { password }), 401, "auth.invalid_token");
});

test("a session that has ended is not made fresh, though its access token is good for a moment longer", async () => {
  const person = await newVerifiedPerson();
  const stale = await staleHeaders(person);
  const { refreshToken } = person.session;
  expect((await send("POST", "/v1/auth/logout", { refreshToken })).status).toBe(204);
  await expectProblem(await stepUp(stale, { password }), 401, "auth.invalid_token");
});

test("a suspended account's session is not made fresh", async () => {
  const person = await newVerifiedPerson();
  const stale = await staleHeaders(person);
  await env.USERS_DB.prepare("UPDATE users SET suspended_at_ms = 1 WHERE id = ?1").bind(person.user.id).run();
  await expectProblem(await stepUp(stale, { password }), 403, "users.suspended");
});

test("a wrong proof makes nothing fresh, and guessing is limited together with that at signing in", async () => {
  const person = await newSecuredPerson();
  const stale = await staleHeaders(person);
  const code = await wrongCode(person.secret);
  for (let count = 0; count <= attemptPolicies.secondFactor.free; count += 1) {
    await expectProblem(await stepUp(stale, { code }), 401, "users.factor_invalid");
  }
  await expectProblem(await stepUp(stale, { code: await person.code() }), 429, "users.too_many_attempts");
  const signIn = await send("POST", "/v1/auth/login", { email: person.email, password });
  const { mfa } = await signIn.json<{ mfa: { token: string } }>();
  const answer = await send("POST", "/v1/auth/mfa/verify", { token: mfa.token, code: await person.code() });
  await expectProblem(answer, 429, "users.too_many_attempts");
  pass(1);
  await expectFresh(person, { code: await person.code() });
});

test("a wrong password is counted with those at signing in", async () => {
  const person = await newVerifiedPerson();
  const stale = await staleHeaders(person);
  for (let count = 0; count <= attemptPolicies.passwordHere.free; count += 1) {
    await expectProblem(await stepUp(stale, { password: "wrong password" }), 401, "users.invalid_credentials");
  }
  await expectProblem(await stepUp(stale, { password }), 429, "users.too_many_attempts");
});

test("a code that signed somebody in does not step them up, and one that stepped them up signs nobody in", async () => {
  const person = await newSecuredPerson();
  const stale = await staleHeaders(person);
  const demand = async (): Promise<string> => {
    const response = await send("POST", "/v1/auth/login", { email: person.email, password });
    return (await response.json<{ mfa: { token: string } }>()).mfa.token;
  };
  const [first, second] = [await person.code(), await person.code(1)];
  expect((await send("POST", "/v1/auth/mfa/verify", { token: await demand(), code: first })).status).toBe(200);
  await expectProblem(await stepUp(stale, { code: first }), 401, "users.factor_invalid");
  await tokenOf(await stepUp(stale, { code: second }));
  const answer = await send("POST", "/v1/auth/mfa/verify", { token: await demand(), code: second });
  await expectProblem(answer, 401, "users.factor_invalid");
});

test("one code, one recovery code and one passkey's answer each step up once, also five times at once", async () => {
  const person = await newSecuredPerson();
  const passkey = await addPasskey(person);
  const stale = await staleHeaders(person);
  const [recoveryCode] = person.recoveryCodes;
  const proofs = [
    { code: await person.code() },
    { recoveryCode },
    { passkey: await passkey.answer(await requestOptions()) },
  ];
  for (const proof of proofs) {
    const answers = await Promise.all(Array.from({ length: 5 }, () => stepUp(stale, proof)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401]);
    pass(1);
  }
});

test("another person's factors prove nothing", async () => {
  const [victim, attacker] = [await newSecuredPerson(), await newSecuredPerson()];
  await addPasskey(victim);
  const passkey = await addPasskey(attacker);
  const stolen = await staleHeaders(victim);
  const [recoveryCode] = attacker.recoveryCodes;
  const proofs = [
    { code: await attacker.code() },
    { recoveryCode },
    { passkey: await passkey.answer(await requestOptions()) },
  ];
  for (const proof of proofs) await expectProblem(await stepUp(stolen, proof), 401, "users.factor_invalid");
});

test("a code for an account without an app is not what is asked for, and an app asks for itself from then on", async () => {
  const person = await newVerifiedPerson();
  await expectWeak(await stepUp(await staleHeaders(person), { code: "123456" }), /by the password\.$/);
  const secured = await enrolTotp(person);
  await expectWeak(await stepUp(await staleHeaders(person), { password }), /code of the authenticator app/);
  await expectFresh(person, { code: await secured.code() });
});

test.each([
  ["nothing", {}, "password"],
  ["two proofs", { password: "x", code: "123456" }, "password"],
  ["a list for a password", { password: ["x"] }, "password"],
  ["a huge password", { password: "x".repeat(10_000) }, "password"],
  ["letters for a code", { code: "abcdef" }, "code"],
  ["a short recovery code", { recoveryCode: "0123" }, "recoveryCode"],
  ["a passkey without parts", { passkey: {} }, "passkey.response"],
  ["a field that is none", { password: "x", sessionId: "ses_1" }, "sessionId"],
])("%s is refused with the field's path", async (_, body, path) => {
  const { headers } = await newVerifiedPerson();
  const answer = await expectProblem(await stepUp(headers, body), 422, "request.invalid");
  expect(answer.errors?.map((fault) => fault.path)).toContain(path);
});
