import { bookingsErrors } from "@foyer/contracts/bookings/errors";
import { type CatalogEntry, commonErrors } from "@foyer/contracts/shared/errors";
import { secondMs } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import type { Result } from "@foyer/kernel/result";
import { insertRows, insertRowsStatement } from "./rows.ts";

/** An idempotency key as the worker hashed it: of the caller, the route and the key; and of the body. */
export interface IdempotencyClaim {
  readonly key: string;
  readonly fingerprint: string;
}

const insertAnswers = insertRowsStatement("idempotency", ["key", "fingerprint", "answer", "at_ms"]);
const ttlMs = limits.idempotencyTtlSeconds * secondMs;

interface Kept {
  readonly fingerprint: string;
  readonly answer: string;
}

/**
 * Rows are appended in the order of time, and only the small index of keys is written at random: keys are hashes, and a table
 * sorted by them would touch a page of its own for each hold.
 *
 * First answers by idempotency key, written in the transaction of the change that they answer for. Answers hold no secrets:
 * those are derived again when an answer is given.
 */
export class Answers {
  readonly #sql: SqlStorage;
  /** Of the batch that is being decided, so that the same key twice at once is seen. */
  readonly #fresh = new Map<string, Kept & { readonly atMs: number }>();
  readonly #known = new Map<string, Kept>();
  #oldestAtMs: number | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  load(): void {
    this.#fresh.clear();
    this.#oldestAtMs = this.#sql
      .exec<{ oldest: number | null }>("SELECT (SELECT at_ms FROM idempotency ORDER BY seq LIMIT 1) AS oldest")
      .one().oldest;
  }

  /** Reads what is known of all keys of a batch at once; {@link find} answers from it. */
  prefetch(keys: readonly string[], nowMs: number): void {
    this.#known.clear();
    if (keys.length === 0) return;
    const rows = this.#sql.exec<{ key: string; fingerprint: string; answer: string; at_ms: number }>(
      "SELECT key, fingerprint, answer, at_ms FROM idempotency WHERE key IN (SELECT value FROM json_each(?))",
      JSON.stringify(keys),
    );
    const past: string[] = [];
    for (const row of rows) {
      if (row.at_ms + ttlMs > nowMs) this.#known.set(row.key, row);
      else past.push(row.key);
    }
    // Past its day, and in the way of the same key used anew.
    for (const key of past) this.#sql.exec("DELETE FROM idempotency WHERE key = ?", key);
  }

  /** The first answer to a key of this batch, be it stored or just given. */
  find(key: string): Kept | null {
    return this.#fresh.get(key) ?? this.#known.get(key) ?? null;
  }

  keep(claim: IdempotencyClaim, answer: string, nowMs: number): void {
    this.#fresh.set(claim.key, { fingerprint: claim.fingerprint, answer, atMs: nowMs });
    this.#oldestAtMs ??= nowMs;
  }

  flush(): void {
    if (this.#fresh.size === 0) return;
    insertRows(
      this.#sql,
      insertAnswers,
      [...this.#fresh].map(([key, kept]) => [key, kept.fingerprint, kept.answer, kept.atMs]),
    );
    this.#fresh.clear();
  }

  /** Forgets a bounded number of answers that are past their day. */
  purge(nowMs: number): void {
    if (this.#oldestAtMs === null || this.#oldestAtMs + ttlMs > nowMs) return;
    this.#sql.exec(
      "DELETE FROM idempotency WHERE seq IN (SELECT seq FROM idempotency ORDER BY seq LIMIT ?) AND at_ms <= ?",
      limits.idempotencyPurgeMax,
      nowMs - ttlMs,
    );
    this.load();
  }

  /** When the oldest answer is past its day; null when none is kept. */
  nextPurgeMs(): number | null {
    return this.#oldestAtMs === null ? null : this.#oldestAtMs + ttlMs;
  }
}

const passing: readonly string[] = ["conflict", "limited", "unavailable"];
const catalog: Readonly<Record<string, CatalogEntry>> = { ...commonErrors, ...bookingsErrors };

/** Whether an answer is kept: successes, and refusals that the same request would always get. */
export function isKept(result: Result<unknown>): boolean {
  if (result.ok) return true;
  const kind = catalog[result.error.code]?.kind;
  return kind !== undefined && !passing.includes(kind);
}
