import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { consume } from "@foyer/messaging/consumer";
import { newMessage } from "@foyer/messaging/message";
import { describe, expect, test } from "vitest";
import { createHandlers } from "../../src/consumers/handlers.ts";
import { EventsWorker } from "../../src/entrypoint.ts";
import { workDueSeries, workSeries } from "../../src/service/work-series.ts";
import { newOrganizer } from "../helpers.ts";
import { outboxOf, ownApp } from "../own-app.ts";
import { clockwork, makeDue, seriesOf, workAll } from "../series-helpers.ts";

const copies = async (eventId: string) =>
  (await env.BOOKINGS.testCalls(eventId)).filter(({ method }) => method === "copySale");

/** How many events a series has, and how many distinct dates they are. */
async function counted(seriesId: string): Promise<{ events: number; dates: number }> {
  const row = await env.EVENTS_DB.prepare(
    "SELECT count(*) AS events, count(DISTINCT recurrence_id) AS dates FROM events WHERE series_id = ?1",
  )
    .bind(seriesId)
    .first<{ events: number; dates: number }>();
  if (row === null) throw new Error("a count is a row");
  return row;
}

describe("making dates", () => {
  test("each is a draft like the pattern, with its own box office, slug and hour by the clock", async () => {
    const shop = seriesOf(await newOrganizer());
    const first = await shop.draft({ tags: ["jazz"], title: `Club ${crypto.randomUUID().slice(0, 8)}` });
    const series = await shop.repeat(first, "FREQ=MONTHLY;BYDAY=1MO;COUNT=7", { exceptions: ["2037-02-02"] });
    expect(series.progress).toEqual({ total: 6, made: 1, pending: 5, problems: [] });
    expect(await workAll(shop.app.deps, series.id)).toBe(1);

    const events = await shop.all(first.id);
    expect(events.map(({ recurrenceId }) => recurrenceId)).toEqual(
      ["01-05", "03-02", "04-06", "05-04", "06-01", "07-06"].map((day) => `2037-${day}T20:00:00`),
    );
    expect(events.map(({ startsAt, endsAt }) => [startsAt?.local.slice(11, 16), endsAt?.local.slice(11, 16)])).toEqual(
      events.map(() => ["20:00", "23:30"]),
    );
    expect(events[5]?.startsAt?.utc).toBe("2037-07-06T18:00:00.000Z"); // summer time
    for (const event of events.slice(1)) {
      expect(event).toMatchObject({
        title: first.title,
        tags: ["jazz"],
        status: "draft",
        version: 1,
        seriesId: series.id,
      });
      expect(event.slug).toBe(`${first.slug}-${event.recurrenceId?.slice(0, 10)}`);
      expect(await copies(event.id)).toMatchObject([
        {
          fromEventId: first.id,
          actor: { kind: "system", name: "events" },
          event: { eventId: event.id, slug: event.slug, status: "draft" },
        },
      ]);
    }
    expect((await shop.list(first.id)).series.progress).toEqual({ total: 6, made: 6, pending: 0, problems: [] });
    expect(await workSeries(shop.app.deps, clockwork, series.id)).toBe(false);
  });

  test("two dates of one day are told apart by their hours", async () => {
    const shop = seriesOf(await newOrganizer());
    const first = await shop.draft();
    const series = await shop.repeat(first, "FREQ=DAILY;BYHOUR=20,22;COUNT=4");
    await workAll(shop.app.deps, series.id);
    const slugs = (await shop.all(first.id)).slice(1).map(({ slug }) => slug.slice(first.slug.length + 1));
    expect(slugs[0]).toBe("2037-01-05");
    expect(slugs.slice(1).sort()).toEqual([
      expect.stringMatching(/^2037-01-06$/),
      expect.stringMatching(/^2037-01-06-2[02]00$/),
    ]);
  });

  test("those of a published event are published as they are made, each told of once", async () => {
    const shop = seriesOf(await newOrganizer());
    const first = await shop.publish(await shop.draft());
    const series = await shop.repeat(first, "FREQ=WEEKLY;COUNT=4");
    expect(await workAll(shop.app.deps, series.id)).toBe(2);
    const events = await shop.all(first.id);
    expect(events.map(({ status }) => status)).toEqual(["published", "published", "published", "published"]);
    for (const { id } of events.slice(1)) {
      expect((await outboxOf(id)).map(({ type, consumer }) => `${type} ${consumer}`).sort()).toEqual([
        "event.published bookings",
        "event.published search",
      ]);
      expect((await env.BOOKINGS.testCalls(id)).map(({ method }) => method)).toEqual([
        "copySale",
        "getSaleReadiness",
        "openSale",
      ]);
    }
  });

  test("one that lacks something for its sale is named, and the next change of the series tries it again", async () => {
    const shop = seriesOf(await newOrganizer());
    const first = await shop.publish(await shop.draft());
    const series = await shop.repeat(first, "FREQ=WEEKLY;COUNT=3");
    const { results } = await env.EVENTS_DB.prepare(
      "SELECT event_id AS id FROM series_dates WHERE series_id = ?1 ORDER BY recurrence_id",
    )
      .bind(series.id)
      .all<{ id: string }>();
    const last = results[2]?.id ?? "";
    await env.BOOKINGS.testMissing(last, ["bookings.no_ticket_types"]);
    await workAll(shop.app.deps, series.id);
    expect((await shop.list(first.id)).series.progress).toEqual({
      total: 3,
      made: 3,
      pending: 0,
      problems: [{ recurrenceId: "2037-01-19T20:00:00", eventId: last, code: "events.not_publishable" }],
    });
    await env.BOOKINGS.testMissing(last, []);
    expect((await shop.request("POST", first.id, { scope: "all" }, "occurrences/publish")).status).toBe(202);
    await workAll(shop.app.deps, series.id);
    expect((await shop.read(last)).status).toBe("published");
    expect((await shop.list(first.id)).series.progress?.problems).toEqual([]);
  });

  test("a pattern that is gone is no end of the series: the rest is copied from a date that is there", async () => {
    const organizer = await newOrganizer();
    const shop = seriesOf(organizer);
    const events = await shop.mondays(3);
    const [first, second] = events;
    if (first === undefined || second === undefined) throw new Error("there are three dates");
    const gone = await shop.app.fetch("DELETE", `/v1/events/${first.id}`, { user: organizer.user });
    expect(gone.status).toBe(204);
    expect(
      (await shop.request("PUT", second.id, { rrule: "FREQ=WEEKLY;BYDAY=MO;COUNT=4", exceptions: ["2037-01-05"] }))
        .status,
    ).toBe(202);
    await workAll(shop.app.deps, first.seriesId ?? "ser_");
    const now = await shop.all(second.id);
    expect(now.map(({ recurrenceId }) => recurrenceId?.slice(5, 10))).toEqual(["01-12", "01-19", "01-26"]);
    expect(await copies(now[2]?.id ?? "")).toMatchObject([{ fromEventId: second.id }]);
  });
});

describe("whatever happens meanwhile", () => {
  test("rounds that run side by side make every date once", async () => {
    const shop = seriesOf(await newOrganizer());
    const first = await shop.publish(await shop.draft());
    const series = await shop.repeat(first, "FREQ=DAILY;COUNT=30");
    // Without the lease, as when one worker is so slow that another takes over.
    const greedy = ownApp((deps) => ({
      seriesWork: {
        ...deps.seriesWork,
        claim: async (id, nowMs, untilMs) => {
          await makeDue(id);
          return deps.seriesWork.claim(id, nowMs, untilMs);
        },
      },
    }));
    for (let round = 0; round < 4; round += 1)
      await Promise.all([1, 2, 3].map(() => workSeries(greedy.deps, clockwork, series.id)));
    expect(await counted(series.id)).toEqual({ events: 30, dates: 30 });
    const events = await shop.all(first.id);
    expect(new Set(events.slice(1).map(({ status, version }) => `${status} ${version}`))).toEqual(
      new Set(["published 2"]),
    );
    for (const { id } of events.slice(1)) expect(await outboxOf(id)).toHaveLength(2);
  });

  test.each([
    ["before the box office is asked", "copySale"],
    ["before the event is stored", "insertOccurrence"],
  ])("a worker that dies %s leaves nothing half made, and the next one goes on", async (_when, step) => {
    const shop = seriesOf(await newOrganizer());
    const first = await shop.draft();
    const series = await shop.repeat(first, "FREQ=DAILY;COUNT=12");
    let steps = 0;
    const isLast = (name: string): boolean => {
      if (name === step) steps += 1;
      return name === step && steps > 4;
    };
    const dies = async (): Promise<never> => {
      throw new Error("the isolate is gone");
    };
    const frail = ownApp((deps) => ({
      bookings: {
        ...deps.bookings,
        copySale: (...args) => (isLast("copySale") ? dies() : deps.bookings.copySale(...args)),
      },
      seriesWork: {
        ...deps.seriesWork,
        insertOccurrence: (...args) =>
          isLast("insertOccurrence") ? dies() : deps.seriesWork.insertOccurrence(...args),
        settle: dies,
      },
    }));
    await expect(workSeries(frail.deps, clockwork, series.id)).rejects.toThrow("the isolate is gone");
    expect(await counted(series.id)).toEqual({ events: 5, dates: 5 });
    expect((await shop.list(first.id)).series.progress).toMatchObject({ total: 12, made: 5, pending: 7 });
    // Its lease keeps others away until it has run out; then the clock takes the series up.
    expect(await workSeries(shop.app.deps, clockwork, series.id)).toBe(false);
    const later = ownApp((deps) => ({ clock: { nowMs: () => deps.clock.nowMs() + 61_000 } }));
    await workDueSeries(later.deps, clockwork);
    expect(await counted(series.id)).toEqual({ events: 12, dates: 12 });
    expect((await shop.list(first.id)).series.progress).toMatchObject({ made: 12, pending: 0, problems: [] });
  });

  test("while bookings is down nothing is made and nothing is lost", async () => {
    const organizer = await newOrganizer();
    const shop = seriesOf(organizer);
    const first = await shop.draft();
    const series = await shop.repeat(first, "FREQ=DAILY;COUNT=5");
    await env.BOOKINGS.testDown(organizer.organizationId, true);
    expect(await workSeries(shop.app.deps, clockwork, series.id)).toBe(false);
    expect(await counted(series.id)).toEqual({ events: 1, dates: 1 });
    const waiting = await env.EVENTS_DB.prepare("SELECT due_at_ms AS dueAtMs, attempts FROM series WHERE id = ?1")
      .bind(series.id)
      .first<{ dueAtMs: number; attempts: number }>();
    expect(waiting?.attempts).toBe(1);
    expect(waiting?.dueAtMs).toBeGreaterThan(Date.now());
    expect((await shop.list(first.id)).series.progress).toMatchObject({ made: 1, pending: 4, problems: [] });

    await env.BOOKINGS.testDown(organizer.organizationId, false);
    await makeDue(series.id);
    await workAll(shop.app.deps, series.id);
    expect(await counted(series.id)).toEqual({ events: 5, dates: 5 });
  });

  test("a date that the rule loses while it is being made is not there afterwards", async () => {
    const shop = seriesOf(await newOrganizer());
    const first = await shop.draft();
    const series = await shop.repeat(first, "FREQ=DAILY;COUNT=3");
    const slow = ownApp((deps) => ({
      bookings: {
        ...deps.bookings,
        copySale: async (...args) => {
          await shop.request("PUT", first.id, { rrule: "FREQ=DAILY;COUNT=1" });
          return deps.bookings.copySale(...args);
        },
      },
    }));
    await workSeries(slow.deps, clockwork, series.id);
    await workAll(shop.app.deps, series.id);
    expect(await counted(series.id)).toEqual({ events: 1, dates: 1 });
  });

  test("a slug that another event takes meanwhile is left to it", async () => {
    const shop = seriesOf(await newOrganizer());
    const first = await shop.draft();
    await shop.draft({ title: `${first.title} 2037 01 06` });
    const series = await shop.repeat(first, "FREQ=DAILY;COUNT=2");
    await workAll(shop.app.deps, series.id);
    expect((await shop.all(first.id))[1]?.slug).toBe(`${first.slug}-2037-01-06-2000`);
  });
});

describe("the worker's own rounds", () => {
  test("a message does one round and sends the next as long as there is more; twice delivered, it has the effect of once", async () => {
    const shop = seriesOf(await newOrganizer());
    const first = await shop.draft();
    const series = await shop.repeat(first, "FREQ=DAILY;COUNT=100");
    const { deps } = shop.app;
    const waiting = async () =>
      (
        await env.EVENTS_DB.prepare(
          "SELECT consumer, body FROM outbox WHERE body ->> '$.type' = 'event.series_due' AND body ->> '$.payload.seriesId' = ?1 ORDER BY rowid",
        )
          .bind(series.id)
          .all<{ consumer: string; body: string }>()
      ).results;
    expect((await waiting()).map(({ consumer }) => consumer)).toEqual(["events"]);
    const deliver = async (body: unknown): Promise<void> => {
      const batch = createMessageBatch("foyer-events", [
        { id: crypto.randomUUID(), timestamp: new Date(), attempts: 1, body },
      ]);
      await consume(batch, createHandlers(deps), deps.consumer);
      expect((await getQueueResult(batch, createExecutionContext())).explicitAcks).toHaveLength(1);
    };
    for (let round = 1; round <= 3; round += 1) {
      const told = await waiting();
      expect(told).toHaveLength(round);
      const body = JSON.parse(told.at(-1)?.body ?? "null");
      await deliver(body);
      await deliver(body);
    }
    expect(await waiting()).toHaveLength(3);
    expect(await counted(series.id)).toEqual({ events: 100, dates: 100 });
  });

  test("a message about a series that nobody knows is done at once", async () => {
    const { deps } = ownApp();
    const body = newMessage(
      "event.series_due",
      { seriesId: `ser_${"0".repeat(26)}` },
      { source: "events", requestId: "req_1", nowMs: Date.now() },
    );
    const batch = createMessageBatch("foyer-events", [{ id: "1", timestamp: new Date(), attempts: 1, body }]);
    await consume(batch, createHandlers(deps), deps.consumer);
    expect((await getQueueResult(batch, createExecutionContext())).explicitAcks).toEqual(["1"]);
  });

  test("the clock takes up what no message came for", async () => {
    const shop = seriesOf(await newOrganizer());
    const first = await shop.draft();
    const series = await shop.repeat(first, "FREQ=DAILY;COUNT=5");
    const worker = new EventsWorker(createExecutionContext(), env);
    await worker.scheduled();
    expect(await counted(series.id)).toEqual({ events: 5, dates: 5 });
  });
});
