import { env } from "cloudflare:workers";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { beforeEach, describe, expect, test } from "vitest";
import { newMessage } from "../src/message.ts";
import { drainOutbox, outboxRows, outboxStatements, sendInBatches } from "../src/outbox-d1.ts";
import {
  analyticsMessage,
  effect,
  effects,
  fakeQueue,
  faultyDb,
  makeTables,
  recordingLog,
  searchMessage,
  stoppedClock,
} from "./support.ts";

beforeEach(makeTables);

const { log } = recordingLog();

async function put(messages: readonly ReturnType<typeof searchMessage>[], nowMs: number): Promise<void> {
  await env.DB.batch(outboxStatements(env.DB, messages, nowMs));
}

async function waiting(): Promise<{ id: string; attempts: number; availableAtMs: number }[]> {
  const { results } = await env.DB.prepare(
    "SELECT id, attempts, available_at_ms AS availableAtMs FROM outbox ORDER BY id",
  ).all<{ id: string; attempts: number; availableAtMs: number }>();
  return results;
}

function describedEvent(description: string) {
  const nowMs = Date.now();
  const event = {
    eventId: newId("event", nowMs),
    organizationId: newId("organization", nowMs),
    version: 1,
    slug: "s",
    title: "t",
    summary: "",
    description,
    startsAtMs: 1,
    endsAtMs: 2,
    timezone: "UTC",
    place: "Online",
    online: true,
    latitude: null,
    longitude: null,
    categoryId: null,
    categoryName: null,
    tags: [],
    organizationName: "o",
    coverMediaId: null,
    accessVersion: null,
  };
  return newMessage("event.published", { event }, { source: "test", requestId: "req_test", nowMs });
}

describe("what is written", () => {
  test("one row for each worker that is told, and none for others", () => {
    const message = describedEvent("d");
    const ids = (only?: Parameters<typeof outboxRows>[2]) => outboxRows([message], 5, only).map((row) => row.id);
    expect(ids()).toEqual([`${message.id}/search`, `${message.id}/bookings`]);
    expect(ids(["search"])).toEqual([`${message.id}/search`]);
    expect(ids(["payments"])).toEqual([]);
  });

  test("the limit of a message counts bytes, so text of few characters and many bytes is refused as well", () => {
    const fits = describedEvent("d".repeat(60_000));
    expect(outboxRows([fits], 5)).toHaveLength(2);
    expect(() => outboxRows([describedEvent("水".repeat(60_000))], 5)).toThrow("larger than a queue takes");
  });

  test("a change that fails leaves no message behind", async () => {
    const statements = outboxStatements(env.DB, [searchMessage()], 5);
    await expect(env.DB.batch([...statements, effect("forbidden")])).rejects.toThrow("CHECK");
    expect(await waiting()).toEqual([]);
    expect(await effects()).toEqual([]);
  });
});

describe("drain", () => {
  test("sends each message to its own queue once and forgets it", async () => {
    const clock = stoppedClock();
    const [first, second, third] = [searchMessage(), searchMessage(), analyticsMessage()];
    await put([first, second, third], clock.nowMs());
    const search = fakeQueue();
    const analytics = fakeQueue();
    const deps = { db: env.DB, queues: { search: search.queue, analytics: analytics.queue }, clock, log };
    expect(await drainOutbox(deps)).toEqual({ sent: 3, failed: 0 });
    expect(await drainOutbox(deps)).toEqual({ sent: 0, failed: 0 });
    expect(search.ids().toSorted()).toEqual([first.id, second.id].toSorted());
    expect(analytics.batches).toEqual([[third]]);
    expect(await waiting()).toEqual([]);
  });

  test("reaches a real queue", async () => {
    const clock = stoppedClock();
    await put([searchMessage()], clock.nowMs());
    expect(await drainOutbox({ db: env.DB, queues: { search: env.QUEUE }, clock, log })).toEqual({
      sent: 1,
      failed: 0,
    });
  });

  test("five drains at once send every message exactly once", async () => {
    const clock = stoppedClock();
    const messages = Array.from({ length: 130 }, searchMessage);
    await put(messages, clock.nowMs());
    const search = fakeQueue();
    const deps = { db: env.DB, queues: { search: search.queue }, clock, log };
    const counts = await Promise.all(Array.from({ length: 5 }, () => drainOutbox(deps)));
    expect(counts.reduce((sum, count) => sum + count.sent, 0)).toBe(130);
    expect(search.ids().toSorted()).toEqual(messages.map((message) => message.id).toSorted());
  });

  test("what another drain has leased is left alone until the lease ends, and is then sent", async () => {
    const clock = stoppedClock();
    const message = searchMessage();
    await put([message], clock.nowMs());
    const dead = fakeQueue(() => new Promise(() => {}));
    void drainOutbox({ db: env.DB, queues: { search: dead.queue }, clock, log });
    await expect.poll(async () => (await waiting())[0]?.attempts).toBe(1);

    const search = fakeQueue();
    const deps = { db: env.DB, queues: { search: search.queue }, clock, log };
    clock.advance(29_999);
    expect(await drainOutbox(deps)).toEqual({ sent: 0, failed: 0 });
    clock.advance(1);
    expect(await drainOutbox(deps)).toEqual({ sent: 1, failed: 0 });
    expect(search.ids()).toEqual([message.id]);
  });

  test("a queue that fails holds up no other, backs off longer each time, and loses nothing", async () => {
    const clock = stoppedClock();
    const [kept, sent] = [searchMessage(), analyticsMessage()];
    await put([kept, sent], clock.nowMs());
    let down = true;
    const search = fakeQueue(() => {
      if (down) throw new Error("queue down");
    });
    const analytics = fakeQueue();
    const deps = { db: env.DB, queues: { search: search.queue, analytics: analytics.queue }, clock, log };
    expect(await drainOutbox(deps)).toEqual({ sent: 1, failed: 1 });
    expect(analytics.ids()).toEqual([sent.id]);
    expect(await drainOutbox(deps)).toEqual({ sent: 0, failed: 0 });

    const delays: number[] = [];
    for (let attempt = 1; attempt <= 12; attempt += 1) {
      const [row] = await waiting();
      expect(row?.attempts).toBe(attempt);
      const delayMs = (row?.availableAtMs ?? 0) - clock.nowMs();
      delays.push(delayMs);
      clock.advance(delayMs);
      expect(await drainOutbox(deps)).toEqual({ sent: 0, failed: 1 });
    }
    expect(delays[0]).toBeLessThanOrEqual(2_000);
    expect(delays.at(-1)).toBeGreaterThanOrEqual((limits.retryDelaySecondsMax / 2) * 1_000);
    expect(Math.max(...delays)).toBeLessThanOrEqual(limits.retryDelaySecondsMax * 1_000);

    down = false;
    clock.advance(limits.retryDelaySecondsMax * 1_000);
    expect(await drainOutbox(deps)).toEqual({ sent: 1, failed: 0 });
    expect(search.ids()).toEqual([kept.id]);
  });

  test("a queue that hangs holds up no other, however long the other's backlog", async () => {
    const clock = stoppedClock();
    await put([searchMessage(), ...Array.from({ length: 250 }, analyticsMessage)], clock.nowMs());
    let release = (): void => {};
    const hanging = fakeQueue(() => new Promise((resolve) => (release = resolve)));
    const analytics = fakeQueue();
    const queues = { search: hanging.queue, analytics: analytics.queue };
    const drain = drainOutbox({ db: env.DB, queues, clock, log });
    await expect.poll(() => analytics.ids().length).toBe(250);
    expect(hanging.ids()).toEqual([]);
    release();
    expect(await drain).toEqual({ sent: 251, failed: 0 });
  });

  test("a long backlog that cannot be sent does not starve a younger message of another queue", async () => {
    const clock = stoppedClock();
    await put(Array.from({ length: 1_200 }, searchMessage), clock.nowMs() - 1_000);
    const young = analyticsMessage();
    await put([young], clock.nowMs());
    const search = fakeQueue(() => {
      throw new Error("queue down");
    });
    const analytics = fakeQueue();
    await drainOutbox({ db: env.DB, queues: { search: search.queue, analytics: analytics.queue }, clock, log });
    expect(analytics.ids()).toEqual([young.id]);
  });

  test("batches that went out before a failure are not sent again", async () => {
    const clock = stoppedClock();
    const large = "水".repeat(20_000); // 60 kB each: four to a batch
    const messages = Array.from({ length: 6 }, () => describedEvent(large));
    await env.DB.batch(outboxStatements(env.DB, messages, clock.nowMs(), ["search"]));
    const search = fakeQueue((call) => {
      if (call === 2) throw new Error("queue down");
    });
    const deps = { db: env.DB, queues: { search: search.queue }, clock, log };
    const first = await drainOutbox(deps);
    expect(first.sent).toBeGreaterThan(0);
    expect(first.sent + first.failed).toBe(6);
    clock.advance(limits.retryDelaySecondsMax * 1_000);
    expect(await drainOutbox(deps)).toEqual({ sent: first.failed, failed: 0 });
    expect(search.ids().toSorted()).toEqual(messages.map((message) => message.id).toSorted());
  });

  test("a drain that dies between sending and forgetting sends again: at least once", async () => {
    const clock = stoppedClock();
    const message = searchMessage();
    await put([message], clock.nowMs());
    const search = fakeQueue();
    const queues = { search: search.queue };
    const db = faultyDb((sql) => {
      if (sql.startsWith("DELETE")) throw new Error("database down");
    });
    expect(await drainOutbox({ db, queues, clock, log })).toEqual({ sent: 0, failed: 1 });
    clock.advance(2_000);
    expect(await drainOutbox({ db: env.DB, queues, clock, log })).toEqual({ sent: 1, failed: 0 });
    expect(search.ids()).toEqual([message.id, message.id]);
  });

  test("a back-off that cannot be stored fails no other queue, and the lease brings the message back", async () => {
    const clock = stoppedClock();
    const [kept, sent] = [searchMessage(), analyticsMessage()];
    await put([kept, sent], clock.nowMs());
    const search = fakeQueue((call) => {
      if (call === 1) throw new Error("queue down");
    });
    const analytics = fakeQueue();
    const queues = { search: search.queue, analytics: analytics.queue };
    const db = faultyDb((sql) => {
      if (/^UPDATE outbox SET available_at_ms = \?2 WHERE/.test(sql)) throw new Error("database down");
    });
    expect(await drainOutbox({ db, queues, clock, log })).toEqual({ sent: 1, failed: 1 });
    clock.advance(30_000);
    expect(await drainOutbox({ db: env.DB, queues, clock, log })).toEqual({ sent: 1, failed: 0 });
    expect(search.ids()).toEqual([kept.id]);
  });

  test("a message for a worker whose queue is not bound is kept and reported", async () => {
    const clock = stoppedClock();
    await put([searchMessage()], clock.nowMs());
    const { log: recorder, lines } = recordingLog();
    expect(await drainOutbox({ db: env.DB, queues: {}, clock, log: recorder })).toEqual({ sent: 0, failed: 1 });
    expect(lines).toMatchObject([{ level: "error", message: "outbox lane failed", consumer: "search" }]);
    expect(await waiting()).toHaveLength(1);
  });
});

describe("batches of a queue", () => {
  test("none holds more than 100 messages or 256 kB of UTF-8", async () => {
    const bodies = [
      ...Array.from({ length: 205 }, () => JSON.stringify({ id: "small" })),
      ...Array.from({ length: 9 }, () => JSON.stringify({ id: "large", text: "水".repeat(30_000) })),
    ];
    const { queue, batches } = fakeQueue();
    await sendInBatches(queue, bodies);
    expect(batches.flat()).toHaveLength(214);
    for (const batch of batches) {
      expect(batch.length).toBeLessThanOrEqual(100);
      const bytes = batch.reduce((sum, body) => sum + new TextEncoder().encode(JSON.stringify(body)).byteLength, 0);
      expect(bytes).toBeLessThanOrEqual(256_000);
    }
  });
});
