import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import type { EventsRpc } from "@foyer/contracts/events/rpc";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { type EventId, newId } from "@foyer/kernel/ids";
import { describe, expect, test } from "vitest";
import { createDeps } from "../src/deps.ts";
import { EventsWorker } from "../src/entrypoint.ts";
import { createDraft, createPublished, newOrganizer } from "./helpers.ts";
import { outboxOf, ownApp } from "./own-app.ts";

// What lies behind the default export is an EventsRpc, which the class declares; its RPC type is too deep to be inferred here.
const events = exports.default as object as EventsRpc;
const caller: CallContext = { actor: { kind: "system", name: "analytics" }, requestId: "req-1" };

describe("getEvent", () => {
  test("tells other workers the facts of an event, whatever its status", async () => {
    const organizer = await newOrganizer();
    const draft = await createDraft(organizer, { startsAt: null, endsAt: null, location: null });
    expect(await events.getEvent(caller, { eventId: draft.id })).toEqual({
      ok: true,
      value: {
        eventId: draft.id,
        organizationId: organizer.organizationId,
        version: 1,
        status: "draft",
        slug: draft.slug,
        title: draft.title,
        startsAtMs: null,
        endsAtMs: null,
        timezone: "Europe/Berlin",
        place: "",
        accessVersion: null,
        note: null,
      },
    });
    const published = await createPublished(organizer);
    const answer = await events.getEvent(caller, { eventId: published.id });
    expect(answer).toMatchObject({
      value: { status: "published", version: 2, startsAtMs: Date.parse(published.startsAt?.utc ?? "") },
    });
  });

  test("knows neither made-up ids nor slugs", async () => {
    const published = await createPublished(await newOrganizer());
    for (const eventId of [newId("event", 1), published.slug, "", "evt_'; DROP TABLE events"]) {
      const answer = await events.getEvent(caller, { eventId: eventId as EventId });
      expect(answer).toMatchObject({ ok: false, error: { code: "events.not_found" } });
    }
  });
});

test("the clockwork sends what is left in the outbox, forgets old keys and sweeps the bucket", async () => {
  const organizer = await newOrganizer();
  const draft = await createDraft(organizer);
  await ownApp().fetch("POST", `/v1/events/${draft.id}/publish`, { user: organizer.user });
  expect(await outboxOf(draft.id)).toHaveLength(2);
  const insert =
    "INSERT INTO idempotency_keys (key, fingerprint, state, status, body, created_at_ms) VALUES (?1, '', 'done', 201, '', ?2)";
  await env.EVENTS_DB.batch([
    env.EVENTS_DB.prepare(insert).bind("old", Date.now() - 2 * 86_400_000),
    env.EVENTS_DB.prepare(insert).bind("young", Date.now()),
    env.EVENTS_DB.prepare("INSERT INTO media_removals (media_id, not_before_ms) VALUES ('med_dead', 1)"),
  ]);
  await env.MEDIA.put("med_dead", "bytes");

  const context = createExecutionContext();
  await new EventsWorker(context, env).scheduled();
  await waitOnExecutionContext(context);

  expect(await outboxOf(draft.id)).toEqual([]);
  const keys = await env.EVENTS_DB.prepare("SELECT key FROM idempotency_keys WHERE key IN ('old', 'young')").all();
  expect(keys.results).toEqual([{ key: "young" }]);
  expect(await env.MEDIA.head("med_dead")).toBeNull();
});

test("readiness names each store", async () => {
  const response = await exports.default.fetch("https://events.example/health/ready");
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    status: "ok",
    checks: [
      { name: "database", ok: true },
      { name: "bucket", ok: true },
    ],
  });
});

test("a crowd that comes for one page at once is served whole, and reads it once", async () => {
  const event = await createPublished(await newOrganizer());
  const pages = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const response = await exports.default.fetch(`https://events.example/v1/events/${event.id}`, {
        headers: { "x-request-id": `visitor-${index}` },
      });
      return [response.status, response.headers.get("x-request-id"), ((await response.json()) as { id: string }).id];
    }),
  );
  expect(pages).toEqual(Array.from({ length: 100 }, (_, index) => [200, `visitor-${index}`, event.id]));
});

test("messages that a queue does not take are counted, for an operator to be woken by", async () => {
  const points: unknown[] = [];
  const down: Pick<Queue, "sendBatch"> = { sendBatch: () => Promise.reject(new Error("queue down")) };
  await env.EVENTS_DB.prepare("DELETE FROM outbox").run();
  await env.EVENTS_DB.prepare(
    "INSERT INTO outbox (id, consumer, body, available_at_ms) VALUES ('one/search', 'search', '{}', 0)",
  ).run();
  const metered = { METRICS: { writeDataPoint: (point: unknown) => void points.push(point) } };
  await createDeps({ ...env, ...metered, QUEUE_SEARCH: down as Queue }).drain(); // the drain uses nothing else of a queue
  expect(points).toEqual([{ indexes: ["outbox.failed"], blobs: ["worker=events"], doubles: [1] }]);
  await env.EVENTS_DB.prepare("DELETE FROM outbox").run();
});
