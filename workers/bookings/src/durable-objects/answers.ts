import { bookingsErrors } from "@foyer/contracts/bookings/errors";
import { type CatalogEntry, commonErrors } from "@foyer/contracts/shared/errors";
import { secondMs } from "@foyer/kernel/clock";
import type { OrderId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { Result } from "@foyer/kernel/result";
import { insertRows, insertRowsStatement } from "./rows.ts";

/** An idempotency key as the worker hashed it: of the caller, the route and the key; and of the body. */
export interface IdempotencyClaim {
  readonly key: string;
  readonly fingerprint: string;
}

const insertAnswers = insertRowsStatement("idempotency", ["seq", "key", "fingerprint", "answer", "at_ms"]);
const indexKeys = "CREATE INDEX IF NOT EXISTS idempotency_by_key ON idempotency (key)";
const ttlMs = limits.idempotencyTtlSeconds * secondMs;

interface Kept {
  readonly fingerprint: string;
  readonly answer: string;
}

interface KeptRow extends Kept, Record<string, SqlStorageValue> {
  readonly seq: number;
  readonly key: string;
  readonly at_ms: number;
}

/**
 * First answers by idempotency key, written in the transaction of the change that they answer for. Answers hold no secrets:
 * those are derived again when an answer is given.
 *
 * Rows are appended in the order of time and found by the keys in memory, so that a key that was never seen costs no query. Keys are
 * hashes: an index of them would rewrite a page of its own for each hold. Only a sale with more keys than are kept in memory gets
 * that index, and asks it for every key from then on.
 */
export class Answers {
  readonly #sql: SqlStorage;
  readonly #keysMax: number;
  /** Of the batch that is being decided, so that the same key twice at once is seen. */
  readonly #fresh = new Map<string, Kept & { readonly atMs: number }>();
  /** What is stored of the keys of this batch. */
  readonly #known = new Map<string, Kept>();
  /** Row of every stored key; null where there are too many of them. */
  #rows: Map<string, number> | null = new Map();
  #nextSeq = 1;
  #oldestAtMs: number | null = null;

  constructor(sql: SqlStorage, keysMax: number = limits.idempotencyKeysInMemoryMax) {
    this.#sql = sql;
    this.#keysMax = keysMax;
  }

  load(): void {
    this.#fresh.clear();
    this.#known.clear();
    this.#readOldest();
    const { count, last } = this.#sql
      .exec<{ count: number; last: number | null }>("SELECT count(*) AS count, max(seq) AS last FROM idempotency")
      .one();
    this.#nextSeq = (last ?? 0) + 1;
    this.#rows = new Map();
    if (count > this.#keysMax) {
      this.#leaveToIndex();
      return;
    }
    for (const { key, seq } of this.#sql.exec<{ key: string; seq: number }>("SELECT key, seq FROM idempotency")) {
      this.#rows.set(key, seq);
    }
  }

  /** Reads what is known of all keys of a batch at once; {@link find} answers from it. */
  prefetch(keys: readonly string[], nowMs: number): void {
    this.#known.clear();
    for (const row of this.#stored(keys)) {
      if (row.at_ms + ttlMs > nowMs) this.#known.set(row.key, row);
      else {
        // Past its day, and in the way of the same key used anew.
        this.#sql.exec("DELETE FROM idempotency WHERE seq = ?", row.seq);
        this.#rows?.delete(row.key);
      }
    }
  }

  /** The first answer to a key of this batch, be it stored or just given. */
  find(key: string): Kept | null {
    return this.#fresh.get(key) ?? this.#known.get(key) ?? null;
  }

  /** Whether a key was certainly never stored, as far as memory alone can tell. */
  isNew(key: string): boolean {
    return this.#rows !== null && !this.#rows.has(key);
  }

  keep(claim: IdempotencyClaim, answer: string, nowMs: number): void {
    this.#fresh.set(claim.key, { fingerprint: claim.fingerprint, answer, atMs: nowMs });
    this.#oldestAtMs ??= nowMs;
  }

  flush(): void {
    if (this.#fresh.size === 0) return;
    const rows: (readonly [number, string, string, string, number])[] = [];
    for (const [key, kept] of this.#fresh) {
      rows.push([this.#nextSeq, key, kept.fingerprint, kept.answer, kept.atMs]);
      this.#rows?.set(key, this.#nextSeq);
      this.#nextSeq += 1;
    }
    insertRows(this.#sql, insertAnswers, rows);
    this.#fresh.clear();
    if (this.#rows !== null && this.#rows.size > this.#keysMax) this.#leaveToIndex();
  }

  /** Forgets a bounded number of answers that are past their day. */
  purge(nowMs: number): void {
    if (this.#oldestAtMs === null || this.#oldestAtMs + ttlMs > nowMs) return;
    const forgotten = this.#sql.exec<{ key: string }>(
      "DELETE FROM idempotency WHERE seq IN (SELECT seq FROM idempotency ORDER BY seq LIMIT ?) AND at_ms <= ? RETURNING key",
      limits.idempotencyPurgeMax,
      nowMs - ttlMs,
    );
    for (const { key } of forgotten) this.#rows?.delete(key);
    this.#readOldest();
  }

  /** Forgets what was answered about orders. Whoever sends such a request again meets the order as it is by then. */
  forgetOrders(ids: readonly OrderId[]): void {
    for (const kept of [this.#fresh, this.#known]) {
      for (const [key, { answer }] of kept) if (ids.some((id) => answer.includes(id))) kept.delete(key);
    }
    // Nearly all answers are reservations, and are passed over without being parsed.
    const forgotten = this.#sql.exec<{ key: string }>(
      `DELETE FROM idempotency WHERE instr(substr(answer, 1, 64), '"ord_') AND answer ->> '$.value.id' IN (SELECT value FROM json_each(?))
       RETURNING key`,
      JSON.stringify(ids),
    );
    for (const { key } of forgotten) this.#rows?.delete(key);
    this.#readOldest();
  }

  /** When the oldest answer is past its day; null when none is kept. */
  nextPurgeMs(): number | null {
    return this.#oldestAtMs === null ? null : this.#oldestAtMs + ttlMs;
  }

  #stored(keys: readonly string[]): readonly KeptRow[] {
    const rows = this.#rows;
    const wanted = rows === null ? keys : keys.flatMap((key) => rows.get(key) ?? []);
    if (wanted.length === 0) return [];
    return this.#sql
      .exec<KeptRow>(
        `SELECT seq, key, fingerprint, answer, at_ms FROM idempotency
         WHERE ${rows === null ? "key" : "seq"} IN (SELECT value FROM json_each(?))`,
        JSON.stringify(wanted),
      )
      .toArray();
  }

  #readOldest(): void {
    this.#oldestAtMs = this.#sql
      .exec<{ oldest: number | null }>("SELECT (SELECT at_ms FROM idempotency ORDER BY seq LIMIT 1) AS oldest")
      .one().oldest;
  }

  /** From here on keys are looked up in the database. */
  #leaveToIndex(): void {
    this.#sql.exec(indexKeys);
    this.#rows = null;
  }
}

// Who may do something is not in the body: with a grant, or a permission, the same request is another one.
const passing: readonly string[] = ["forbidden", "conflict", "limited", "unavailable"];
const catalog: Readonly<Record<string, CatalogEntry>> = { ...commonErrors, ...bookingsErrors };

/** Whether an answer is kept: successes, and refusals that the same request would always get. */
export function isKept(result: Result<unknown>): boolean {
  if (result.ok) return true;
  const kind = catalog[result.error.code]?.kind;
  return kind !== undefined && !passing.includes(kind);
}
