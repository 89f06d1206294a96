import { env, exports } from "cloudflare:workers";
import type { SessionBody, UserBody } from "@foyer/contracts/users/api";
import { badTokens } from "@foyer/testing/tokens";
import { decodeJwt, importJWK, jwtVerify } from "jose";
import { expect, test } from "vitest";
import { expectProblem, newestLinkSecret, newPerson, send } from "../support/people.ts";

const refresh = (refreshToken: unknown) => send("POST", "/v1/auth/refresh", { refreshToken });

async function refreshed(refreshToken: string) {
  const response = await refresh(refreshToken);
  expect(response.status).toBe(200);
  return response.json<{ user: UserBody; session: SessionBody }>();
}

test("a refresh token brings the next one of the same session, again and again", async () => {
  const { session, user } = await newPerson();
  const second = await refreshed(session.refreshToken);
  const third = await refreshed(second.session.refreshToken);
  expect(third.user).toEqual(user);
  expect(new Set([session.refreshToken, second.session.refreshToken, third.session.refreshToken]).size).toBe(3);
  expect(decodeJwt(third.session.accessToken).sid).toBe(decodeJwt(session.accessToken).sid);
});

test("showing a used refresh token ends the whole family, and is written down once", async () => {
  const { session } = await newPerson();
  const second = await refreshed(session.refreshToken);
  await expectProblem(await refresh(session.refreshToken), 401, "users.refresh_reused");
  await expectProblem(await refresh(second.session.refreshToken), 401, "users.refresh_invalid");
  await expectProblem(await refresh(session.refreshToken), 401, "users.refresh_reused");
  const { results } = await env.USERS_DB.prepare(
    "SELECT action FROM audit WHERE action = 'session.refresh_reused' AND target_id = ?1",
  )
    .bind(decodeJwt(session.accessToken).sid)
    .all();
  expect(results).toHaveLength(1);
});

test("another session of the same person outlives the end of a family", async () => {
  const person = await newPerson();
  const other = await send("POST", "/v1/auth/login", { email: person.email, password: "correct horse battery" });
  const { session } = await other.json<{ session: SessionBody }>();
  await refreshed(person.session.refreshToken);
  await refresh(person.session.refreshToken);
  await refreshed(session.refreshToken);
});

test("of ten refreshes with one token at once exactly one wins, and the family ends", async () => {
  const { session } = await newPerson();
  const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(session.refreshToken)));
  const winners = answers.filter((response) => response.status === 200);
  expect(winners).toHaveLength(1);
  const won = await winners[0]?.json<{ session: SessionBody }>();
  await expectProblem(await refresh(won?.session.refreshToken), 401, "users.refresh_invalid");
});

test("an expired refresh token and an expired session are over", async () => {
  const first = await newPerson();
  await env.USERS_DB.prepare(
    "UPDATE refresh_tokens SET expires_at_ms = ?2 WHERE session_id IN (SELECT id FROM sessions WHERE user_id = ?1)",
  )
    .bind(first.user.id, Date.now() - 1)
    .run();
  await expectProblem(await refresh(first.session.refreshToken), 401, "users.refresh_invalid");
  const second = await newPerson();
  await env.USERS_DB.prepare("UPDATE sessions SET expires_at_ms = ?2 WHERE user_id = ?1")
    .bind(second.user.id, Date.now() - 1)
    .run();
  await expectProblem(await refresh(second.session.refreshToken), 401, "users.refresh_invalid");
});

test("no refresh outlives its session's last day", async () => {
  const { session, user } = await newPerson();
  const lastMs = Date.now() + 60_000;
  await env.USERS_DB.prepare("UPDATE sessions SET expires_at_ms = ?2 WHERE user_id = ?1").bind(user.id, lastMs).run();
  await refreshed(session.refreshToken);
  const row = await env.USERS_DB.prepare(
    "SELECT t.expires_at_ms AS at FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id WHERE s.user_id = ?1 AND t.replaced_by IS NULL",
  )
    .bind(user.id)
    .first<{ at: number }>();
  expect(row?.at).toBe(lastMs);
});

test("a refreshed access token knows that the address was verified meanwhile", async () => {
  const { session, user } = await newPerson();
  expect(decodeJwt(session.accessToken)).toMatchObject({ evd: false, adm: false });
  await send("POST", "/v1/auth/email/verify", { token: await newestLinkSecret(user.id) });
  const next = await refreshed(session.refreshToken);
  expect(next.user.emailVerified).toBe(true);
  expect(decodeJwt(next.session.accessToken)).toMatchObject({ evd: true, adm: false });
});

test("an administrator of the platform is one by the database alone", async () => {
  const { session, user } = await newPerson();
  await env.USERS_DB.prepare("UPDATE users SET platform_admin = 1 WHERE id = ?1").bind(user.id).run();
  const next = await refreshed(session.refreshToken);
  expect(next.user.platformAdmin).toBe(true);
  expect(decodeJwt(next.session.accessToken)).toMatchObject({ adm: true });
});

test.each([
  ["garbage", "garbage", 401],
  ["a NUL", "\u0000", 401],
  ["nothing", "", 422],
  ["a number", 1, 422],
  ["10 kB", "x".repeat(10_000), 422],
])("%s in place of a refresh token is refused", async (_, token, status) => {
  expect((await refresh(token)).status).toBe(status);
});

test("refreshing looks at no bearer token: an expired one comes along", async () => {
  const { session } = await newPerson();
  const { expired = "" } = await badTokens();
  const headers = { authorization: `Bearer ${expired}` };
  const response = await send("POST", "/v1/auth/refresh", { refreshToken: session.refreshToken }, headers);
  expect(response.status).toBe(200);
});

test("signing out by refresh token ends the session, again and again", async () => {
  const { session } = await newPerson();
  const { expired = "" } = await badTokens();
  for (let round = 0; round < 2; round += 1) {
    const response = await send(
      "POST",
      "/v1/auth/logout",
      { refreshToken: session.refreshToken },
      { authorization: `Bearer ${expired}` },
    );
    expect(response.status).toBe(204);
  }
  await expectProblem(await refresh(session.refreshToken), 401, "users.refresh_invalid");
});

test.each([
  ["without a body", undefined],
  ["with an empty one", {}],
])("signing out by access token %s ends its own session", async (_, body) => {
  const { session, headers } = await newPerson();
  expect((await send("POST", "/v1/auth/logout", body, headers)).status).toBe(204);
  await expectProblem(await refresh(session.refreshToken), 401, "users.refresh_invalid");
});

test("signing out needs to know which session", async () => {
  await expectProblem(await send("POST", "/v1/auth/logout"), 401, "auth.required");
  for (const token of Object.values(await badTokens())) {
    const response = await send("POST", "/v1/auth/logout", undefined, { authorization: `Bearer ${token}` });
    await expectProblem(response, 401, "auth.invalid_token");
  }
  await expectProblem(await send("POST", "/v1/auth/logout", '{"refreshToken":'), 400, "request.malformed_json");
});

test("the published keys verify what was signed, may be cached, and hold nothing private", async () => {
  const { session, user } = await newPerson();
  const response = await exports.default.fetch("https://users/.well-known/jwks.json");
  expect(response.headers.get("cache-control")).toBe("public, s-maxage=300");
  const { keys } = await response.json<{ keys: Record<string, string>[] }>();
  expect(keys).toEqual([
    { kty: "OKP", crv: "Ed25519", kid: "test-1", alg: "EdDSA", use: "sig", x: expect.stringMatching(/^[\w-]{43}$/) },
  ]);
  const { payload, protectedHeader } = await jwtVerify(session.accessToken, await importJWK(keys[0] ?? {}, "EdDSA"), {
    algorithms: ["EdDSA"],
    typ: "at+jwt",
    issuer: "https://foyer.local",
    audience: "foyer",
  });
  expect(payload.sub).toBe(user.id);
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(900);
  expect(protectedHeader.kid).toBe("test-1");
});
