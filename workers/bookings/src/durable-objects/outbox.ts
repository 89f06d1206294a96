import type { MessageType, Payload } from "@foyer/contracts/messages/catalog";
import { type Consumer, consumers, routing } from "@foyer/contracts/messages/routing";
import { assert } from "@foyer/kernel/assert";
import { secondMs } from "@foyer/kernel/clock";
import type { RandomBytes } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { newMessage } from "@foyer/messaging/message";
import { sendInBatches } from "@foyer/messaging/outbox-d1";
import { backoffSeconds, type Queues } from "@foyer/messaging/queues";
import { describeError, type Logger } from "@foyer/telemetry/logger";
import { insertRows, insertRowsStatement } from "./rows.ts";

/** How long the first message waits for company, so that a rush is sent in batches. */
const gatherMs = 150;
const rowsPerRoundMax = 500;
const roundsPerDrainMax = 8;

const insertOutbox = insertRowsStatement("outbox", ["consumer", "body"]);

interface Lane {
  /** Undelivered rows. */
  waiting: number;
  /** When its oldest row may be sent; counts only while rows wait. */
  dueAtMs: number;
  failures: number;
}

/**
 * Messages that a committed change promised. They are written in the same transaction as the change and sent by the alarm, a
 * lane for each consumer: one whose queue fails waits for its own back-off and holds up nobody else. At least once; consumers
 * dedupe by the message's id.
 */
export class Outbox {
  readonly #sql: SqlStorage;
  readonly #lanes = new Map<Consumer, Lane>();
  #rows: (readonly [Consumer, string])[] = [];

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Forgets what is in memory and reads what waits. Back-offs begin anew. */
  load(): void {
    this.#lanes.clear();
    this.#rows = [];
    const rows = this.#sql.exec<{ consumer: Consumer; waiting: number }>(
      "SELECT consumer, count(*) AS waiting FROM outbox GROUP BY consumer",
    );
    for (const { consumer, waiting } of rows) this.#lanes.set(consumer, { waiting, dueAtMs: 0, failures: 0 });
  }

  /** Puts a message to everyone who is told of its type. */
  add<T extends MessageType>(
    type: T,
    payload: Payload<T>,
    at: { readonly requestId: string; readonly nowMs: number; readonly random: RandomBytes },
  ): void {
    const told = routing[type];
    if (told.length === 0) return;
    const body = JSON.stringify(newMessage(type, payload, { source: "bookings", ...at }));
    assert(body.length <= limits.messageBytesMax, `message ${type} is larger than a queue takes`);
    for (const consumer of told) {
      this.#rows.push([consumer, body]);
      const lane = this.#lanes.get(consumer);
      if (lane === undefined) this.#lanes.set(consumer, { waiting: 1, dueAtMs: at.nowMs + gatherMs, failures: 0 });
      else {
        if (lane.waiting === 0 && lane.failures === 0) lane.dueAtMs = at.nowMs + gatherMs;
        lane.waiting += 1;
      }
    }
  }

  flush(): void {
    insertRows(this.#sql, insertOutbox, this.#rows);
    this.#rows = [];
  }

  /** When something is to be sent next; null when nothing waits. */
  nextDueMs(): number | null {
    let next: number | null = null;
    for (const lane of this.#lanes.values()) {
      if (lane.waiting > 0 && (next === null || lane.dueAtMs < next)) next = lane.dueAtMs;
    }
    return next;
  }

  /** Sends what is due, all lanes side by side, a bounded number of rounds. */
  async drain(queues: Queues, nowMs: number, log: Logger): Promise<void> {
    await Promise.all(consumers.map((consumer) => this.#drainLane(consumer, queues[consumer], nowMs, log)));
  }

  async #drainLane(consumer: Consumer, queue: Queue | undefined, nowMs: number, log: Logger): Promise<void> {
    const lane = this.#lanes.get(consumer);
    if (lane === undefined || lane.waiting === 0 || lane.dueAtMs > nowMs) return;
    for (let round = 0; round < roundsPerDrainMax; round += 1) {
      const rows = this.#sql
        .exec<{ seq: number; body: string }>(
          "SELECT seq, body FROM outbox WHERE consumer = ? ORDER BY seq LIMIT ?",
          consumer,
          rowsPerRoundMax,
        )
        .toArray();
      const last = rows.at(-1);
      if (last === undefined) {
        lane.waiting = 0;
        break;
      }
      try {
        assert(queue !== undefined, `no producer binding for the queue of ${consumer}`);
        await sendInBatches(
          queue,
          rows.map((row) => row.body),
        );
      } catch (thrown) {
        lane.failures += 1;
        lane.dueAtMs = nowMs + backoffSeconds(lane.failures, limits.retryDelaySecondsMax) * secondMs;
        log.error("outbox lane failed", { consumer, waiting: lane.waiting, ...describeError(thrown) });
        return;
      }
      this.#sql.exec("DELETE FROM outbox WHERE consumer = ? AND seq <= ?", consumer, last.seq);
      lane.waiting = Math.max(0, lane.waiting - rows.length);
      lane.failures = 0;
      lane.dueAtMs = nowMs + gatherMs;
      if (rows.length < rowsPerRoundMax) break;
    }
  }
}
