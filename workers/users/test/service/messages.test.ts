import { env, exports } from "cloudflare:workers";
import { parseEnvelope } from "@foyer/contracts/messages/envelope";
import { limits } from "@foyer/kernel/limits";
import { expect, test, vi } from "vitest";
import { deployment } from "../support/deployment.ts";
import { freshEmail, letterIds, newOrganization, newVerifiedPerson, password, send } from "../support/people.ts";

const count = (table: string) => env.USERS_DB.prepare(`SELECT count(*) AS count FROM ${table}`).first<number>("count");

test("a registration is told of in the same transaction, by ids alone", async () => {
  const { post } = deployment({}, { drain: async () => {} });
  const email = freshEmail();
  const response = await post("/v1/auth/register", { email, password, name: "Buyer One" });
  const { user } = await response.json<{ user: { id: string } }>();
  const [letterId] = await letterIds(email, "verify_email");
  const { results } = await env.USERS_DB.prepare(
    "SELECT consumer, body FROM outbox WHERE body LIKE ?1 OR body LIKE ?2 ORDER BY consumer",
  )
    .bind(`%${user.id}%`, `%${letterId}%`)
    .all<{ consumer: string; body: string }>();
  const told = results.map(({ consumer, body }) => {
    expect(body).not.toContain(email);
    expect(body).not.toContain("Buyer One");
    const parsed = parseEnvelope(JSON.parse(body));
    return [consumer, parsed.ok ? { type: parsed.envelope.type, payload: parsed.envelope.payload } : parsed.reason];
  });
  expect(told).toEqual([
    ["analytics", { type: "user.registered", payload: { userId: user.id } }],
    ["notifications", { type: "user.letter_due", payload: { letterId } }],
  ]);
});

test("a change of what others show of an organization is told once, and no other change is", async () => {
  const owner = await newVerifiedPerson();
  const { id } = await newOrganization(owner);
  const quiet = deployment({}, { drain: async () => {} });
  const told = async (): Promise<number> => {
    const { results } = await env.USERS_DB.prepare("SELECT consumer FROM outbox WHERE body LIKE ?1 AND body LIKE ?2")
      .bind(`%${id}%`, "%organization.updated%")
      .all<{ consumer: string }>();
    for (const { consumer } of results) expect(consumer).toBe("events");
    return results.length;
  };
  const change = async (body: object): Promise<number> => {
    expect((await quiet.send("PATCH", `/v1/organizations/${id}`, body, owner.headers)).status).toBe(200);
    return told();
  };
  expect(await change({ website: "https://house.example" })).toBe(0);
  expect(await change({ name: "Another name" })).toBe(1);
  expect(await change({ name: "Another name" })).toBe(1);
  expect(await change({ description: "Words." })).toBe(2);
});

test("the outbox is empty soon after a write, and after the clock's stroke at the latest", async () => {
  await newOrganization(await newVerifiedPerson());
  await vi.waitFor(async () => expect(await count("outbox")).toBe(0), { timeout: 5_000 });
  const { post } = deployment({}, { drain: async () => {} });
  await post("/v1/auth/register", { email: freshEmail(), password, name: "Buyer One" });
  expect(await count("outbox")).toBe(2);
  await exports.default.scheduled();
  expect(await count("outbox")).toBe(0);
});

test("messages that a queue does not take are counted, for an operator to be woken by", async () => {
  const points: unknown[] = [];
  const down: Pick<Queue, "sendBatch"> = { sendBatch: () => Promise.reject(new Error("queue down")) };
  const { post } = deployment({}, { drain: async () => {} });
  await post("/v1/auth/register", { email: freshEmail(), password, name: "Buyer One" });
  const { deps } = deployment({
    METRICS: { writeDataPoint: (point) => points.push(point) },
    QUEUE_ANALYTICS: down as Queue, // the drain uses nothing else of it
  });
  await deps.drain();
  expect(points).toEqual([{ indexes: ["outbox.failed"], blobs: ["worker=users"], doubles: [1] }]);
});

test("the clock forgets what has expired and keeps what has not", async () => {
  const person = await newVerifiedPerson();
  await send("POST", "/v1/organizations", { name: "Hall" }, { ...person.headers, "idempotency-key": "a" });
  await send("POST", "/v1/auth/logout", undefined, (await newVerifiedPerson()).headers);
  const tables = ["sessions", "refresh_tokens", "single_use_tokens", "letters", "revocations", "idempotency_keys"];
  const kept = await Promise.all(tables.map(count));
  await exports.default.scheduled();
  expect(await Promise.all(tables.map(count))).toEqual(kept);
  for (const before of kept) expect(before).toBeGreaterThan(0);

  const { deps } = deployment({});
  const laterMs = Date.now() + (limits.sessionTtlSeconds + 1) * 1000;
  vi.spyOn(Date, "now").mockReturnValue(laterMs);
  await deps.tidy();
  vi.restoreAllMocks();
  expect(await Promise.all(tables.map(count))).toEqual(tables.map(() => 0));
  expect(await count("users")).toBeGreaterThan(0);
});

test("no line of the log holds a password, a token or an address", async () => {
  const lines: string[] = [];
  for (const level of ["debug", "info", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((...parts) => void lines.push(parts.join(" ")));
  }
  const person = await newVerifiedPerson();
  await send("POST", "/v1/auth/login", { email: person.email, password: "wrong password" });
  for (const userAgent of ["one", "one", "another"]) {
    const headers = { "user-agent": userAgent };
    await send("POST", "/v1/auth/refresh", { refreshToken: person.session.refreshToken }, headers);
  }
  vi.restoreAllMocks();
  const log = lines.join("\n");
  expect(log).toContain("refresh token reused");
  for (const secret of [password, person.email, person.session.refreshToken, person.session.accessToken]) {
    expect(log).not.toContain(secret);
  }
});
