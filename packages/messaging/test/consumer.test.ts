import { env } from "cloudflare:workers";
import { systemClock } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import type { Metrics } from "@foyer/telemetry/metrics";
import * as fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { consume, forgetOldInbox, type Handlers, PermanentFailure } from "../src/consumer.ts";
import { listDeadLetters } from "../src/dead-letters.ts";
import { backoffSeconds } from "../src/queues.ts";
import {
  analyticsMessage,
  batchOf,
  effect,
  effects,
  faultyDb,
  makeTables,
  recordingLog,
  searchMessage,
  stoppedClock,
} from "./support.ts";

beforeEach(makeTables);

const { log } = recordingLog();
const deps = { db: env.DB, clock: systemClock, log };
const handlers: Handlers = { "capacity.changed": async (message) => [effect(message.id)] };

function letters() {
  return listDeadLetters(env.DB, { limit: 100, before: null });
}

describe("once", () => {
  test("a message delivered again changes nothing and is acknowledged", async () => {
    const message = searchMessage();
    for (let delivery = 1; delivery <= 2; delivery += 1) {
      const { batch, outcome } = batchOf([message], delivery);
      await consume(batch, handlers, deps);
      expect(await outcome()).toEqual({ acked: ["q0"], retried: [] });
    }
    expect(await effects()).toEqual([message.id]);
  });

  test.each([1, 4])("copies of a message in one batch take effect once, with %i side by side", async (concurrency) => {
    const [twice, other] = [searchMessage(), searchMessage()];
    let running = 0;
    let runningMax = 0;
    const slow: Handlers = {
      "capacity.changed": async (message) => {
        const step = message.id === twice.id ? 1 : 0;
        running += step;
        runningMax = Math.max(runningMax, running);
        await env.DB.prepare("SELECT 1").first();
        running -= step;
        return [effect(message.id)];
      },
    };
    const { batch, outcome } = batchOf([twice, other, twice, twice]);
    await consume(batch, slow, deps, { concurrency });
    expect((await outcome()).acked.toSorted()).toEqual(["q0", "q1", "q2", "q3"]);
    expect((await effects()).toSorted()).toEqual([twice.id, other.id].toSorted());
    expect(runningMax).toBe(1);
  });

  test("deliveries of one message in two batches at once take effect once", async () => {
    const message = searchMessage();
    const batches = [batchOf([message]), batchOf([message]), batchOf([message])];
    await Promise.all(batches.map(({ batch }) => consume(batch, handlers, deps)));
    for (const { outcome } of batches) expect(await outcome()).toEqual({ acked: ["q0"], retried: [] });
    expect(await effects()).toEqual([message.id]);
  });

  test("a commit whose answer is lost counts as done", async () => {
    const message = searchMessage();
    let lost = false;
    const db = faultyDb(
      () => {},
      () => {
        if (lost) return;
        lost = true;
        throw new Error("connection lost");
      },
    );
    const { batch, outcome } = batchOf([message]);
    await consume(batch, handlers, { ...deps, db });
    expect(await outcome()).toEqual({ acked: ["q0"], retried: [] });
    expect(await effects()).toEqual([message.id]);
  });
});

describe("failure", () => {
  test("a poison message is retried later, and the others of its batch are done once", async () => {
    const messages = [searchMessage(), searchMessage(), searchMessage()];
    const poison = messages[1]?.id;
    const some: Handlers = {
      "capacity.changed": async (message) => {
        if (message.id === poison) throw new Error("poison");
        return [effect(message.id)];
      },
    };
    const { batch, outcome, delays } = batchOf(messages, 3);
    await consume(batch, some, deps);
    expect(await outcome()).toEqual({ acked: ["q0", "q2"], retried: ["q1"] });
    expect(delays()).toHaveLength(1);
    expect(delays()[0]).toBeGreaterThanOrEqual(4);
    expect(delays()[0]).toBeLessThanOrEqual(8);
    expect(await effects()).toEqual([messages[0]?.id, messages[2]?.id]);
  });

  test("an effect that cannot be committed whole is not committed at all, and the next delivery is", async () => {
    const message = searchMessage();
    const half: Handlers = { "capacity.changed": async () => [effect("first"), effect("forbidden")] };
    const first = batchOf([message]);
    await consume(first.batch, half, deps);
    expect((await first.outcome()).retried).toHaveLength(1);
    expect(await effects()).toEqual([]);
    const second = batchOf([message], 2);
    await consume(second.batch, handlers, deps);
    expect(await second.outcome()).toEqual({ acked: ["q0"], retried: [] });
    expect(await effects()).toEqual([message.id]);
  });

  test("when the database is down every message waits, so that an outage does not use up the retries", async () => {
    const db = faultyDb(() => {
      throw new Error("database down");
    });
    const { batch, outcome, delays } = batchOf([searchMessage(), "not a message", searchMessage()], 4);
    await consume(batch, handlers, { ...deps, db });
    expect(await outcome()).toEqual({ acked: [], retried: ["q0", "q1", "q2"] });
    expect(Math.min(...delays())).toBeGreaterThanOrEqual(8);
  });

  test("a message whose type nobody handles here is done", async () => {
    const { batch, outcome } = batchOf([analyticsMessage()]);
    await consume(batch, handlers, deps);
    expect(await outcome()).toEqual({ acked: ["q0"], retried: [] });
  });

  test("a slow message does not hold up those beside it, and no more run at once than allowed", async () => {
    const messages = Array.from({ length: 12 }, searchMessage);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    let running = 0;
    let runningMax = 0;
    const slow: Handlers = {
      "capacity.changed": async (message) => {
        running += 1;
        runningMax = Math.max(runningMax, running);
        if (message.id === messages[0]?.id) await held;
        else await env.DB.prepare("SELECT 1").first();
        running -= 1;
        return [effect(message.id)];
      },
    };
    const { batch, outcome } = batchOf(messages);
    const consumed = consume(batch, slow, deps, { concurrency: 3 });
    await expect.poll(async () => (await effects()).length).toBe(11);
    release();
    await consumed;
    expect((await outcome()).acked).toHaveLength(12);
    expect(runningMax).toBe(3);
  });
});

describe("dead letters at once", () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const oddities: [string, unknown][] = [
    ["a text", "hello"],
    ["nothing", null],
    ["an object of nobody", { id: "msg_x", type: "order.confirmed" }],
    ["an unknown type", { ...searchMessage(), type: "capacity.exploded" }],
    ["a payload of another type", { ...searchMessage(), payload: { userId: "usr_x" } }],
    ["what JSON cannot say", { big: 10n }],
    ["a cycle", cycle],
  ];

  test.each(oddities)("%s is stored once, acknowledged, and holds up nobody", async (_, body) => {
    const good = searchMessage();
    for (let delivery = 1; delivery <= 2; delivery += 1) {
      const { batch, outcome } = batchOf([body, good], delivery);
      await consume(batch, handlers, deps);
      expect(await outcome()).toEqual({ acked: ["q0", "q1"], retried: [] });
    }
    expect(await letters()).toMatchObject([{ id: "ddl_q0", messageId: null, replayedAtMs: null }]);
    expect(await effects()).toEqual([good.id]);
  });

  test("what a handler refuses for good is stored with its reason and not retried", async () => {
    const message = searchMessage();
    const refusing: Handlers = {
      "capacity.changed": async () => {
        throw new PermanentFailure("the provider refuses it");
      },
    };
    const { batch, outcome } = batchOf([message, message]);
    await consume(batch, refusing, deps);
    expect(await outcome()).toEqual({ acked: ["q0", "q1"], retried: [] });
    expect(await letters()).toMatchObject([
      {
        id: `ddl_${message.id}`,
        messageId: message.id,
        type: "capacity.changed",
        reason: "the provider refuses it",
      },
    ]);
  });

  test("what cannot be stored stays in the queue", async () => {
    const db = faultyDb((sql) => {
      if (sql.includes("dead_letters")) throw new Error("database down");
    });
    const { batch, outcome } = batchOf(["odd", searchMessage()]);
    await consume(batch, handlers, { ...deps, db });
    expect(await outcome()).toEqual({ acked: ["q1"], retried: ["q0"] });
  });
});

test("every retry and every dead letter is counted under its queue; what went well is not", async () => {
  const counted: unknown[] = [];
  const metrics: Metrics = { count: (...what) => counted.push(what) };
  const failing: Handlers = {
    "capacity.changed": async (message) => [effect(message.id)],
    "user.registered": async () => {
      throw new Error("not today");
    },
  };
  const { batch } = batchOf([searchMessage(), analyticsMessage(), "odd"]);
  await consume(batch, failing, { ...deps, metrics });
  expect(counted).toEqual([
    ["message.retried", { queue: "foyer-search" }],
    ["message.dead", { queue: "foyer-search" }],
  ]);
});

test("back-off lies between a second and its limit, and doubles up to it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 1, max: 43_200 }), (attempt, maxSeconds) => {
      const seconds = backoffSeconds(attempt, maxSeconds);
      const ceiling = Math.min(maxSeconds, 2 ** Math.min(attempt, 20));
      expect(Number.isInteger(seconds)).toBe(true);
      expect(seconds).toBeGreaterThanOrEqual(Math.max(1, Math.floor(ceiling / 2)));
      expect(seconds).toBeLessThanOrEqual(Math.max(1, ceiling));
    }),
  );
});

test("old inbox rows are forgotten and young ones are kept", async () => {
  const clock = stoppedClock();
  const [old, young] = [searchMessage(), searchMessage()];
  await consume(batchOf([old]).batch, handlers, { ...deps, clock });
  clock.advance(1_000);
  await consume(batchOf([young]).batch, handlers, { ...deps, clock });
  expect(await forgetOldInbox(env.DB, clock.nowMs())).toBe(1);
  expect(await forgetOldInbox(env.DB, clock.nowMs())).toBe(0);
  const { results } = await env.DB.prepare("SELECT message_id AS id FROM inbox").all();
  expect(results).toEqual([{ id: young.id }]);
  expect(limits.retryDelaySecondsMax).toBeLessThanOrEqual(43_200); // the longest delay that a queue takes
});
