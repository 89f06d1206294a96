import { env } from "cloudflare:workers";
import type { EventView } from "@foyer/contracts/events/api";
import { parseEnvelope } from "@foyer/contracts/messages/envelope";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { describe, expect, test } from "vitest";
import { createDeps } from "../../src/deps.ts";
import { createDueEventRepository } from "../../src/repository/due-events.ts";
import { completeEvents } from "../../src/service/complete-events.ts";
import {
  call,
  createDraft,
  createPublished,
  dayMs,
  move,
  newOrganizer,
  passTo,
  problemOf,
  read,
  schedule,
  type TestOrganizer,
} from "../helpers.ts";
import { outboxOf, ownApp } from "../own-app.ts";

const inOneDayMs = (): number => Date.now() + dayMs;

async function newScheduled(organizer: TestOrganizer, more: Record<string, unknown> = {}): Promise<EventView> {
  return schedule(organizer, await createDraft(organizer, more), inOneDayMs());
}

/** Rows like an event's own, under ids of their own, as if so many had been made. */
async function cloneRow(eventId: string, count: number): Promise<void> {
  const { results } = await env.EVENTS_DB.prepare("SELECT name FROM pragma_table_info('events')").all<{
    name: string;
  }>();
  const names = results.map(({ name }) => name);
  const prefix = crypto.randomUUID().replaceAll("-", "").slice(0, 16);
  const values = names.map((name) => (name === "id" ? `'evt_${prefix}' || substr('0000000000' || n, -10)` : name));
  await env.EVENTS_DB.prepare(
    `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2)
     INSERT INTO events (${names.join(", ")}) SELECT ${values.join(", ")} FROM events, numbers WHERE id = ?1`,
  )
    .bind(eventId, count)
    .run();
}

describe("scheduling", () => {
  test("keeps an event to its organization until its moment, and may be changed", async () => {
    const organizer = await newOrganizer();
    const atMs = inOneDayMs();
    const event = await schedule(organizer, await createDraft(organizer), atMs);
    expect(event).toMatchObject({ status: "scheduled", publishAt: new Date(atMs).toISOString(), version: 2 });
    expect((await call("GET", `/v1/events/${event.id}`)).status).toBe(404);
    expect(await outboxOf(event.id)).toEqual([]);
    await passTo(atMs - 1);
    expect(await read(organizer, event.id)).toEqual(event);
    expect(await schedule(organizer, event, atMs + dayMs)).toMatchObject({
      publishAt: new Date(atMs + dayMs).toISOString(),
      version: 3,
    });
    await passTo(atMs);
    expect(await read(organizer, event.id)).toMatchObject({ status: "scheduled", version: 3 });
  });

  test("is refused for a moment that has passed, and names all that the event lacks at that moment", async () => {
    const organizer = await newOrganizer();
    const { user } = organizer;
    const event = await createDraft(organizer, { location: null });
    const path = `/v1/events/${event.id}/publish`;
    const past = await call("POST", path, { user, body: { publishAt: new Date(Date.now() - 1).toISOString() } });
    expect(past.status).toBe(422);
    expect((await problemOf(past)).errors).toMatchObject([{ path: "publishAt", code: "events.publish_at_in_past" }]);
    for (const publishAt of ["tomorrow", 7, null, "2031-02-30T00:00:00Z"]) {
      const bad = await call("POST", path, { user, body: { publishAt } });
      expect([publishAt, bad.status, (await problemOf(bad)).errors?.[0]?.path]).toEqual([publishAt, 422, "publishAt"]);
    }
    const unknown = await call("POST", path, { user, body: { publishat: event.startsAt?.utc } });
    expect((await problemOf(unknown)).errors).toMatchObject([{ path: "publishat" }]);
    const after = await call("POST", path, { user, body: { publishAt: event.endsAt?.utc } });
    expect([after.status, (await problemOf(after)).missing]).toEqual([
      409,
      [
        { code: "events.location_required", path: "location" },
        { code: "events.start_in_past", path: "startsAt" },
        { code: "events.end_in_past", path: "endsAt" },
      ],
    ]);
    expect(await read(organizer, event.id)).toEqual(event);
  });

  test("holds an event to what its publication needs", async () => {
    const organizer = await newOrganizer();
    const { user } = organizer;
    const event = await newScheduled(organizer);
    const refused = await call("PATCH", `/v1/events/${event.id}`, { user, body: { location: null } });
    expect([refused.status, (await problemOf(refused)).missing]).toEqual([
      409,
      [{ code: "events.location_required", path: "location" }],
    ]);
    const tooEarly = { startsAt: new Date(Date.now() + dayMs / 2).toISOString() };
    const early = await call("PATCH", `/v1/events/${event.id}`, { user, body: tooEarly });
    expect((await problemOf(early)).missing).toEqual([{ code: "events.start_in_past", path: "startsAt" }]);
    expect((await call("PATCH", `/v1/events/${event.id}`, { user, body: { title: "Else" } })).status).toBe(200);
    expect(await outboxOf(event.id)).toEqual([]);
  });
});

describe("when a scheduled event is due", () => {
  test("it becomes public with its sale, once, however often the clock strikes", async () => {
    const organizer = await newOrganizer();
    const event = await newScheduled(organizer);
    const dueMs = Date.parse(event.publishAt ?? "");
    await Promise.all([passTo(dueMs), passTo(dueMs)]);
    await passTo(dueMs + 60_000);
    expect(await read(organizer, event.id)).toMatchObject({
      status: "published",
      version: 3,
      publishAt: null,
      publishedAt: new Date(dueMs).toISOString(),
    });
    const told = await outboxOf(event.id);
    expect(told.map(({ consumer, type }) => `${type} > ${consumer}`)).toEqual([
      "event.published > search",
      "event.published > bookings",
    ]);
    expect((await env.BOOKINGS.testCalls(event.id)).at(-1)).toMatchObject({
      method: "openSale",
      actor: { kind: "system", name: "events" },
    });
    expect((await call("GET", `/v1/events/${event.id}`)).status).toBe(200);
  });

  test("one that lacks something is a draft again, and its history says what; others are not kept from being published", async () => {
    const organizer = await newOrganizer();
    const [lacking, ready] = [await newScheduled(organizer), await newScheduled(organizer)];
    await env.BOOKINGS.testMissing(lacking.id, ["bookings.no_ticket_types"]);
    const counted: string[] = [];
    const dueMs = Date.parse(ready.publishAt ?? "");
    await passTo(dueMs, (deps) => ({
      consumer: { ...deps.consumer, metrics: { count: (name) => void counted.push(name) } },
    }));
    expect(await read(organizer, lacking.id)).toMatchObject({ status: "draft", version: 3, publishAt: null });
    expect(await read(organizer, ready.id)).toMatchObject({ status: "published" });
    const { user } = organizer;
    const history = await call("GET", `/v1/events/${lacking.id}/changes?limit=1`, { user });
    expect((await history.json<{ data: unknown[] }>()).data).toMatchObject([
      { version: 3, action: "publish_missed", actor: "system:events", about: ["bookings.no_ticket_types"] },
    ]);
    expect(counted).toEqual(["event.publish_missed"]);
    expect(await outboxOf(lacking.id)).toEqual([]);
    await env.BOOKINGS.testMissing(lacking.id, []);
    await passTo(dueMs + 60_000); // not by surprise later
    expect(await read(organizer, lacking.id)).toMatchObject({ status: "draft", version: 3 });
  });

  test("while the box office is away it waits, and is published when that is back", async () => {
    const organizer = await newOrganizer();
    const event = await newScheduled(organizer);
    const dueMs = Date.parse(event.publishAt ?? "");
    await env.BOOKINGS.testDown(organizer.organizationId, true);
    await passTo(dueMs);
    expect(await read(organizer, event.id)).toEqual(event);
    await env.BOOKINGS.testDown(organizer.organizationId, false);
    await passTo(dueMs + 60_000);
    expect(await read(organizer, event.id)).toMatchObject({ status: "published" });
  });

  test("one of an organization that has closed meanwhile stays unpublished", async () => {
    const organizer = await newOrganizer();
    const event = await newScheduled(organizer);
    await env.EVENTS_DB.prepare("INSERT INTO closed_organizations VALUES (?1, 1)").bind(organizer.organizationId).run();
    await passTo(Date.parse(event.publishAt ?? ""));
    expect(await read(organizer, event.id)).toMatchObject({ status: "draft" });
    expect((await env.BOOKINGS.testCalls(event.id)).map(({ method }) => method)).not.toContain("openSale");
  });

  test("more than a run takes are published by the next one", async () => {
    const organizer = await newOrganizer();
    const event = await newScheduled(organizer);
    const dueMs = Date.parse(event.publishAt ?? "");
    await passTo(dueMs - 1);
    await cloneRow(event.id, limits.eventsPublishedPerRunMax);
    const published = () =>
      env.EVENTS_DB.prepare("SELECT count(*) AS rows FROM events WHERE organization_id = ?1 AND status = 'published'")
        .bind(organizer.organizationId)
        .first<number>("rows");
    await passTo(dueMs);
    expect(await published()).toBe(limits.eventsPublishedPerRunMax);
    await passTo(dueMs);
    expect(await published()).toBe(limits.eventsPublishedPerRunMax + 1);
  });

  test("one that was put off after the clock had found it is left alone", async () => {
    const organizer = await newOrganizer();
    const event = await newScheduled(organizer);
    const dueMs = Date.parse(event.publishAt ?? "");
    await schedule(organizer, event, dueMs + dayMs);
    await passTo(dueMs, (deps) => ({ due: { ...deps.due, toPublish: async () => [event.id] } }));
    expect(await read(organizer, event.id)).toMatchObject({ status: "scheduled", version: 3 });
  });
});

describe("when an event is over", () => {
  test("it is completed at its end and not before, its page stays, and search and bookings are told", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const endMs = Date.parse(event.endsAt?.utc ?? "");
    await passTo(endMs - 1);
    expect(await read(organizer, event.id)).toMatchObject({ status: "published" });
    await Promise.all([passTo(endMs), passTo(endMs)]);
    await passTo(endMs + 60_000);
    expect(await read(organizer, event.id)).toMatchObject({ status: "completed", version: 3 });
    expect((await call("GET", `/v1/events/${event.id}`)).status).toBe(200);
    const told = (await outboxOf(event.id)).filter(({ type }) => type === "event.completed");
    expect(told.map(({ consumer, version }) => [consumer, version])).toEqual([
      ["search", 3],
      ["bookings", 3],
    ]);
    for (const { envelope } of told) expect(parseEnvelope(envelope)).toMatchObject({ ok: true });
    const patch = await call("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body: { title: "x" } });
    expect((await problemOf(patch)).code).toBe("events.not_editable");
  });

  test("drafts, scheduled and postponed events are not", async () => {
    const organizer = await newOrganizer();
    const draft = await createDraft(organizer);
    const postponed = await move(organizer, await createPublished(organizer), "postpone");
    await passTo(Date.now() + 40 * dayMs);
    expect(await read(organizer, draft.id)).toEqual(draft);
    expect(await read(organizer, postponed.id)).toEqual(postponed);
  });

  test("one that is changed at that moment is completed the next time, and nothing is told twice", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const other = await createPublished(organizer);
    const endMs = Date.parse(other.endsAt?.utc ?? "");
    await passTo(endMs, (deps) => ({
      due: {
        ...deps.due,
        complete: async (...args) => {
          await ownApp().fetch("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body: { title: "Late" } });
          return deps.due.complete(...args);
        },
      },
    }));
    expect(await read(organizer, event.id)).toMatchObject({ status: "published", version: 3, title: "Late" });
    expect(await read(organizer, other.id)).toMatchObject({ status: "completed", version: 3 });
    expect((await outboxOf(event.id)).map(({ type }) => type)).not.toContain("event.completed");
    await passTo(endMs);
    expect(await read(organizer, event.id)).toMatchObject({ status: "completed", version: 4 });
  });

  test("thousands that wait are completed in one run, up to its limit", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const base = createDeps(env);
    const nowMs = Date.parse(event.endsAt?.utc ?? "");
    await passTo(nowMs - 1); // what other tests have left
    const many = limits.eventsCompletedPerRunMax;
    await cloneRow(event.id, many);
    const call = { actor: { kind: "system", name: "events" }, requestId: newId("message", 1) } as const;
    const clock = { nowMs: () => nowMs };
    expect(await completeEvents({ ...base, clock }, call)).toBe(many);
    expect(await completeEvents({ ...base, clock }, call)).toBe(1);
    const outbox = await env.EVENTS_DB.prepare(
      "SELECT count(*) AS rows FROM outbox WHERE body ->> '$.type' = 'event.completed' AND body ->> '$.payload.version' = 3",
    ).first<number>("rows");
    expect(outbox).toBeGreaterThanOrEqual(2 * (many + 1));
    await env.EVENTS_DB.prepare("DELETE FROM outbox").run();
  });
});

test("the clock finds what is due by its indexes", async () => {
  const statements: string[] = [];
  const { prepare } = env.EVENTS_DB;
  const noting = {
    prepare(sql: string) {
      statements.push(sql.replaceAll(/\?\d/g, "1"));
      return prepare.call(env.EVENTS_DB, sql);
    },
  };
  const due = createDueEventRepository(noting as typeof env.EVENTS_DB); // to read, it uses nothing else
  await due.toPublish(1, 1);
  await due.toComplete(1, 1);
  const plans = statements.map(async (sql) => {
    const { results } = await env.EVENTS_DB.prepare(`EXPLAIN QUERY PLAN ${sql}`).all<{ detail: string }>();
    return results.map(({ detail }) => detail);
  });
  const search = "SEARCH events USING INDEX events_to_";
  expect(await Promise.all(plans)).toEqual([
    [`${search}publish (publish_at_ms<?)`],
    [`${search}complete (ends_at_ms<?)`],
  ]);
});
