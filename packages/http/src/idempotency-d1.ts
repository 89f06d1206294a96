import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { IdempotencyRecord, IdempotencyStore } from "./idempotency.ts";

/** Table of idempotency keys; every D1 database of a worker that takes them has one. */
export const idempotencyKeys = sqliteTable(
  "idempotency_keys",
  {
    key: text("key").primaryKey(),
    fingerprint: text("fingerprint").notNull(),
    state: text("state", { enum: ["running", "done"] }).notNull(),
    status: integer("status").notNull(),
    body: text("body").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
  },
  (table) => [index("idempotency_keys_by_age").on(table.createdAtMs)],
);

/** Keeps keys in the worker's own D1 database. */
export function createD1IdempotencyStore(db: D1Database): IdempotencyStore {
  return {
    async claim(key, fingerprint, nowMs, staleBeforeMs) {
      const [, claimed, present] = await db.batch<Record<string, unknown>>([
        db
          .prepare("DELETE FROM idempotency_keys WHERE key = ?1 AND state = 'running' AND created_at_ms < ?2")
          .bind(key, staleBeforeMs),
        db
          .prepare(
            "INSERT INTO idempotency_keys (key, fingerprint, state, status, body, created_at_ms) VALUES (?1, ?2, 'running', 0, '', ?3) ON CONFLICT DO NOTHING RETURNING key",
          )
          .bind(key, fingerprint, nowMs),
        db
          .prepare(
            "SELECT fingerprint, state, status, body, created_at_ms AS createdAtMs FROM idempotency_keys WHERE key = ?1",
          )
          .bind(key),
      ]);
      if ((claimed?.results.length ?? 0) > 0) return null;
      return (present?.results[0] as IdempotencyRecord | undefined) ?? null;
    },
    async finish(key, status, body) {
      await db
        .prepare("UPDATE idempotency_keys SET state = 'done', status = ?2, body = ?3 WHERE key = ?1")
        .bind(key, status, body)
        .run();
    },
    async abandon(key) {
      await db.prepare("DELETE FROM idempotency_keys WHERE key = ?1 AND state = 'running'").bind(key).run();
    },
  };
}

/** Forgets keys older than the given moment; run by cron. At most a thousand a call. */
export async function forgetOldKeys(db: D1Database, beforeMs: number): Promise<number> {
  const result = await db
    .prepare(
      "DELETE FROM idempotency_keys WHERE key IN (SELECT key FROM idempotency_keys WHERE created_at_ms < ?1 LIMIT 1000)",
    )
    .bind(beforeMs)
    .run();
  return result.meta.changes;
}
