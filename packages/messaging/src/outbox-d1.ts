import type { AnyEnvelope } from "@foyer/contracts/messages/envelope";
import { type Consumer, consumers, routing } from "@foyer/contracts/messages/routing";
import { assert } from "@foyer/kernel/assert";
import type { Clock } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { describeError, type Logger } from "@foyer/telemetry/logger";
import { backoffSeconds, type Queues } from "./queues.ts";

const leaseMs = 30_000;
const drainRoundsMax = 10;
const encoder = new TextEncoder();

function utf8Bytes(text: string): number {
  return encoder.encode(text).byteLength;
}

/**
 * Rows to write for these messages: one for each message and each worker that is told of it. `only` narrows the routing
 * table for messages that concern fewer workers than their type does.
 */
export function outboxRows(messages: readonly AnyEnvelope[], nowMs: number, only?: readonly Consumer[]) {
  return messages.flatMap((message) => {
    const body = JSON.stringify(message);
    assert(utf8Bytes(body) <= limits.messageBytesMax, `message ${message.type} is larger than a queue takes`);
    const told = routing[message.type].filter((consumer) => only === undefined || only.includes(consumer));
    return told.map((consumer) => ({
      id: `${message.id}/${consumer}`,
      consumer,
      body,
      attempts: 0,
      availableAtMs: nowMs,
    }));
  });
}

/** Statements that put messages into the outbox; run them in the same `batch` as the change they tell of. */
export function outboxStatements(
  db: D1Database,
  messages: readonly AnyEnvelope[],
  nowMs: number,
  only?: readonly Consumer[],
): D1PreparedStatement[] {
  return outboxRows(messages, nowMs, only).map((row) =>
    db
      .prepare("INSERT INTO outbox (id, consumer, body, attempts, available_at_ms) VALUES (?1, ?2, ?3, 0, ?4)")
      .bind(row.id, row.consumer, row.body, row.availableAtMs),
  );
}

interface OutboxRow {
  readonly id: string;
  readonly consumer: Consumer;
  readonly body: string;
  readonly attempts: number;
}

interface DrainDeps {
  readonly db: D1Database;
  readonly queues: Queues;
  readonly clock: Clock;
  readonly log: Logger;
}

interface DrainCount {
  readonly sent: number;
  readonly failed: number;
}

/**
 * Sends what is due. Rows are leased while they are sent and removed after; a failed send is tried again later. At least
 * once: a drain that dies after sending sends again, and consumers dedupe. Every consumer is a lane of its own: neither a
 * queue that fails, nor one that is slow, nor one with a long backlog holds up another.
 */
export async function drainOutbox(deps: DrainDeps): Promise<DrainCount> {
  const nowMs = deps.clock.nowMs();
  // One round trip for all lanes; mostly there is nothing more to do.
  const leased = await deps.db.batch<OutboxRow>(consumers.map((consumer) => leaseStatement(deps.db, consumer, nowMs)));
  const counts = await Promise.all(
    consumers.map((consumer, index) => drainLane(deps, consumer, leased[index]?.results ?? [])),
  );
  return {
    sent: counts.reduce((sum, count) => sum + count.sent, 0),
    failed: counts.reduce((sum, count) => sum + count.failed, 0),
  };
}

function leaseStatement(db: D1Database, consumer: Consumer, nowMs: number): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE outbox SET available_at_ms = ?2, attempts = attempts + 1
       WHERE id IN (SELECT id FROM outbox WHERE consumer = ?4 AND available_at_ms <= ?1 ORDER BY available_at_ms, id LIMIT ?3)
       RETURNING id, consumer, body, attempts`,
    )
    .bind(nowMs, nowMs + leaseMs, limits.outboxBatchMax, consumer);
}

async function drainLane(deps: DrainDeps, consumer: Consumer, first: readonly OutboxRow[]): Promise<DrainCount> {
  let sent = 0;
  let rows = first;
  for (let round = 1; rows.length > 0; round += 1) {
    const failed = await sendLane(deps, consumer, rows);
    sent += rows.length - failed;
    if (failed > 0) return { sent, failed };
    if (rows.length < limits.outboxBatchMax || round === drainRoundsMax) break;
    rows = (await leaseStatement(deps.db, consumer, deps.clock.nowMs()).all<OutboxRow>()).results;
  }
  return { sent, failed: 0 };
}

/** Sends leased rows batch by batch, removing each batch once it is sent. Returns how many rows are left for later. */
async function sendLane(deps: DrainDeps, consumer: Consumer, leased: readonly OutboxRow[]): Promise<number> {
  // RETURNING promises no order; ids sort by the time of their making.
  const rows = leased.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  let done = 0;
  try {
    const queue = deps.queues[consumer];
    assert(queue !== undefined, `no producer binding for the queue of ${consumer}`);
    for (const batch of cutBatches(rows)) {
      await queue.sendBatch(batch.map((row) => ({ body: JSON.parse(row.body), contentType: "json" })));
      await deps.db
        .prepare("DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?1))")
        .bind(idsOf(batch))
        .run();
      done += batch.length;
    }
    return 0;
  } catch (thrown) {
    const left = rows.slice(done);
    deps.log.error("outbox lane failed", { consumer, count: left.length, ...describeError(thrown) });
    await backOff(deps, left);
    return left.length;
  }
}

async function backOff(deps: DrainDeps, rows: readonly OutboxRow[]): Promise<void> {
  const delayMs = backoffSeconds(Math.max(...rows.map((row) => row.attempts)), limits.retryDelaySecondsMax) * 1000;
  try {
    await deps.db
      .prepare("UPDATE outbox SET available_at_ms = ?2 WHERE id IN (SELECT value FROM json_each(?1))")
      .bind(idsOf(rows), deps.clock.nowMs() + delayMs)
      .run();
  } catch (thrown) {
    // The lease ends by itself, so the rows come back without this too; the other lanes must not fail with it.
    deps.log.error("outbox back-off not stored", describeError(thrown));
  }
}

function idsOf(rows: readonly OutboxRow[]): string {
  return JSON.stringify(rows.map((row) => row.id));
}

/** A queue takes 100 messages and 256 KB at once (https://developers.cloudflare.com/queues/platform/limits/). */
const sendBytesMax = 240_000;

/** Cuts rows into batches that one `sendBatch` call takes, counting bytes as they go over the wire. */
function cutBatches<R extends { readonly body: string }>(rows: readonly R[]): R[][] {
  const batches: R[][] = [];
  let batch: R[] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = utf8Bytes(row.body);
    if (batch.length > 0 && (batch.length >= limits.outboxBatchMax || bytes + size > sendBytesMax)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(row);
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** Sends envelopes (as JSON texts) within the limits of one `sendBatch` call; repeats until all are sent or one call throws. */
export async function sendInBatches(queue: Queue, bodies: readonly string[]): Promise<void> {
  for (const batch of cutBatches(bodies.map((body) => ({ body })))) {
    await queue.sendBatch(batch.map(({ body }) => ({ body: JSON.parse(body), contentType: "json" })));
  }
}
