import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { AnyEnvelope } from "@foyer/contracts/messages/envelope";
import type { Clock } from "@foyer/kernel/clock";
import { newId } from "@foyer/kernel/ids";
import { createLogger } from "@foyer/telemetry/logger";
import { getTableConfig } from "drizzle-orm/sqlite-core";
import { vi } from "vitest";
import { newMessage } from "../src/message.ts";
import { deadLetters, inbox, outbox } from "../src/tables.ts";

/** Makes the shared tables as a worker's migration would, and one table for the effects of test handlers. */
export async function makeTables(): Promise<void> {
  for (const table of [outbox, inbox, deadLetters]) {
    const { name, columns } = getTableConfig(table);
    const definitions = columns.map((column) => {
      const key = column.primary ? " PRIMARY KEY" : "";
      const initial = typeof column.default === "number" ? ` DEFAULT ${column.default}` : "";
      return `${column.name} ${column.getSQLType()}${key}${column.notNull ? " NOT NULL" : ""}${initial}`;
    });
    await env.DB.prepare(`CREATE TABLE IF NOT EXISTS ${name} (${definitions.join(", ")})`).run();
    await env.DB.prepare(`DELETE FROM ${name}`).run();
  }
  await env.DB.prepare("CREATE TABLE IF NOT EXISTS effects (what TEXT NOT NULL CHECK (what <> 'forbidden'))").run();
  await env.DB.prepare("DELETE FROM effects").run();
}

/** A statement that leaves one visible trace. */
export function effect(what: string): D1PreparedStatement {
  return env.DB.prepare("INSERT INTO effects (what) VALUES (?1)").bind(what);
}

export async function effects(): Promise<string[]> {
  const { results } = await env.DB.prepare("SELECT what FROM effects ORDER BY rowid").all<{ what: string }>();
  return results.map((row) => row.what);
}

/** A clock that stands still until it is moved. */
export function stoppedClock(startMs = 1_800_000_000_000): Clock & { advance(ms: number): void } {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

/** A logger whose lines can be read back. */
export function recordingLog() {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger("test", { write: (line) => lines.push(JSON.parse(line)) });
  return { log, lines };
}

/** A message that search alone consumes. */
export function searchMessage(): AnyEnvelope {
  const nowMs = Date.now();
  return newMessage(
    "capacity.changed",
    {
      eventId: newId("event", nowMs),
      organizationId: newId("organization", nowMs),
      sequence: 1,
      priceMin: null,
      priceMax: null,
      soldOut: false,
    },
    { source: "test", requestId: "req_test", nowMs },
  ) as AnyEnvelope;
}

/** A message that analytics alone consumes. */
export function analyticsMessage(): AnyEnvelope {
  const nowMs = Date.now();
  return newMessage(
    "user.registered",
    { userId: newId("user", nowMs) },
    { source: "test", requestId: "req_test", nowMs },
  ) as AnyEnvelope;
}

type QueueBody = { readonly id?: string };

/** A queue that keeps what it is sent; `behave` runs before each batch is taken, and may throw or wait. */
export function fakeQueue(behave: (call: number) => void | Promise<void> = () => {}) {
  const batches: QueueBody[][] = [];
  let calls = 0;
  const queue = {
    async sendBatch(messages: Iterable<MessageSendRequest<QueueBody>>) {
      calls += 1;
      await behave(calls);
      batches.push(Array.from(messages, (message) => message.body));
    },
  };
  // The drain uses sendBatch and nothing else of a queue.
  return { queue: queue as unknown as Queue, batches, ids: () => batches.flat().map((body) => body.id) };
}

/** A D1 whose calls can be made to fail: `fault` sees `batch` or the SQL of a prepared statement, and throws at will. */
export function faultyDb(fault: (what: string) => void, after: (what: string) => void = () => {}): D1Database {
  return new Proxy(env.DB, {
    get(db, name) {
      if (name === "prepare") {
        return (sql: string) => {
          fault(sql);
          return db.prepare(sql);
        };
      }
      if (name === "batch") {
        return async (statements: D1PreparedStatement[]) => {
          fault("batch");
          const results = await db.batch(statements);
          after("batch");
          return results;
        };
      }
      throw new Error(`not faked: ${String(name)}`);
    },
  });
}

/** A queue batch over these bodies; ids are their places. */
export function batchOf(bodies: readonly unknown[], attempts = 1, queue = "foyer-search") {
  const batch = createMessageBatch(
    queue,
    bodies.map((body, index) => ({ id: `q${index}`, timestamp: new Date(), attempts, body })),
  );
  const retries = batch.messages.map((message) => vi.spyOn(message, "retry"));
  return {
    batch,
    /** Delays that were asked for, in seconds. */
    delays: () => retries.flatMap((retry) => retry.mock.calls.map(([options]) => options?.delaySeconds ?? 0)),
    /** What became of each message: which were acknowledged, which come again. */
    async outcome() {
      const result = await getQueueResult(batch, createExecutionContext());
      return { acked: result.explicitAcks, retried: result.retryMessages.map(({ msgId }) => msgId) };
    },
  };
}
