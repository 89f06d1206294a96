import { secondMs } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";

/** What goes when it has run out by its own clock, or a while later. Order matters to nobody: sessions take their refresh tokens with them. */
const perishable: readonly {
  readonly table: string;
  readonly key: string;
  readonly column: string;
  readonly keptSeconds?: number;
}[] = [
  { table: "refresh_tokens", key: "hash", column: "expires_at_ms" },
  { table: "sessions", key: "id", column: "expires_at_ms" },
  { table: "single_use_tokens", key: "id", column: "expires_at_ms" },
  { table: "challenges", key: "hash", column: "expires_at_ms" },
  { table: "oauth_flows", key: "state_hash", column: "expires_at_ms" },
  { table: "letters", key: "id", column: "expires_at_ms" },
  { table: "email_changes", key: "user_id", column: "expires_at_ms" },
  { table: "revocations", key: "sequence", column: "expires_at_ms" },
  { table: "invitations", key: "id", column: "expires_at_ms", keptSeconds: limits.expiredInvitationKeptSeconds },
];

/** Forgets what has expired, at most {@link limits.forgottenRowsPerSweepMax} rows of each kind a call. Rows forgotten. */
export async function forgetExpired(db: D1Database, nowMs: number): Promise<number> {
  const results = await db.batch(
    perishable.map(({ table, key, column, keptSeconds = 0 }) =>
      db
        .prepare(`DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${column} < ?1 LIMIT ?2)`)
        .bind(nowMs - keptSeconds * secondMs, limits.forgottenRowsPerSweepMax),
    ),
  );
  return results.reduce((sum, result) => sum + result.meta.changes, 0);
}
