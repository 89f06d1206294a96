import { env } from "cloudflare:workers";
import { limits } from "@foyer/kernel/limits";
import { expect, test } from "vitest";
import {
  expectProblem,
  freshEmail,
  newestLinkSecret,
  newestTokenId,
  newPerson,
  newVerifiedPerson,
  send,
  systemCall,
  userCall,
  usersRpc,
} from "../support/people.ts";

const verify = (token: unknown) => send("POST", "/v1/auth/email/verify", { token });
const resend = (email: unknown) => send("POST", "/v1/auth/email/resend", { email });
const countTokens = async (userId: string) =>
  env.USERS_DB.prepare("SELECT count(*) AS count FROM single_use_tokens WHERE user_id = ?1")
    .bind(userId)
    .first<number>("count");

test("the mailed link verifies the address, once", async () => {
  const { user } = await newPerson();
  const token = await newestLinkSecret(user.id);
  const response = await verify(token);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ user: { id: user.id, emailVerified: true } });
  await expectProblem(await verify(token), 410, "users.token_invalid");
});

test("of ten uses of a link at once exactly one counts", async () => {
  const { user } = await newPerson();
  const token = await newestLinkSecret(user.id);
  const answers = await Promise.all(Array.from({ length: 10 }, () => verify(token)));
  expect(answers.map((response) => response.status).sort()).toEqual([200, ...Array(9).fill(410)]);
  const { results } = await env.USERS_DB.prepare(
    "SELECT id FROM audit WHERE action = 'user.email_verified' AND target_id = ?1",
  )
    .bind(user.id)
    .all();
  expect(results).toHaveLength(1);
});

test("a link is over after an hour", async () => {
  const { user } = await newPerson();
  const token = await newestLinkSecret(user.id);
  await env.USERS_DB.prepare("UPDATE single_use_tokens SET expires_at_ms = ?2 WHERE user_id = ?1")
    .bind(user.id, Date.now() - 1)
    .run();
  await expectProblem(await verify(token), 410, "users.token_invalid");
});

test("neither the token's id nor its stored hash is the link's secret", async () => {
  const { user } = await newPerson();
  const row = await env.USERS_DB.prepare("SELECT id, hash FROM single_use_tokens WHERE user_id = ?1")
    .bind(user.id)
    .first<{ id: string; hash: string }>();
  await expectProblem(await verify(row?.id), 410, "users.token_invalid");
  await expectProblem(await verify(row?.hash), 410, "users.token_invalid");
});

test.each([
  ["nothing", ""],
  ["a number", 7],
  ["null", null],
  ["10 kB", "x".repeat(10_000)],
])("%s in place of a token is refused", async (_, token) => {
  await expectProblem(await verify(token), 422, "request.invalid");
});

test("asking again voids the older link", async () => {
  const { email, user } = await newPerson();
  const older = await newestLinkSecret(user.id);
  expect((await resend(email)).status).toBe(202);
  const newer = await newestLinkSecret(user.id);
  expect(newer).not.toBe(older);
  await expectProblem(await verify(older), 410, "users.token_invalid");
  expect((await verify(newer)).status).toBe(200);
});

test("asking again answers alike for an unverified, a verified, an unknown and a much-mailed address", async () => {
  const unverified = await newPerson();
  const verified = await newVerifiedPerson();
  const mailed = await newPerson();
  for (let count = 0; count < limits.verificationMailsMax; count += 1) await resend(mailed.email);
  const before = await countTokens(mailed.user.id);
  const answers = await Promise.all(
    [unverified.email, verified.email, freshEmail(), mailed.email].map(async (email) => {
      const response = await resend(email);
      const headers = [...response.headers].filter(([name]) => name !== "x-request-id");
      return { status: response.status, body: await response.text(), headers };
    }),
  );
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]?.status).toBe(202);
  expect(await countTokens(unverified.user.id)).toBe(2);
  expect(await countTokens(verified.user.id)).toBe(1);
  expect(await countTokens(mailed.user.id)).toBe(before);
});

test("an address that is none is refused when asking again", async () => {
  await expectProblem(await resend("nobody"), 422, "request.invalid");
});

test("only workers may ask for a link's secret, and only while the link works", async () => {
  const { user } = await newPerson();
  const tokenId = await newestTokenId(user.id);
  const asked = await usersRpc.getSingleUseToken(systemCall, { tokenId });
  expect(asked).toEqual({
    ok: true,
    value: {
      token: expect.stringMatching(/^[\w-]{43}$/),
      purpose: "verify_email",
      userId: user.id,
      expiresAt: expect.stringMatching(/Z$/),
    },
  });
  expect(await usersRpc.getSingleUseToken(userCall(user.id), { tokenId })).toMatchObject({
    error: { code: "auth.forbidden" },
  });
  await verify(asked.ok ? asked.value.token : "");
  expect(await usersRpc.getSingleUseToken(systemCall, { tokenId })).toMatchObject({
    error: { code: "users.token_invalid" },
  });
  expect(await usersRpc.getSingleUseToken(systemCall, { tokenId: "x' OR 1=1" })).toMatchObject({
    error: { code: "request.invalid" },
  });
});
