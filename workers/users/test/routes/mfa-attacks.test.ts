import { env } from "cloudflare:workers";
import { limits } from "@foyer/kernel/limits";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createDeps } from "../../src/deps.ts";
import { attemptPolicies } from "../../src/domain/attempts.ts";
import { totpPlace } from "../../src/domain/totp.ts";
import { checkFactor, factorConflicts } from "../../src/service/factors/check-factor.ts";
import {
  addPasskey,
  anonymousCall,
  codeAt,
  newSecuredPerson,
  requestOptions,
  type Secured,
  verifyFactor,
  waitingSignIn,
  wrongCode,
} from "../support/factors.ts";
import { expectProblem, newestLinkSecret, newVerifiedPerson, password, send } from "../support/people.ts";
import { stopClock } from "../support/time.ts";

const { pass } = stopClock();
const { secondFactor } = attemptPolicies;
const statuses = (answers: readonly Response[]): number[] => answers.map(({ status }) => status).sort();

/** How many sessions somebody has. */
async function countSessions({ user }: Secured): Promise<number> {
  const row = await env.USERS_DB.prepare(
    "SELECT count(*) AS open FROM sessions WHERE user_id = ?1 AND ended_at_ms IS NULL",
  )
    .bind(user.id)
    .first<number>("open");
  return row ?? 0;
}

test("a code that was taken is refused in another sign-in, as long as its time goes on", async () => {
  const person = await newSecuredPerson();
  const code = await person.code();
  const [first, second] = [await waitingSignIn(person), await waitingSignIn(person)];
  expect((await verifyFactor(first, { code })).status).toBe(200);
  await expectProblem(await verifyFactor(second, { code }), 401, "users.factor_invalid");
  pass(29);
  await expectProblem(await verifyFactor(second, { code }), 401, "users.factor_invalid");
  expect((await verifyFactor(second, { code: await person.code(1) })).status).toBe(200);
});

test("the code of the enrolment opens nothing afterwards, nor does one from before the last that was taken", async () => {
  const person = await newSecuredPerson();
  const used = await person.code(-1);
  const token = await waitingSignIn(person);
  await expectProblem(await verifyFactor(token, { code: used }), 401, "users.factor_invalid");
  expect((await verifyFactor(token, { code: await person.code(1) })).status).toBe(200);
  const next = await waitingSignIn(person);
  await expectProblem(await verifyFactor(next, { code: await person.code(0) }), 401, "users.factor_invalid");
});

test("one code shown in five sign-ins at once opens exactly one", async () => {
  const person = await newSecuredPerson();
  const before = await countSessions(person);
  const code = await person.code();
  const tokens: string[] = [];
  for (let count = 0; count < 5; count += 1) tokens.push(await waitingSignIn(person));
  const answers = await Promise.all(tokens.map((token) => verifyFactor(token, { code })));
  expect(statuses(answers)).toEqual([200, 401, 401, 401, 401]);
  expect(await countSessions(person)).toBe(before + 1);
});

test("one challenge answered rightly five times at once opens exactly one session", async () => {
  const person = await newSecuredPerson();
  const before = await countSessions(person);
  const token = await waitingSignIn(person);
  const rights: { code?: string; recoveryCode?: string }[] = [
    { code: await person.code() },
    { code: await person.code(1) },
    ...person.recoveryCodes.slice(0, 3).map((recoveryCode) => ({ recoveryCode })),
  ];
  const answers = await Promise.all(rights.map((factor) => verifyFactor(token, factor)));
  const won = answers.findIndex(({ status }) => status === 200);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  for (const answer of answers.filter(({ status }) => status !== 200)) {
    await expectProblem(answer, 410, "users.challenge_invalid");
  }
  expect(await countSessions(person)).toBe(before + 1);
  // What lost was not used up.
  const { results } = await env.USERS_DB.prepare(
    "SELECT used_at_ms AS at FROM recovery_codes WHERE user_id = ?1 AND used_at_ms IS NOT NULL",
  )
    .bind(person.user.id)
    .all();
  expect(results).toHaveLength(rights[won]?.code === undefined ? 1 : 0);
});

test("one recovery code shown in five sign-ins at once opens exactly one", async () => {
  const person = await newSecuredPerson();
  const before = await countSessions(person);
  const [recoveryCode] = person.recoveryCodes;
  const tokens: string[] = [];
  for (let count = 0; count < 5; count += 1) tokens.push(await waitingSignIn(person));
  const answers = await Promise.all(tokens.map((token) => verifyFactor(token, { recoveryCode })));
  expect(statuses(answers)).toEqual([200, 401, 401, 401, 401]);
  expect(await countSessions(person)).toBe(before + 1);
});

test("a challenge ends after five wrong answers, and the right one comes too late", async () => {
  const person = await newSecuredPerson();
  const token = await waitingSignIn(person);
  const wrong = await wrongCode(person.secret);
  for (let count = 0; count < limits.challengeFailuresMax; count += 1) {
    await expectProblem(await verifyFactor(token, { code: wrong }), 401, "users.factor_invalid");
  }
  await expectProblem(await verifyFactor(token, { code: await person.code() }), 410, "users.challenge_invalid");
  const next = await waitingSignIn(person);
  expect((await verifyFactor(next, { code: await person.code() })).status).toBe(200);
});

test("of thirty answers at once to one challenge no more than five are looked at", async () => {
  const person = await newSecuredPerson();
  const token = await waitingSignIn(person);
  const wrong = await wrongCode(person.secret);
  const answers = await Promise.all(Array.from({ length: 30 }, () => verifyFactor(token, { code: wrong })));
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(limits.challengeFailuresMax);
  expect(answers.every(({ status }) => [401, 410, 429].includes(status))).toBe(true);
  const row = await env.USERS_DB.prepare("SELECT max(failures) AS most FROM challenges WHERE user_id = ?1")
    .bind(person.user.id)
    .first<number>("most");
  expect(row).toBe(limits.challengeFailuresMax);
});

test("a guesser with the password who begins again for every guess is stopped, with a wait that doubles", async () => {
  const person = await newSecuredPerson();
  const wrong = await wrongCode(person.secret);
  const guess = async (): Promise<Response> => verifyFactor(await waitingSignIn(person), { code: wrong });
  for (let count = 0; count < secondFactor.free; count += 1) {
    await expectProblem(await guess(), 401, "users.factor_invalid");
  }
  for (const wait of [1, 2, 4]) {
    await expectProblem(await guess(), 401, "users.factor_invalid");
    const stopped = await guess();
    await expectProblem(stopped, 429, "users.too_many_attempts");
    expect(Number(stopped.headers.get("retry-after"))).toBe(wait);
    // The right code is not looked at either, whatever kind of factor it is.
    const token = await waitingSignIn(person);
    await expectProblem(await verifyFactor(token, { code: await person.code() }), 429, "users.too_many_attempts");
    const [recoveryCode] = person.recoveryCodes;
    await expectProblem(await verifyFactor(token, { recoveryCode }), 429, "users.too_many_attempts");
    pass(wait);
  }
  const token = await waitingSignIn(person);
  expect((await verifyFactor(token, { code: await person.code() })).status).toBe(200);
  await expectProblem(await guess(), 401, "users.factor_invalid"); // forgotten, so the free ones are there again
});

test("an attempt that has to wait counts against no challenge", async () => {
  const person = await newSecuredPerson();
  const wrong = await wrongCode(person.secret);
  for (let count = 0; count <= secondFactor.free; count += 1) {
    await verifyFactor(await waitingSignIn(person), { code: wrong });
  }
  const token = await waitingSignIn(person);
  for (let count = 0; count < 10; count += 1) {
    await expectProblem(await verifyFactor(token, { code: wrong }), 429, "users.too_many_attempts");
  }
  pass(1);
  expect((await verifyFactor(token, { code: await person.code() })).status).toBe(200);
});

test("guesses at one account hold up no other", async () => {
  const [person, neighbour] = [await newSecuredPerson(), await newSecuredPerson()];
  const wrong = await wrongCode(person.secret);
  for (let count = 0; count <= secondFactor.free + 1; count += 1) {
    await verifyFactor(await waitingSignIn(person), { code: wrong });
  }
  const token = await waitingSignIn(neighbour);
  expect((await verifyFactor(token, { code: await neighbour.code() })).status).toBe(200);
});

test("the challenge of one person is answered by nothing of another's", async () => {
  const [victim, attacker] = [await newSecuredPerson(), await newSecuredPerson()];
  const passkey = await addPasskey(attacker);
  const before = await countSessions(victim);
  const token = await waitingSignIn(victim);
  const assertion = await passkey.answer(await requestOptions());
  await expectProblem(await verifyFactor(token, { passkey: assertion }), 401, "users.factor_invalid");
  const disguised = await passkey.answer(await requestOptions(), {
    userHandle: btoa(victim.user.id).replaceAll("=", ""),
  });
  await expectProblem(await verifyFactor(token, { passkey: disguised }), 401, "users.factor_invalid");
  await expectProblem(await verifyFactor(token, { code: await attacker.code() }), 401, "users.factor_invalid");
  const [recoveryCode] = attacker.recoveryCodes;
  await expectProblem(await verifyFactor(token, { recoveryCode }), 401, "users.factor_invalid");
  expect(await countSessions(victim)).toBe(before);
});

test("a passkey's challenge and a sign-in's token are not taken for one another", async () => {
  const person = await newSecuredPerson();
  const passkey = await addPasskey(person);
  const token = await waitingSignIn(person);
  const options = await requestOptions();
  const answered = await passkey.answer({ ...options, challenge: token });
  await expectProblem(await verifyFactor(token, { passkey: answered }), 401, "users.factor_invalid");
  const other = await verifyFactor(options.challenge, { code: await person.code() });
  await expectProblem(other, 410, "users.challenge_invalid");
});

test("a challenge opens no session of an account that was suspended meanwhile, and its owner is told why", async () => {
  const person = await newSecuredPerson();
  const token = await waitingSignIn(person);
  const before = await countSessions(person);
  await env.USERS_DB.prepare("UPDATE users SET suspended_at_ms = 1 WHERE id = ?1").bind(person.user.id).run();
  await expectProblem(await verifyFactor(token, { code: await person.code() }), 403, "users.suspended");
  expect(await countSessions(person)).toBe(before);
});

test.each([
  ["setting another password by mail", "reset"],
  ["changing the password", "change"],
  ["ending all other sessions", "end"],
])("a sign-in that waits for its second factor ends by %s", async (_, how) => {
  const person = await newSecuredPerson();
  const token = await waitingSignIn(person);
  const better = "another good password";
  if (how === "reset") {
    await send("POST", "/v1/auth/password/forgot", { email: person.email });
    const link = await newestLinkSecret(person.email, "reset_password");
    expect((await send("POST", "/v1/auth/password/reset", { token: link, password: better })).status).toBe(204);
  } else if (how === "change") {
    const body = { currentPassword: password, password: better };
    expect((await send("POST", "/v1/auth/password/change", body, person.headers)).status).toBe(204);
  } else {
    expect((await send("DELETE", "/v1/users/profile/sessions", undefined, person.headers)).status).toBe(204);
  }
  await expectProblem(await verifyFactor(token, { code: await person.code() }), 410, "users.challenge_invalid");
});

test("an access token is no answer, and a challenge is no access token", async () => {
  const person = await newSecuredPerson();
  const token = await waitingSignIn(person);
  const used = await send("GET", "/v1/users/profile", undefined, { authorization: `Bearer ${token}` });
  await expectProblem(used, 401, "auth.invalid_token");
  const response = await verifyFactor(person.session.accessToken.slice(0, 256), { code: await person.code() });
  await expectProblem(response, 410, "users.challenge_invalid");
});

const assertion = {
  id: "AAAA",
  rawId: "AAAA",
  type: "public-key",
  response: { clientDataJSON: "AAAA", authenticatorData: "AAAA", signature: "AAAA" },
};

test.each([
  ["nothing", {}, ["token"]],
  ["no factor", { token: "x" }, ["code"]],
  ["two factors", { token: "x", code: "123456", recoveryCode: "0123456789abcdef" }, ["code"]],
  ["an empty token", { token: "", code: "123456" }, ["token"]],
  ["a token that is a list", { token: ["x"], code: "123456" }, ["token"]],
  ["a huge token", { token: "x".repeat(257), code: "123456" }, ["token"]],
  ["five digits", { token: "x", code: "12345" }, ["code"]],
  ["seven digits", { token: "x", code: "1234567" }, ["code"]],
  ["a number for a code", { token: "x", code: 123_456 }, ["code"]],
  ["digits of another script", { token: "x", code: "１２３４５６" }, ["code"]],
  ["a list of codes", { token: "x", code: ["123456"] }, ["code"]],
  ["a huge code", { token: "x", code: "1".repeat(10_000) }, ["code"]],
  ["null for a code", { token: "x", code: null }, ["code"]],
  ["a short recovery code", { token: "x", recoveryCode: "0123" }, ["recoveryCode"]],
  ["signs in a recovery code", { token: "x", recoveryCode: "0123456789abcde%" }, ["recoveryCode"]],
  ["a text for a passkey", { token: "x", passkey: "AAAA" }, ["passkey"]],
  [
    "a passkey without an answer",
    { token: "x", passkey: { ...assertion, response: {} } },
    ["passkey.response.clientDataJSON", "passkey.response.authenticatorData", "passkey.response.signature"],
  ],
  ["a passkey of another type", { token: "x", passkey: { ...assertion, type: "password" } }, ["passkey.type"]],
  ["a passkey that is not base64url", { token: "x", passkey: { ...assertion, id: "A+/=" } }, ["passkey.id"]],
  [
    "a huge passkey",
    { token: "x", passkey: { ...assertion, response: { ...assertion.response, signature: "A".repeat(20_001) } } },
    ["passkey.response.signature"],
  ],
  ["a field that is none", { token: "x", code: "123456", mode: "cookie" }, ["mode"]],
])("%s is refused with the field's path", async (_, body, paths) => {
  const answer = await expectProblem(await send("POST", "/v1/auth/mfa/verify", body), 422, "request.invalid");
  expect(answer.errors?.map((fault) => fault.path)).toEqual(expect.arrayContaining(paths));
});

test("of whatever codes are shown whenever, each of the current step and one to either side is taken once, and nothing else is", async () => {
  const deps = createDeps(env);
  const person = await newVerifiedPerson();
  const user = await deps.users.findById(person.user.id);
  if (user === null) throw new TypeError("a registered person is a user");
  const visits = fc.array(
    fc.record({ later: fc.integer({ min: 0, max: 70_000 }), offset: fc.integer({ min: -3, max: 3 }) }),
    { minLength: 5, maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1_600_000_000_000, max: 2_000_000_000_000 }), visits, async (startMs, shown) => {
      const secret = deps.factorSecrets.newTotpSecret();
      const sealed = await deps.vault.seal(secret, totpPlace(user.id));
      await deps.store.commit([
        ...deps.factors.removeTotp(user.id),
        deps.factors.putTotp(user.id, sealed, startMs),
        deps.factors.confirmTotp(user.id, sealed, startMs),
      ]);
      let [nowMs, lastStep] = [startMs, 0];
      for (const { later, offset } of shown) {
        nowMs += later;
        const step = Math.floor(nowMs / 30_000) + offset;
        const code = await codeAt(secret, step * 30_000);
        const near = await Promise.all(
          [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((side) => codeAt(secret, nowMs + side * 30_000)),
        );
        if (near.filter((each) => each === code).length > 1) continue; // once in a million, two steps have one code
        const proven = await checkFactor(deps, anonymousCall, user, { code }, nowMs);
        const outcome = proven === null ? "wrong" : await deps.store.commit(proven.writes, factorConflicts);
        const expected = Math.abs(offset) > 1 ? "wrong" : step > lastStep ? "committed" : "totp_replayed";
        expect({ nowMs, offset, outcome }).toEqual({ nowMs, offset, outcome: expected });
        if (outcome === "committed") lastStep = step;
      }
    }),
    { numRuns: 25 },
  );
});
