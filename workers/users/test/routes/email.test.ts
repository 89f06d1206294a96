import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { attemptPolicies } from "../../src/domain/attempts.ts";
import {
  expectProblem,
  freshEmail,
  letterIds,
  newestLinkSecret,
  newPerson,
  newVerifiedPerson,
  type Person,
  password,
  send,
  systemCall,
  userCall,
  usersRpc,
} from "../support/people.ts";

const verify = (token: unknown, headers: Record<string, string> = {}) =>
  send("POST", "/v1/auth/email/verify", { token }, headers);
const resend = (email: unknown) => send("POST", "/v1/auth/email/resend", { email });
const countTokens = async (person: Person) =>
  env.USERS_DB.prepare("SELECT count(*) AS count FROM single_use_tokens WHERE user_id = ?1")
    .bind(person.user.id)
    .first<number>("count");

test("the mailed link verifies the address of whoever is signed in to the account, once", async () => {
  const { user, email, headers } = await newPerson();
  const token = await newestLinkSecret(email);
  const response = await verify(token, headers);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ user: { id: user.id, emailVerified: true } });
  await expectProblem(await verify(token, headers), 410, "users.token_invalid");
});

test("the mailed link verifies the address together with the account's password", async () => {
  const { email } = await newPerson();
  const token = await newestLinkSecret(email);
  const response = await send("POST", "/v1/auth/email/verify", { token, password });
  expect(await response.json()).toMatchObject({ user: { email, emailVerified: true } });
});

test("a stranger who registered an address is not verified by its owner's click", async () => {
  const { email } = await newPerson();
  const token = await newestLinkSecret(email);
  await expectProblem(await verify(token), 403, "users.proof_required");
  const other = await newPerson();
  await expectProblem(await verify(token, other.headers), 403, "users.proof_required");
  const guess = await send("POST", "/v1/auth/email/verify", { token, password: "the owner's guess" });
  await expectProblem(guess, 401, "users.invalid_credentials");
  const { user } = await (await send("POST", "/v1/auth/login", { email, password })).json<{ user: object }>();
  expect(user).toMatchObject({ emailVerified: false });
});

test("guessing at a password by way of a link meets the limits of signing in", async () => {
  const { email } = await newPerson();
  const token = await newestLinkSecret(email);
  const guess = () => send("POST", "/v1/auth/email/verify", { token, password: "wrong password" });
  for (let count = 0; count <= attemptPolicies.passwordHere.free; count += 1) expect((await guess()).status).toBe(401);
  await expectProblem(await guess(), 429, "users.too_many_attempts");
  await expectProblem(await send("POST", "/v1/auth/login", { email, password }), 429, "users.too_many_attempts");
});

test("of ten uses of a link at once exactly one counts", async () => {
  const { user, email, headers } = await newPerson();
  const token = await newestLinkSecret(email);
  const answers = await Promise.all(Array.from({ length: 10 }, () => verify(token, headers)));
  expect(answers.map((response) => response.status).sort()).toEqual([200, ...Array(9).fill(410)]);
  const { results } = await env.USERS_DB.prepare(
    "SELECT id FROM audit WHERE action = 'user.email_verified' AND target_id = ?1",
  )
    .bind(user.id)
    .all();
  expect(results).toHaveLength(1);
});

test("a link is over after an hour", async () => {
  const { user, email, headers } = await newPerson();
  const token = await newestLinkSecret(email);
  await env.USERS_DB.prepare("UPDATE single_use_tokens SET expires_at_ms = ?2 WHERE user_id = ?1")
    .bind(user.id, Date.now() - 1)
    .run();
  await expectProblem(await verify(token, headers), 410, "users.token_invalid");
});

test("neither the token's id nor its stored hash is the link's secret", async () => {
  const { user, headers } = await newPerson();
  const row = await env.USERS_DB.prepare("SELECT id, hash FROM single_use_tokens WHERE user_id = ?1")
    .bind(user.id)
    .first<{ id: string; hash: string }>();
  await expectProblem(await verify(row?.id, headers), 410, "users.token_invalid");
  await expectProblem(await verify(row?.hash, headers), 410, "users.token_invalid");
});

test.each([
  ["nothing", ""],
  ["a number", 7],
  ["null", null],
  ["10 kB", "x".repeat(10_000)],
])("%s in place of a token is refused", async (_, token) => {
  await expectProblem(await verify(token), 422, "request.invalid");
});

test("asking again voids the older link, and the letter that carried it", async () => {
  const { email, headers } = await newPerson();
  const older = await newestLinkSecret(email);
  expect((await resend(email)).status).toBe(202);
  const newer = await newestLinkSecret(email);
  expect(newer).not.toBe(older);
  const [olderLetter = "ltr_"] = await letterIds(email, "verify_email");
  expect(await usersRpc.getLetter(systemCall, { letterId: olderLetter })).toMatchObject({
    error: { code: "users.letter_void" },
  });
  await expectProblem(await verify(older, headers), 410, "users.token_invalid");
  expect((await verify(newer, headers)).status).toBe(200);
});

test("asking again answers alike for an unverified, a verified, an unknown and a much-mailed address", async () => {
  const unverified = await newPerson();
  const verified = await newVerifiedPerson();
  const mailed = await newPerson();
  for (let count = 0; count <= attemptPolicies.mail.free; count += 1) await resend(mailed.email);
  const before = await countTokens(mailed);
  const answers = await Promise.all(
    [unverified.email, verified.email, freshEmail(), mailed.email].map(async (email) => {
      const response = await resend(email);
      const headers = [...response.headers].filter(([name]) => name !== "x-request-id");
      return { status: response.status, body: await response.text(), headers };
    }),
  );
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]?.status).toBe(202);
  expect(await countTokens(unverified)).toBe(2);
  expect(await countTokens(verified)).toBe(1);
  expect(await countTokens(mailed)).toBe(before);
});

test("an address that is none is refused when asking again", async () => {
  await expectProblem(await resend("nobody"), 422, "request.invalid");
});

test("only workers may ask for a letter, and only while its link works", async () => {
  const { user, email, headers } = await newPerson();
  const [letterId = "ltr_"] = await letterIds(email, "verify_email");
  const asked = await usersRpc.getLetter(systemCall, { letterId });
  expect(asked).toEqual({
    ok: true,
    value: {
      to: email,
      locale: null,
      subject: { kind: "verify_email" },
      link: { token: expect.stringMatching(/^[\w-]{43}$/), expiresAt: expect.stringMatching(/Z$/) },
    },
  });
  expect(await usersRpc.getLetter(userCall(user.id), { letterId })).toMatchObject({
    error: { code: "auth.forbidden" },
  });
  await verify(asked.ok ? asked.value.link?.token : "", headers);
  expect(await usersRpc.getLetter(systemCall, { letterId })).toMatchObject({ error: { code: "users.letter_void" } });
  const strange = { letterId: "x' OR 1=1" as typeof letterId };
  expect(await usersRpc.getLetter(systemCall, strange)).toMatchObject({ error: { code: "request.invalid" } });
});
