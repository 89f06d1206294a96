import type { AnyEnvelope } from "@foyer/contracts/messages/envelope";
import { type Consumer, routing } from "@foyer/contracts/messages/routing";
import { assert } from "@foyer/kernel/assert";
import type { Clock } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { describeError, type Logger } from "@foyer/telemetry/logger";
import { backoffSeconds, type Queues } from "./queues.ts";

const leaseMs = 30_000;
const drainRoundsMax = 10;

/** Rows to write for these messages: one for each message and each worker that is told of it. */
export function outboxRows(messages: readonly AnyEnvelope[], nowMs: number) {
  return messages.flatMap((message) => {
    const body = JSON.stringify(message);
    assert(body.length <= limits.messageBytesMax, `message ${message.type} is larger than a queue takes`);
    return routing[message.type].map((consumer) => ({
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
): D1PreparedStatement[] {
  return outboxRows(messages, nowMs).map((row) =>
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

/**
 * Sends what is due. Rows are leased while they are sent and removed after; a failed send is tried again later. At least
 * once: a drain that dies after sending sends again, and consumers dedupe.
 */
export async function drainOutbox(deps: {
  readonly db: D1Database;
  readonly queues: Queues;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<{ readonly sent: number; readonly failed: number }> {
  let sent = 0;
  let failed = 0;
  for (let round = 0; round < drainRoundsMax; round += 1) {
    const nowMs = deps.clock.nowMs();
    const { results: rows } = await deps.db
      .prepare(
        `UPDATE outbox SET available_at_ms = ?2, attempts = attempts + 1
         WHERE id IN (SELECT id FROM outbox WHERE available_at_ms <= ?1 ORDER BY available_at_ms, id LIMIT ?3)
         RETURNING id, consumer, body, attempts`,
      )
      .bind(nowMs, nowMs + leaseMs, limits.outboxBatchMax)
      .all<OutboxRow>();
    if (rows.length === 0) break;
    const lanes = Map.groupBy(rows, (row) => row.consumer);
    const outcomes = await Promise.all([...lanes].map(([consumer, lane]) => sendLane(deps, consumer, lane)));
    for (const [index, lane] of [...lanes.values()].entries()) {
      if (outcomes[index] === true) sent += lane.length;
      else failed += lane.length;
    }
    if (rows.length < limits.outboxBatchMax) break;
  }
  return { sent, failed };
}

async function sendLane(
  deps: { readonly db: D1Database; readonly queues: Queues; readonly clock: Clock; readonly log: Logger },
  consumer: Consumer,
  lane: readonly OutboxRow[],
): Promise<boolean> {
  const ids = JSON.stringify(lane.map((row) => row.id));
  try {
    const queue = deps.queues[consumer];
    assert(queue !== undefined, `no producer binding for the queue of ${consumer}`);
    await sendInBatches(
      queue,
      lane.map((row) => row.body),
    );
    await deps.db.prepare("DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?1))").bind(ids).run();
    return true;
  } catch (thrown) {
    deps.log.error("outbox lane failed", { consumer, count: lane.length, ...describeError(thrown) });
    const delayMs = backoffSeconds(Math.max(...lane.map((row) => row.attempts)), limits.retryDelaySecondsMax) * 1000;
    await deps.db
      .prepare("UPDATE outbox SET available_at_ms = ?2 WHERE id IN (SELECT value FROM json_each(?1))")
      .bind(ids, deps.clock.nowMs() + delayMs)
      .run();
    return false;
  }
}

/** A queue takes 100 messages and 256 KB at once (https://developers.cloudflare.com/queues/platform/limits/). */
const sendBytesMax = 240_000;

/** Sends envelopes (as JSON texts) within the limits of one `sendBatch` call; repeats until all are sent or one call throws. */
export async function sendInBatches(queue: Queue, bodies: readonly string[]): Promise<void> {
  let batch: { body: unknown; contentType: "json" }[] = [];
  let bytes = 0;
  for (const body of bodies) {
    if (batch.length > 0 && (batch.length >= limits.outboxBatchMax || bytes + body.length > sendBytesMax)) {
      await queue.sendBatch(batch);
      batch = [];
      bytes = 0;
    }
    batch.push({ body: JSON.parse(body), contentType: "json" });
    bytes += body.length * 2; // UTF-8 may take more bytes than characters
  }
  if (batch.length > 0) await queue.sendBatch(batch);
}
