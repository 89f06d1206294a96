import type { Actor } from "@foyer/contracts/shared/actor";
import { newId } from "@foyer/kernel/ids";
import { createLogger } from "@foyer/telemetry/logger";
import { expect, test } from "vitest";
import { createApp } from "../src/app.ts";
import { type IdempotencyRecord, type IdempotencyStore, idempotent, isIdempotencyKey } from "../src/idempotency.ts";

/** A store in memory with the contract of the one in D1. */
function memoryStore() {
  const records = new Map<string, IdempotencyRecord>();
  const store: IdempotencyStore = {
    async claim(key, fingerprint, nowMs, staleBeforeMs) {
      const known = records.get(key);
      if (known !== undefined && !(known.state === "running" && known.createdAtMs < staleBeforeMs)) return known;
      records.set(key, { fingerprint, state: "running", status: 0, body: "", createdAtMs: nowMs });
      return null;
    },
    async finish(key, status, body) {
      const record = records.get(key);
      if (record !== undefined) records.set(key, { ...record, state: "done", status, body });
    },
    async abandon(key) {
      records.delete(key);
    },
  };
  return { store, records };
}

function newShop() {
  const { store, records } = memoryStore();
  let nowMs = 1_000_000;
  let actor: Actor = { kind: "anonymous" };
  let answer: () => Response | Promise<Response> = () => Response.json({ made: made() }, { status: 201 });
  let count = 0;
  const made = () => {
    count += 1;
    return count;
  };
  const app = createApp<object>({ errors: {}, provide: () => ({}), logger: createLogger("test", { write: () => {} }) });
  app.use("*", async (c, next) => {
    c.set("actor", actor);
    await next();
  });
  app.use(
    "*",
    idempotent(() => ({ store, clock: { nowMs: () => nowMs } })),
  );
  app.post("/orders", () => answer());
  app.post("/refunds", () => answer());
  return {
    records,
    effects: () => count,
    made,
    as: (next: Actor) => {
      actor = next;
    },
    answers: (next: typeof answer) => {
      answer = next;
    },
    wait: (milliseconds: number) => {
      nowMs += milliseconds;
    },
    post: async (key: string | undefined, body = '{"a":1}', headers: Record<string, string> = {}, path = "/orders") =>
      app.request(`https://test${path}`, {
        method: "POST",
        body,
        headers: {
          "content-type": "application/json",
          ...(key === undefined ? {} : { "idempotency-key": key }),
          ...headers,
        },
      }),
  };
}

const userOf = (): Actor => ({
  kind: "user",
  userId: newId("user", 1),
  sessionId: "ses_1",
  emailVerified: true,
  platformAdmin: false,
  authenticatedAtMs: 1_000_000,
  impersonatorId: null,
});
const codeOf = async (response: Response) => (await response.json<{ code: string }>()).code;

test("the same key and body has the effect of once and the answer of the first time", async () => {
  const shop = newShop();
  const first = await shop.post("k");
  const again = await shop.post("k");
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(await again.text()).toBe(await first.text());
  expect(first.headers.get("idempotent-replayed")).toBeNull();
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(again.headers.get("content-type")).toBe("application/json");
  expect(shop.effects()).toBe(1);
});

test("without a key every request is its own", async () => {
  const shop = newShop();
  await shop.post(undefined);
  await shop.post(undefined);
  expect(shop.effects()).toBe(2);
});

test("another body under the same key is a mismatch", async () => {
  const shop = newShop();
  await shop.post("k");
  const other = await shop.post("k", '{"a":2}');
  expect([other.status, await codeOf(other)]).toEqual([422, "idempotency.mismatch"]);
  expect(shop.effects()).toBe(1);
});

test("keys belong to who used them, and to the path and the secret they were used with", async () => {
  const shop = newShop();
  const actors: Actor[] = [
    userOf(),
    userOf(),
    { kind: "system", name: "bookings" },
    { kind: "api_key", keyId: "key_1", organizationId: newId("organization", 1), scopes: [] },
    { kind: "anonymous" },
  ];
  for (const actor of actors) {
    shop.as(actor);
    await shop.post("k");
  }
  await shop.post("k", '{"a":1}', { "x-order-secret": "one" });
  await shop.post("k", '{"a":1}', { "x-order-secret": "two" });
  await shop.post("k", '{"a":1}', {}, "/refunds");
  expect(shop.effects()).toBe(8);
  for (const key of shop.records.keys()) expect(key).toMatch(/^[0-9a-f]{64}$/);
});

test("a second request while the first runs is told so, and may claim the key once the first is given up", async () => {
  const shop = newShop();
  const running = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  shop.answers(async () => {
    running.resolve();
    await gate.promise;
    return Response.json({ made: shop.made() }, { status: 201 });
  });
  const first = shop.post("k");
  await running.promise;
  const second = await shop.post("k");
  expect([second.status, await codeOf(second), second.headers.get("retry-after")]).toEqual([
    409,
    "idempotency.in_flight",
    "1",
  ]);
  shop.wait(60_001);
  const third = shop.post("k");
  gate.resolve();
  expect([(await first).status, (await third).status]).toEqual([201, 201]);
});

test.each([401, 409, 429, 500, 503])("an answer %d is not kept: the next try is a real one", async (status) => {
  const shop = newShop();
  shop.answers(() => Response.json({}, { status }));
  expect((await shop.post("k")).status).toBe(status);
  shop.answers(() => Response.json({ made: shop.made() }, { status: 201 }));
  expect((await shop.post("k")).status).toBe(201);
  expect(shop.effects()).toBe(1);
});

test.each([400, 404, 410, 422])("an answer %d is kept, as the problem document that it was", async (status) => {
  const shop = newShop();
  shop.answers(() => Response.json({ made: shop.made() }, { status }));
  await shop.post("k");
  const again = await shop.post("k");
  expect([again.status, again.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
  expect(shop.effects()).toBe(1);
});

test("an answer without a body is replayed without one", async () => {
  const shop = newShop();
  shop.answers(() => {
    shop.made();
    return new Response(null, { status: 204 });
  });
  await shop.post("k");
  const again = await shop.post("k");
  expect([again.status, await again.text(), shop.effects()]).toEqual([204, "", 1]);
});

test("a bug gives the key free", async () => {
  const shop = newShop();
  shop.answers(() => {
    throw new Error("bug");
  });
  expect((await shop.post("k")).status).toBe(500);
  expect(shop.records.size).toBe(0);
});

test.each([
  ["x", true],
  ["x".repeat(255), true],
  ["~!@#", true],
  ["", false],
  ["x".repeat(256), false],
  ["a b", false],
  ["ü", false],
  ["a\u0000", false],
])("%j is a key: %s", (key, expected) => {
  expect(isIdempotencyKey(key)).toBe(expected);
});

test("a key that is none is refused before anything happens", async () => {
  const shop = newShop();
  const response = await shop.post("x".repeat(256));
  expect([response.status, await codeOf(response)]).toEqual([400, "idempotency.invalid_key"]);
  expect(shop.effects()).toBe(0);
});
