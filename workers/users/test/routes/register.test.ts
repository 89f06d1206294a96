import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { expectProblem, freshEmail, newPerson, password, send } from "../support/people.ts";

const register = (body: unknown) => send("POST", "/v1/auth/register", body);

test("registering answers with the account and a session, and keeps both from caches", async () => {
  const email = freshEmail();
  const response = await register({ email: ` ${email.toUpperCase()} `, password, name: "  Buyer One " });
  expect(response.status).toBe(201);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.json()).toEqual({
    user: {
      id: expect.stringMatching(/^usr_[0-9a-z]{26}$/),
      email,
      emailVerified: false,
      name: "Buyer One",
      locale: null,
      timezone: null,
      avatarUrl: null,
      pendingEmail: null,
      hasPassword: true,
      marketingConsent: null,
      platformAdmin: false,
      platformRoles: [],
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
    },
    session: {
      accessToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      refreshToken: expect.stringMatching(/^[\w-]{43}$/),
      tokenType: "Bearer",
      expiresIn: 900,
    },
  });
});

test("the database holds neither the password nor the refresh token nor the link's secret", async () => {
  const { user, session } = await newPerson();
  const credential = await env.USERS_DB.prepare("SELECT password_hash AS hash FROM credentials WHERE user_id = ?1")
    .bind(user.id)
    .first<{ hash: string }>();
  expect(credential?.hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  const token = await env.USERS_DB.prepare(
    "SELECT t.hash FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id WHERE s.user_id = ?1",
  )
    .bind(user.id)
    .first<{ hash: string }>();
  expect(token?.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(token?.hash).not.toContain(session.refreshToken);
});

test("registering is in the audit trail, which cannot be changed or cut", async () => {
  const { user } = await newPerson();
  const row = await env.USERS_DB.prepare("SELECT action, actor_id AS actor FROM audit WHERE target_id = ?1")
    .bind(user.id)
    .first();
  expect(row).toEqual({ action: "user.registered", actor: user.id });
  await expect(
    env.USERS_DB.prepare("UPDATE audit SET action = 'x' WHERE target_id = ?1").bind(user.id).run(),
  ).rejects.toThrow("append-only");
  await expect(env.USERS_DB.prepare("DELETE FROM audit WHERE target_id = ?1").bind(user.id).run()).rejects.toThrow(
    "append-only",
  );
});

test("an address has one account, whatever its case, also when two register at once", async () => {
  const email = freshEmail();
  const both = await Promise.all([
    register({ email, password, name: "Buyer One" }),
    register({ email: email.toUpperCase(), password, name: "Buyer Two" }),
  ]);
  expect(both.map((response) => response.status).sort()).toEqual([201, 409]);
  await expectProblem(await register({ email, password, name: "Buyer Three" }), 409, "users.email_taken");
});

test.each([
  ["a password of 7 characters", { password: "1234567" }, "password"],
  ["a password of 129 characters", { password: "x".repeat(129) }, "password"],
  ["a password that is a number", { password: 12345678 }, "password"],
  ["a password with a lone surrogate", { password: "\ud800abcdefgh" }, "password"],
  ["an address without a domain", { email: "nobody" }, "email"],
  ["an address with a NUL", { email: "a\u0000@example.com" }, "email"],
  ["an address with CR LF", { email: "a@example.com\r\nbcc: b@example.com" }, "email"],
  ["an address that is too long", { email: `${"a".repeat(250)}@example.com` }, "email"],
  ["an empty name", { name: "  " }, "name"],
  ["a name with a NUL", { name: "Buyer\u0000One" }, "name"],
  ["a huge name", { name: "x".repeat(100_000) }, "name"],
  ["no name", { name: undefined }, "name"],
  ["a platform administrator", { platformAdmin: true }, "platformAdmin"],
  ["a role", { role: "owner" }, "role"],
  ["an id", { id: "usr_00000000000000000000000000" }, "id"],
  ["a verified address", { emailVerified: true }, "emailVerified"],
])("%s is refused with the field's path", async (_, fields, path) => {
  const body = await expectProblem(
    await register({ email: freshEmail(), password, name: "Buyer One", ...fields }),
    422,
    "request.invalid",
  );
  expect(body.errors?.map((fault) => fault.path)).toContain(path);
});

test("a body with __proto__ is refused", async () => {
  const body = `{"email":"${freshEmail()}","password":"${password}","name":"Buyer","__proto__":{"platformAdmin":true}}`;
  await expectProblem(await register(body), 422, "request.invalid");
});

test("malformed JSON is 400, another media type 415", async () => {
  await expectProblem(await register("{"), 400, "request.malformed_json");
  const response = await send("POST", "/v1/auth/register", "email=a", {
    "content-type": "application/x-www-form-urlencoded",
  });
  await expectProblem(response, 415, "request.unsupported_media_type");
});

test.each([
  ["8 characters", "vxq7mk2p"],
  ["128 characters", "x".repeat(128)],
  ["128 characters outside the basic plane", "😀".repeat(128)],
  ["Cyrillic", "правильная лошадь"],
  ["spaces and a NUL", "        \u0000"],
])("a password of %s is taken and signs in again", async (_, chosen) => {
  const email = freshEmail();
  expect((await register({ email, password: chosen, name: "Buyer 😀" })).status).toBe(201);
  expect((await send("POST", "/v1/auth/login", { email, password: chosen })).status).toBe(200);
});
