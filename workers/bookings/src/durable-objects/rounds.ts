import type { HolderNotice } from "@foyer/contracts/messages/catalog";
import type { OrderId } from "@foyer/kernel/ids";

/** A way through all orders of the event, a batch at a time. There is at most one of each kind. */
export type Round = RoundProgress &
  (
    | { readonly kind: "cancellation"; readonly notice: null }
    /** `notice` is what those who hold tickets are told. */
    | { readonly kind: "notice"; readonly notice: HolderNotice }
  );

interface RoundProgress {
  /** Version of the event that asked for it. */
  readonly version: number;
  readonly beganAtMs: number;
  /** The last order that was visited; empty before the first. */
  readonly afterOrderId: OrderId | "";
  /** How many orders were visited. */
  readonly visited: number;
  /** Null while there are orders left to visit. */
  readonly finishedAtMs: number | null;
  /** Of the call that asked for it, for messages and log lines. */
  readonly requestId: string;
}

interface RoundRow extends Record<string, SqlStorageValue> {
  kind: "cancellation" | "notice";
  version: number;
  notice: HolderNotice | null;
  began_at_ms: number;
  after_order_id: OrderId | "";
  visited: number;
  finished_at_ms: number | null;
  request_id: string;
}

/** Rounds, kept in memory and written through: where one stands is committed with what it did, so it goes on from there after a crash. */
export class Rounds {
  readonly #sql: SqlStorage;
  readonly #rounds = new Map<Round["kind"], Round>();
  #dueAtMs = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Forgets what is in memory and reads the table. What was put off is due again. */
  load(): void {
    this.#rounds.clear();
    this.#dueAtMs = 0;
    for (const row of this.#sql.exec<RoundRow>("SELECT * FROM rounds")) this.#rounds.set(row.kind, fromRow(row));
  }

  find(kind: Round["kind"]): Round | null {
    return this.#rounds.get(kind) ?? null;
  }

  /** The round that is to go on; a cancellation comes before a notice. Null where all are finished. */
  get current(): Round | null {
    for (const kind of ["cancellation", "notice"] as const) {
      const round = this.#rounds.get(kind);
      if (round !== undefined && round.finishedAtMs === null) return round;
    }
    return null;
  }

  /** When the current round goes on; null where there is none. */
  nextDueMs(): number | null {
    return this.current === null ? null : this.#dueAtMs;
  }

  /** Makes the current round wait after it failed. */
  putOff(untilMs: number): void {
    this.#dueAtMs = untilMs;
  }

  /** Writes a round over the one of its kind that there was. */
  put(round: Round): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO rounds (kind, version, notice, began_at_ms, after_order_id, visited, finished_at_ms, request_id)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      round.kind,
      round.version,
      round.notice,
      round.beganAtMs,
      round.afterOrderId,
      round.visited,
      round.finishedAtMs,
      round.requestId,
    );
    this.#rounds.set(round.kind, round);
  }
}

function fromRow(row: RoundRow): Round {
  const progress: RoundProgress = {
    version: row.version,
    beganAtMs: row.began_at_ms,
    afterOrderId: row.after_order_id,
    visited: row.visited,
    finishedAtMs: row.finished_at_ms,
    requestId: row.request_id,
  };
  // The table's check: a notice says which, a cancellation does not.
  return row.notice === null
    ? { kind: "cancellation", notice: null, ...progress }
    : { kind: "notice", notice: row.notice, ...progress };
}
