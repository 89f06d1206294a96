import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { attemptPolicies } from "../../src/domain/attempts.ts";
import { expectProblem, freshEmail, newestLinkSecret, newPerson, password, send } from "../support/people.ts";

const login = (email: string, given: string, headers: Record<string, string> = {}) =>
  send("POST", "/v1/auth/login", { email, password: given }, headers);
const from = (address: string) => ({ "cf-connecting-ip": address });
const { passwordHere, passwordAnywhere, passwordNetwork } = attemptPolicies;

let networks = 0;
/** A network that nobody else in this file calls from. */
function freshNetwork(): Record<string, string> {
  networks += 1;
  return from(`2001:db8:${Math.floor(networks / 60_000)}:${(networks % 60_000).toString(16)}::1`);
}

/** Lets the given time pass, for everything that looks at the clock. */
function pass(seconds: number): void {
  const nowMs = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(nowMs + seconds * 1000);
}
afterEach(() => void vi.restoreAllMocks());

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
  "guessing at a %s account is stopped, with a time to wait that doubles",
  async (kind) => {
    const email = kind === "known" ? (await newPerson()).email : freshEmail();
    const network = freshNetwork();
    for (let attempt = 0; attempt < passwordHere.free; attempt += 1) {
      await expectProblem(await login(email, "wrong password", network), 401, "users.invalid_credentials");
    }
    for (const wait of [1, 2, 4, 8]) {
      await expectProblem(await login(email, "wrong password", network), 401, "users.invalid_credentials");
      const stopped = await login(email, "wrong password", network);
      await expectProblem(stopped, 429, "users.too_many_attempts");
      expect(Number(stopped.headers.get("retry-after"))).toBe(wait);
      await expectProblem(await login(email, password, network), 429, "users.too_many_attempts");
      pass(wait);
    }
  },
);

test("guesses made all at once are counted as well as those made in turn", async () => {
  const { email } = await newPerson();
  const network = freshNetwork();
  const answers = await Promise.all(Array.from({ length: 30 }, () => login(email, "wrong password", network)));
  // The one that begins the first wait is looked at still.
  expect(answers.filter((response) => response.status === 401)).toHaveLength(passwordHere.free + 1);
  expect(answers.filter((response) => response.status === 429)).toHaveLength(30 - passwordHere.free - 1);
});

test("the owner elsewhere is not locked out by someone who guesses at their account", async () => {
  const { email } = await newPerson();
  const guesser = freshNetwork();
  for (let attempt = 0; attempt <= passwordHere.free + 1; attempt += 1) await login(email, "wrong password", guesser);
  expect((await login(email, password, guesser)).status).toBe(429);
  expect((await login(email, password, freshNetwork())).status).toBe(200);
});

test("guessers in many networks share the attempts at one account", async () => {
  const { email } = await newPerson();
  for (let attempt = 0; attempt <= passwordAnywhere.free; attempt += 1) {
    expect((await login(email, "wrong password", freshNetwork())).status).toBe(401);
  }
  await expectProblem(await login(email, "wrong password", freshNetwork()), 429, "users.too_many_attempts");
}, 60_000);

test("ten thousand guesses from one place are looked at a handful of times, and from everywhere a few dozen", async () => {
  const { email } = await newPerson();
  const guess = async (headers: Record<string, string>): Promise<number> => {
    const response = await login(email, "wrong password", headers);
    await response.body?.cancel();
    return response.status;
  };
  const statuses: number[] = [];
  const nowMs = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(nowMs); // the flood takes no time: no wait ends in it
  const here = freshNetwork();
  for (let round = 0; round < 99; round += 1) {
    statuses.push(...(await Promise.all(Array.from({ length: 100 }, () => guess(here)))));
  }
  expect(statuses.filter((status) => status === 401)).toHaveLength(passwordHere.free + 1);
  // Whoever has a hundred networks has five free attempts in each, and fifty in all.
  statuses.push(...(await Promise.all(Array.from({ length: 100 }, () => guess(freshNetwork())))));
  expect(statuses).toHaveLength(10_000);
  expect(statuses.filter((status) => status === 401)).toHaveLength(passwordAnywhere.free + 1);
  expect(statuses.every((status) => status === 401 || status === 429)).toBe(true);
}, 180_000);

test("a lock-out ends by itself", async () => {
  const { email } = await newPerson();
  const network = freshNetwork();
  for (let attempt = 0; attempt <= passwordHere.free; attempt += 1) await login(email, "wrong password", network);
  expect((await login(email, password, network)).status).toBe(429);
  pass(1);
  expect((await login(email, password, network)).status).toBe(200);
});

test("signing in forgets the failures before it", async () => {
  const { email } = await newPerson();
  const network = freshNetwork();
  for (let round = 0; round < 3; round += 1) {
    for (let attempt = 1; attempt < passwordHere.free; attempt += 1) await login(email, "wrong password", network);
    expect((await login(email, password, network)).status).toBe(200);
  }
});

test("a new password by mail ends the lock-out for its owner", async () => {
  const { email } = await newPerson();
  const network = freshNetwork();
  for (let attempt = 0; attempt <= passwordHere.free; attempt += 1) await login(email, "wrong password", network);
  expect((await login(email, password, network)).status).toBe(429);
  await send("POST", "/v1/auth/password/forgot", { email });
  const token = await newestLinkSecret(email, "reset_password");
  const body = { token, password: "another good password" };
  expect((await send("POST", "/v1/auth/password/reset", body, network)).status).toBe(204);
  expect((await login(email, "another good password", network)).status).toBe(200);
});

test("one network address cannot guess at many accounts without end, and others are not held up by it", async () => {
  const address = from("2001:db8:ffff:ffff::1");
  const nowMs = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(nowMs);
  for (let attempt = 0; attempt <= passwordNetwork.free; attempt += 1) {
    expect((await login(freshEmail(), "wrong password", address)).status).toBe(401);
  }
  const neighbour = from("2001:db8:ffff:ffff::ffff");
  for (const headers of [address, neighbour]) {
    await expectProblem(await login(freshEmail(), "wrong password", headers), 429, "users.too_many_attempts");
  }
  const other = await login(freshEmail(), "wrong password", freshNetwork());
  await expectProblem(other, 401, "users.invalid_credentials");
}, 60_000);

test("an attempt that is refused for one reason is not counted for another", async () => {
  const { email } = await newPerson();
  const network = freshNetwork();
  pass(0);
  for (let attempt = 0; attempt <= passwordHere.free; attempt += 1) await login(email, "wrong password", network);
  for (let attempt = 0; attempt < 200; attempt += 1) expect((await login(email, "x", network)).status).toBe(429);
  expect((await login(email, password, freshNetwork())).status).toBe(200);
}, 60_000);

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
  ["a mode that is none", { email: "a@example.com", password: "x", mode: "url" }, "mode"],
])("%s is refused with the field's path", async (_, body, path) => {
  const answer = await expectProblem(await send("POST", "/v1/auth/login", body), 422, "request.invalid");
  expect(answer.errors?.map((fault) => fault.path)).toContain(path);
});
