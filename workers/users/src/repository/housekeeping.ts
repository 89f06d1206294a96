import { limits } from "@foyer/kernel/limits";

/** What has run out by its own clock. Order matters to nobody: sessions take their refresh tokens with them. */
const perishable = [
  { table: "refresh_tokens", key: "hash", column: "expires_at_ms" },
  { table: "sessions", key: "id", column: "expires_at_ms" },
  { table: "single_use_tokens", key: "id", column: "expires_at_ms" },
  { table: "challenges", key: "hash", column: "expires_at_ms" },
  { table: "oauth_flows", key: "state_hash", column: "expires_at_ms" },
  { table: "letters", key: "id", column: "expires_at_ms" },
  { table: "email_changes", key: "user_id", column: "expires_at_ms" },
  { table: "revocations", key: "sequence", column: "expires_at_ms" },
] as const;

/** Forgets what has expired, at most {@link limits.forgottenRowsPerSweepMax} rows of each kind a call. Rows forgotten. */
export async function forgetExpired(db: D1Database, nowMs: number): Promise<number> {
  const results = await db.batch(
    perishable.map(({ table, key, column }) =>
      db
        .prepare(`DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${column} < ?1 LIMIT ?2)`)
        .bind(nowMs, limits.forgottenRowsPerSweepMax),
    ),
  );
  return results.reduce((sum, result) => sum + result.meta.changes, 0);
}
