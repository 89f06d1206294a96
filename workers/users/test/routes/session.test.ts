import { env, exports } from "cloudflare:workers";
import type { UserBody } from "@foyer/contracts/users/api/people";
import type { SessionBody } from "@foyer/contracts/users/api/sessions";
import { badTokens } from "@foyer/testing/tokens";
import { decodeJwt, importJWK, jwtVerify } from "jose";
import { afterEach, expect, test, vi } from "vitest";
import { expectProblem, newestLinkSecret, newPerson, send } from "../support/people.ts";

const here = { "user-agent": "Firefox/140.0", "cf-connecting-ip": "192.0.2.1" };
const elsewhere = { ...here, "cf-connecting-ip": "198.51.100.7" };
const refresh = (refreshToken: unknown, from: Record<string, string> = here) =>
  send("POST", "/v1/auth/refresh", { refreshToken }, from);

async function refreshed(refreshToken: string, from = here) {
  const response = await refresh(refreshToken, from);
  expect(response.status).toBe(200);
  return response.json<{ user: UserBody; session: SessionBody }>();
}
afterEach(() => void vi.restoreAllMocks());

test("a refresh token brings the next one of the same session, again and again", async () => {
  const { session, user } = await newPerson();
  const second = await refreshed(session.refreshToken);
  const third = await refreshed(second.session.refreshToken);
  expect(third.user).toEqual(user);
  expect(new Set([session.refreshToken, second.session.refreshToken, third.session.refreshToken]).size).toBe(3);
  expect(decodeJwt(third.session.accessToken).sid).toBe(decodeJwt(session.accessToken).sid);
});

test("a used refresh token, shown from elsewhere, ends the whole family, and is written down once", async () => {
  const { session } = await newPerson();
  const second = await refreshed(session.refreshToken);
  await expectProblem(await refresh(session.refreshToken, elsewhere), 401, "users.refresh_reused");
  await expectProblem(await refresh(second.session.refreshToken), 401, "users.refresh_invalid");
  await expectProblem(await refresh(session.refreshToken), 401, "users.refresh_reused");
  const { results } = await env.USERS_DB.prepare(
    "SELECT action FROM audit WHERE action = 'session.refresh_reused' AND target_id = ?1",
  )
    .bind(decodeJwt(session.accessToken).sid)
    .all();
  expect(results).toHaveLength(1);
});

test("a used refresh token ends the family later than ten seconds after, also from the same client", async () => {
  const { session } = await newPerson();
  const second = await refreshed(session.refreshToken);
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 10_001);
  await expectProblem(await refresh(session.refreshToken), 401, "users.refresh_reused");
  await expectProblem(await refresh(second.session.refreshToken), 401, "users.refresh_invalid");
});

test("a used refresh token ends the family once its successor was used, however soon", async () => {
  const { session } = await newPerson();
  const second = await refreshed(session.refreshToken);
  await refreshed(second.session.refreshToken);
  await expectProblem(await refresh(session.refreshToken), 401, "users.refresh_reused");
});

test("a client that lost the answer gets the same successor again, which works on", async () => {
  const { session } = await newPerson();
  const first = await refreshed(session.refreshToken);
  const again = await refreshed(session.refreshToken);
  expect(again.session.refreshToken).toBe(first.session.refreshToken);
  const next = await refreshed(again.session.refreshToken);
  await refreshed(next.session.refreshToken);
});

test("another browser in the same network is not the same client", async () => {
  const { session } = await newPerson();
  await refreshed(session.refreshToken);
  const other = await refresh(session.refreshToken, { ...here, "user-agent": "curl/8.0" });
  await expectProblem(other, 401, "users.refresh_reused");
});

test("what is stored of refresh tokens leads to none of them", async () => {
  const { session } = await newPerson();
  const second = await refreshed(session.refreshToken);
  const { results } = await env.USERS_DB.prepare("SELECT * FROM refresh_tokens").all();
  const stored = JSON.stringify(results);
  for (const { refreshToken } of [session, second.session]) expect(stored).not.toContain(refreshToken);
  for (const { nonce, hash } of results) {
    await expectProblem(await refresh(hash), 401, "users.refresh_invalid");
    if (nonce !== null) await expectProblem(await refresh(nonce), 401, "users.refresh_invalid");
  }
});

test("another session of the same person outlives the end of a family", async () => {
  const person = await newPerson();
  const other = await send("POST", "/v1/auth/login", { email: person.email, password: "correct horse battery" });
  const { session } = await other.json<{ session: SessionBody }>();
  await refreshed(person.session.refreshToken);
  await refresh(person.session.refreshToken, elsewhere);
  await refreshed(session.refreshToken);
});

test("ten tabs that refresh at once stay signed in, with one successor", async () => {
  const { session } = await newPerson();
  const answers = await Promise.all(Array.from({ length: 10 }, () => refreshed(session.refreshToken)));
  expect(new Set(answers.map((answer) => answer.session.refreshToken)).size).toBe(1);
  await refreshed(answers[0]?.session.refreshToken ?? "");
});

test("of ten thieves and owners who refresh at once from as many places one wins at most, and the family ends", async () => {
  const { session } = await newPerson();
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      refresh(session.refreshToken, { ...here, "cf-connecting-ip": `203.0.113.${index}` }),
    ),
  );
  const winners = answers.filter((response) => response.status === 200);
  expect(winners).toHaveLength(1);
  const won = await winners[0]?.json<{ session: SessionBody }>();
  await expectProblem(await refresh(won?.session.refreshToken), 401, "users.refresh_invalid");
});

test("an access token of a session that has ended is refused within a minute", async () => {
  const { headers, session } = await newPerson();
  expect((await send("POST", "/v1/auth/logout", undefined, headers)).status).toBe(204);
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 59_000);
  await expectProblem(await send("GET", "/v1/users/profile", undefined, headers), 401, "auth.invalid_token");
  await expectProblem(await refresh(session.refreshToken), 401, "users.refresh_invalid");
});

test("sessions are listed with device, place and way in, the caller's own marked", async () => {
  const { email, headers, user } = await newPerson();
  const phone = {
    "user-agent":
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "cf-connecting-ip": "192.0.2.9",
    "foyer-place": "M%C3%BCnchen%2C%20DE",
  };
  const signedIn = await send("POST", "/v1/auth/login", { email, password: "correct horse battery" }, phone);
  const { session } = await signedIn.json<{ session: SessionBody }>();
  const listed = await send("GET", "/v1/users/profile/sessions", undefined, {
    authorization: `Bearer ${session.accessToken}`,
  });
  const { data } = await listed.json<{ data: Record<string, unknown>[] }>();
  expect(data).toHaveLength(2);
  expect(data.map(({ current }) => current)).toEqual([false, true]);
  expect(data[1]).toMatchObject({ device: "Safari on iOS", place: "München, DE", method: "password", mode: "bearer" });
  expect(JSON.stringify(data)).not.toContain("192.0.2.9");
  const row = await env.USERS_DB.prepare("SELECT * FROM sessions WHERE user_id = ?1").bind(user.id).all();
  expect(JSON.stringify(row.results)).not.toMatch(/192\.0\.2\.9|Mozilla/);

  const other = data[0]?.id as string;
  const ended = await send("DELETE", `/v1/users/profile/sessions/${other}`, undefined, headers);
  expect(ended.status).toBe(204);
  const gone = await send("DELETE", `/v1/users/profile/sessions/${other}`, undefined, headers);
  await expectProblem(gone, 404, "users.session_not_found");
});

test("a refresh notes where a session is used now", async () => {
  const { session, headers } = await newPerson();
  await refreshed(session.refreshToken, { ...here, "foyer-place": "Hamburg%2C%20DE" } as typeof here);
  const { data } = await (await send("GET", "/v1/users/profile/sessions", undefined, headers)).json<{
    data: object[];
  }>();
  expect(data).toMatchObject([{ device: "Firefox", place: "Hamburg, DE" }]);
});

test("ending all others leaves the one that asks", async () => {
  const person = await newPerson();
  const others = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const response = await send("POST", "/v1/auth/login", { email: person.email, password: "correct horse battery" });
      return (await response.json<{ session: SessionBody }>()).session;
    }),
  );
  expect((await send("DELETE", "/v1/users/profile/sessions", undefined, person.headers)).status).toBe(204);
  for (const { refreshToken } of others) {
    await expectProblem(await refresh(refreshToken), 401, "users.refresh_invalid");
  }
  await refreshed(person.session.refreshToken);
});

test("another's session cannot be ended, nor looked at", async () => {
  const [owner, stranger] = [await newPerson(), await newPerson()];
  const id = decodeJwt(owner.session.accessToken).sid;
  const response = await send("DELETE", `/v1/users/profile/sessions/${id}`, undefined, stranger.headers);
  await expectProblem(response, 404, "users.session_not_found");
  await refreshed(owner.session.refreshToken);
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
  const { session, email, headers } = await newPerson();
  expect(decodeJwt(session.accessToken)).toMatchObject({ evd: false, adm: false });
  await send("POST", "/v1/auth/email/verify", { token: await newestLinkSecret(email) }, headers);
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
