import { env } from "cloudflare:workers";
import { systemClock } from "@foyer/kernel/clock";
import { beforeEach, describe, expect, test } from "vitest";
import { consume, type Handlers } from "../src/consumer.ts";
import { consumeDeadLetters, listDeadLetters, replayDeadLetter } from "../src/dead-letters.ts";
import {
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

async function bury(bodies: readonly unknown[], over: Partial<typeof deps> = {}) {
  const { batch, outcome } = batchOf(bodies, 1, "foyer-search-dlq");
  await consumeDeadLetters(batch, { ...deps, ...over });
  return outcome();
}

describe("the dead-letter queue", () => {
  test("everything in it is stored, whatever it is, and a second delivery stores nothing more", async () => {
    const message = searchMessage();
    for (let delivery = 1; delivery <= 2; delivery += 1) {
      expect(await bury([message, { odd: 1n }, null])).toEqual({ acked: ["q0", "q1", "q2"], retried: [] });
    }
    const letters = await listDeadLetters(env.DB, { limit: 100, before: null });
    expect(letters.map(({ id, reason }) => [id, reason.split(":")[0]]).toSorted()).toEqual([
      [`ddl_${message.id}`, "retries exhausted"],
      ["ddl_q1", "envelope"],
      ["ddl_q2", "envelope"],
    ]);
  });

  test("what cannot be stored now is tried again, for there is no queue behind this one", async () => {
    let calls = 0;
    const db = faultyDb(() => {
      calls += 1;
      if (calls === 2) throw new Error("database down");
    });
    const buried = await bury([searchMessage(), searchMessage(), searchMessage()], { db });
    expect(buried).toEqual({ acked: ["q0", "q2"], retried: ["q1"] });
  });

  test("pages run from the newest to the oldest without gap or repetition", async () => {
    const clock = stoppedClock();
    const messages = Array.from({ length: 7 }, searchMessage);
    for (const [index, message] of messages.entries()) {
      if (index % 3 === 0) clock.advance(1_000); // some share a moment
      await bury([message], { clock });
    }
    const seen: string[] = [];
    let before: readonly [number, string] | null = null;
    for (let page = 0; page < 4; page += 1) {
      const letters = await listDeadLetters(env.DB, { limit: 2, before });
      seen.push(...letters.map((letter) => letter.id));
      const last = letters.at(-1);
      if (last !== undefined) before = [last.storedAtMs, last.id];
    }
    expect(seen.toSorted()).toEqual(messages.map((message) => `ddl_${message.id}`).toSorted());
    expect(seen[0]).toBe(`ddl_${messages[6]?.id}`);
  });
});

describe("replay", () => {
  test("takes effect once, however often it is asked for, and notes when", async () => {
    const message = searchMessage();
    await bury([message]);
    const id = `ddl_${message.id}`;
    const results = await Promise.all([
      replayDeadLetter(id, handlers, deps),
      replayDeadLetter(id, handlers, deps),
      replayDeadLetter(id, handlers, deps),
    ]);
    expect(results).toEqual([1, 2, 3].map(() => ({ ok: true, value: null })));
    expect(await effects()).toEqual([message.id]);
    const [letter] = await listDeadLetters(env.DB, { limit: 1, before: null });
    expect(letter?.replayedAtMs).toBeGreaterThan(0);

    const { batch, outcome } = batchOf([message]);
    await consume(batch, handlers, deps);
    expect(await outcome()).toEqual({ acked: ["q0"], retried: [] });
    expect(await effects()).toEqual([message.id]);
  });

  test("of a message that had its effect after all changes nothing and succeeds", async () => {
    const message = searchMessage();
    await consume(batchOf([message]).batch, handlers, deps);
    await bury([message]);
    expect(await replayDeadLetter(`ddl_${message.id}`, handlers, deps)).toEqual({ ok: true, value: null });
    expect(await effects()).toEqual([message.id]);
  });

  test("that fails leaves the letter as it was", async () => {
    const message = searchMessage();
    await bury([message]);
    const failing: Handlers = {
      "capacity.changed": async () => {
        throw new Error("still broken");
      },
    };
    expect(await replayDeadLetter(`ddl_${message.id}`, failing, deps)).toMatchObject({
      ok: false,
      error: { code: "messaging.replay_failed" },
    });
    expect(await listDeadLetters(env.DB, { limit: 1, before: null })).toMatchObject([{ replayedAtMs: null }]);
    expect(await effects()).toEqual([]);
  });

  test("of what is no message of this version, or of nothing, is an expected failure", async () => {
    await bury([{ odd: true }]);
    expect(await replayDeadLetter("ddl_q0", handlers, deps)).toMatchObject({
      ok: false,
      error: { code: "messaging.replay_failed" },
    });
    expect(await replayDeadLetter("ddl_nothing", handlers, deps)).toMatchObject({
      ok: false,
      error: { code: "messaging.dead_letter_not_found" },
    });
  });
});
