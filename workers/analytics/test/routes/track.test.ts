import { env } from "cloudflare:workers";
import { newId } from "@foyer/kernel/ids";
import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import { newScene, post, summaryOf } from "../kit.ts";

const path = "/v1/analytics/track";

test("views are taken at once and counted within seconds", async () => {
  const scene = await newScene();
  const view = { type: "view", eventId: scene.eventId };
  const response = await post(path, {
    events: [{ ...view, visitor: "visitor-one", source: "newsletter" }, { ...view, visitor: "visitor-one" }, view],
  });
  expect(response.status).toBe(202);
  expect(await response.json()).toEqual({ accepted: 3 });
  expect(response.headers.get("cache-control")).toBe("no-store");
  await vi.waitFor(async () => expect(await summaryOf(scene)).toMatchObject({ views: 3, visitors: 1 }), {
    timeout: 10_000,
    interval: 100,
  });
});

test("of a visitor only a hash is kept, another one for each event", async () => {
  const [first, second] = [await newScene(), await newScene()];
  const visitor = "visitor-who-wants-privacy";
  await post(path, { events: [first, second].map(({ eventId }) => ({ type: "view", eventId, visitor })) });
  await vi.waitFor(async () => expect(await summaryOf(second)).toMatchObject({ visitors: 1 }), {
    timeout: 10_000,
    interval: 100,
  });
  const { results } = await env.ANALYTICS_DB.prepare(
    "SELECT subject, event_id AS eventId FROM facts WHERE kind = 'visitor' AND event_id IN (?1, ?2)",
  )
    .bind(first.eventId, second.eventId)
    .all<{ subject: string; eventId: string }>();
  const hashes = results.map(({ subject, eventId }) => subject.replace(`${eventId}/`, ""));
  expect(new Set(hashes).size).toBe(2);
  for (const hash of hashes) expect(hash).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(JSON.stringify(results)).not.toContain(visitor);
});

test("a page with an old token is counted all the same", async () => {
  const { eventId } = await newScene();
  const response = await post(path, { events: [{ type: "view", eventId }] }, { authorization: "Bearer expired" });
  expect(response.status).toBe(202);
});

const view = { type: "view", eventId: newId("event", 1) };
test.each([
  ["malformed JSON", "{", 400],
  ["nothing", "", 400],
  ["no list", {}, 422],
  ["an empty list", { events: [] }, 422],
  ["too many", { events: Array.from({ length: 21 }, () => view) }, 422],
  ["an unknown field", { events: [{ ...view, ip: "127.0.0.1" }] }, 422],
  ["an unknown field beside the list", { events: [view], admin: true }, 422],
  ["another type", { events: [{ ...view, type: "sale" }] }, 422],
  ["an id of something else", { events: [{ ...view, eventId: "ord_1" }] }, 422],
  ["a number for an id", { events: [{ ...view, eventId: 1 }] }, 422],
  ["a visitor that is too short", { events: [{ ...view, visitor: "short" }] }, 422],
  ["a visitor that is too long", { events: [{ ...view, visitor: "v".repeat(65) }] }, 422],
  ["a mail address for a visitor", { events: [{ ...view, visitor: "guest@example.com" }] }, 422],
  ["a mail address for a source", { events: [{ ...view, source: "guest@example.com" }] }, 422],
  ["NUL in a source", { events: [{ ...view, source: "a\0b" }] }, 422],
  ["an emoji in a source", { events: [{ ...view, source: "🎉" }] }, 422],
  ["a source of 10 kB", { events: [{ ...view, source: "s".repeat(10_000) }] }, 422],
])("%s is refused", async (_, body, status) => {
  const response = await post(path, body);
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
});

test("the most that may come at once is taken", async () => {
  const response = await post(path, {
    events: Array.from({ length: 20 }, () => ({ ...view, visitor: "v".repeat(64), source: "s".repeat(64) })),
  });
  expect(await response.json()).toEqual({ accepted: 20 });
});

test("another media type than JSON is refused", async () => {
  expect((await post(path, "events=1", { "content-type": "application/x-www-form-urlencoded" })).status).toBe(415);
});

test("whatever JSON is sent, the answer is never a fault of ours", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.json(),
        fc.record({ events: fc.array(fc.object()) }).map((value) => JSON.stringify(value)),
      ),
      async (body) => {
        expect([400, 422]).toContain((await post(path, body)).status);
      },
    ),
    { numRuns: 100 },
  );
});
