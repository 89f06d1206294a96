import { env } from "cloudflare:workers";
import { systemClock } from "@foyer/kernel/clock";
import { beforeEach, describe, expect, test } from "vitest";
import { consumeTogether } from "../src/batch-consumer.ts";
import type { Handlers } from "../src/consumer.ts";
import { listDeadLetters } from "../src/dead-letters.ts";
import {
  analyticsMessage,
  batchOf,
  effect,
  effects,
  faultyDb,
  makeTables,
  recordingLog,
  searchMessage,
} from "./support.ts";

beforeEach(makeTables);

const { log } = recordingLog();
const deps = { db: env.DB, clock: systemClock, log };
const handlers: Handlers = { "capacity.changed": async (message) => [effect(message.id)] };

describe("a batch that is committed together", () => {
  test("takes one round trip to the database for all its messages", async () => {
    let batches = 0;
    let statements = 0;
    const db = faultyDb((what) => {
      if (what === "batch") batches += 1;
      else statements += 1;
    });
    const messages = Array.from({ length: 50 }, searchMessage);
    const { batch, outcome } = batchOf(messages);
    await consumeTogether(batch, handlers, { ...deps, db });
    expect((await outcome()).acked).toHaveLength(50);
    expect(await effects()).toEqual(messages.map((message) => message.id));
    expect(batches).toBe(1);
    expect(statements).toBe(1); // the notes that all are handled, prepared and run within the batch
  });

  test("handles copies, repeated deliveries, strangers and poison as a single message would be", async () => {
    const [fresh, earlier, poison] = [searchMessage(), searchMessage(), searchMessage()];
    await consumeTogether(batchOf([earlier]).batch, handlers, deps);
    const some: Handlers = {
      "capacity.changed": async (message) => {
        if (message.id === poison.id) throw new Error("poison");
        return [effect(message.id)];
      },
    };
    const { batch, outcome } = batchOf([fresh, earlier, poison, fresh, "stranger", analyticsMessage()]);
    await consumeTogether(batch, some, deps);
    const { acked, retried } = await outcome();
    expect(acked.toSorted()).toEqual(["q0", "q1", "q3", "q4", "q5"]);
    expect(retried).toEqual(["q2"]);
    expect(await effects()).toEqual([earlier.id, fresh.id]);
    expect(await listDeadLetters(env.DB, { limit: 10, before: null })).toMatchObject([{ messageId: null }]);
  });

  test("loses only the message whose effect the database refuses", async () => {
    const [good, bad, other] = [searchMessage(), searchMessage(), searchMessage()];
    const some: Handlers = {
      "capacity.changed": async (message) => [effect(message.id === bad.id ? "forbidden" : message.id)],
    };
    const { batch, outcome } = batchOf([good, bad, other]);
    await consumeTogether(batch, some, deps);
    const { acked, retried } = await outcome();
    expect(acked.toSorted()).toEqual(["q0", "q2"]);
    expect(retried).toEqual(["q1"]);
    expect((await effects()).toSorted()).toEqual([good.id, other.id].toSorted());
  });

  test("delivered three times at once takes effect once", async () => {
    const messages = Array.from({ length: 10 }, searchMessage);
    const batches = [batchOf(messages), batchOf(messages), batchOf(messages.toReversed())];
    await Promise.all(batches.map(({ batch }) => consumeTogether(batch, handlers, deps)));
    for (const { outcome } of batches) expect((await outcome()).acked).toHaveLength(10);
    expect((await effects()).toSorted()).toEqual(messages.map((message) => message.id).toSorted());
  });

  test("waits as a whole while the database is down", async () => {
    const db = faultyDb(() => {
      throw new Error("database down");
    });
    const { batch, outcome, delays } = batchOf([searchMessage(), "stranger", searchMessage()], 4);
    await consumeTogether(batch, handlers, { ...deps, db });
    expect(await outcome()).toEqual({ acked: [], retried: ["q0", "q1", "q2"] });
    expect(Math.min(...delays())).toBeGreaterThanOrEqual(8);
  });
});
