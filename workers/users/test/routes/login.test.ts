import { env } from "cloudflare:workers";
import { limits } from "@foyer/kernel/limits";
import { expect, test } from "vitest";
import { expectProblem, freshEmail, newPerson, password, send } from "../support/people.ts";

const login = (email: string, given: string, headers: Record<string, string> = {}) =>
  send("POST", "/v1/auth/login", { email, password: given }, headers);

test("the right password opens a new session of the same account", async () => {
  const { email, user, session } = await newPerson();
  const response = await login(email.toUpperCase(), password);
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  const body = await response.json<{ user: object; session: { refreshToken: string } }>();
  expect(body.user).toEqual(user);
  expect(body.session.refreshToken).not.toBe(session.refreshToken);
});

test("a password counts by its characters, not by how they are composed", async () => {
  const email = freshEmail();
  await send("POST", "/v1/auth/register", { email, password: "café café café", name: "Buyer One" });
  expect((await login(email, "cafe\u0301 cafe\u0301 cafe\u0301")).status).toBe(200);
});

test("every character counts, also behind many that take several bytes", async () => {
  const email = freshEmail();
  const long = "длинный пароль из многих букв";
  await send("POST", "/v1/auth/register", { email, password: long, name: "Buyer One" });
  await expectProblem(await login(email, long.slice(0, -1)), 401, "users.invalid_credentials");
  await expectProblem(await login(email, `${long.slice(0, -1)}и`), 401, "users.invalid_credentials");
  expect((await login(email, long)).status).toBe(200);
});

test("an unknown address and a wrong password get answers that differ in nothing but the request's id", async () => {
  const { email } = await newPerson();
  const answers = await Promise.all(
    [login(email, "wrong password"), login(freshEmail(), "wrong password")].map(async (pending) => {
      const response = await pending;
      const { requestId, ...body } = await response.json<Record<string, unknown>>();
      const headers = [...response.headers].filter(([name]) => name !== "x-request-id");
      return { status: response.status, body, headers, requestId: typeof requestId };
    }),
  );
  expect(answers[0]).toEqual(answers[1]);
  expect(answers[0]?.body).toMatchObject({ code: "users.invalid_credentials" });
});

test.each(["known", "unknown"])(
  "guessing at a %s account is stopped past the limit, with a time to wait",
  async (kind) => {
    const email = kind === "known" ? (await newPerson()).email : freshEmail();
    for (let attempt = 0; attempt < limits.loginFailuresMax; attempt += 1) {
      await expectProblem(await login(email, "wrong password"), 401, "users.invalid_credentials");
    }
    const stopped = await login(email, "wrong password");
    await expectProblem(stopped, 429, "users.too_many_attempts");
    const waitSeconds = Number(stopped.headers.get("retry-after"));
    expect(waitSeconds).toBeGreaterThan(0);
    expect(waitSeconds).toBeLessThanOrEqual(limits.loginWindowSeconds);
    await expectProblem(await login(email, password), 429, "users.too_many_attempts");
  },
);

test("guesses made all at once are counted as well as those made in turn", async () => {
  const { email } = await newPerson();
  const answers = await Promise.all(
    Array.from({ length: limits.loginFailuresMax + 5 }, () => login(email, "wrong password")),
  );
  expect(answers.filter((response) => response.status === 429)).toHaveLength(5);
});

test("a lock-out ends by itself when its window does", async () => {
  const { email } = await newPerson();
  for (let attempt = 0; attempt <= limits.loginFailuresMax; attempt += 1) await login(email, "wrong password");
  expect((await login(email, password)).status).toBe(429);
  await env.USERS_DB.prepare("UPDATE attempts SET window_ends_at_ms = ?1").bind(Date.now()).run();
  expect((await login(email, password)).status).toBe(200);
});

test("signing in forgets the failures before it", async () => {
  const { email } = await newPerson();
  for (let round = 0; round < 2; round += 1) {
    for (let attempt = 1; attempt < limits.loginFailuresMax; attempt += 1) await login(email, "wrong password");
    expect((await login(email, password)).status).toBe(200);
  }
});

test("one network address cannot guess at many accounts without end, and others are not held up by it", async () => {
  const from = { "cf-connecting-ip": "2001:db8::1" };
  await login(freshEmail(), "wrong password", from);
  await env.USERS_DB.prepare("UPDATE attempts SET count = ?1").bind(limits.loginFailuresPerAddressMax).run();
  const neighbour = { "cf-connecting-ip": "2001:db8::ffff" };
  for (const headers of [from, neighbour]) {
    await expectProblem(await login(freshEmail(), "wrong password", headers), 429, "users.too_many_attempts");
  }
  const other = await login(freshEmail(), "wrong password", { "cf-connecting-ip": "2001:db8:0:1::1" });
  await expectProblem(other, 401, "users.invalid_credentials");
});

test("the counters hold no addresses", async () => {
  const { email } = await newPerson();
  await login(email, "wrong password", { "cf-connecting-ip": "192.0.2.77" });
  const { results } = await env.USERS_DB.prepare("SELECT key FROM attempts").all<{ key: string }>();
  expect(results.length).toBeGreaterThan(0);
  for (const { key } of results) expect(key).toMatch(/^[0-9a-f]{64}$/);
});

test("a hash of another cost is made anew when its owner signs in", async () => {
  const { email, user } = await newPerson();
  // argon2id of the tests' password, in the hasher's encoding, at m=64, t=1
  const { default: Argon2 } = await import("@phi-ag/argon2");
  const { default: wasm } = await import("@phi-ag/argon2/argon2.wasm");
  const cheap = new Argon2(new WebAssembly.Instance(wasm, {})).hash(
    btoa(password).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""),
    { memoryCost: 64, timeCost: 1, parallelism: 1 },
  ).encoded;
  await env.USERS_DB.prepare("UPDATE credentials SET password_hash = ?2 WHERE user_id = ?1").bind(user.id, cheap).run();
  expect((await login(email, password)).status).toBe(200);
  const row = await env.USERS_DB.prepare("SELECT password_hash AS hash FROM credentials WHERE user_id = ?1")
    .bind(user.id)
    .first<{ hash: string }>();
  expect(row?.hash).toContain("m=19456,t=2,p=1");
  expect((await login(email, password)).status).toBe(200);
});

test.each([
  ["no password", { email: "a@example.com" }, "password"],
  ["an object for a password", { email: "a@example.com", password: {} }, "password"],
  ["a huge password", { email: "a@example.com", password: "x".repeat(10_000) }, "password"],
  ["another field", { email: "a@example.com", password: "x", mfa: "1" }, "mfa"],
])("%s is refused with the field's path", async (_, body, path) => {
  const answer = await expectProblem(await send("POST", "/v1/auth/login", body), 422, "request.invalid");
  expect(answer.errors?.map((fault) => fault.path)).toContain(path);
});
