import { secondMs } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";

interface Perishable {
  readonly table: string;
  readonly key: string;
  /** The moment that counts. */
  readonly column: string;
  /** How long after that moment the row is over. */
  readonly keptMs: number;
  /** Which rows it is about; all where left out. */
  readonly where?: string;
}

/** What has run out by its own clock. Order matters to nobody: sessions take their refresh tokens with them. */
const perishable: readonly Perishable[] = [
  { table: "refresh_tokens", key: "hash", column: "expires_at_ms", keptMs: 0 },
  { table: "sessions", key: "id", column: "expires_at_ms", keptMs: 0 },
  { table: "single_use_tokens", key: "id", column: "expires_at_ms", keptMs: 0 },
  { table: "challenges", key: "hash", column: "expires_at_ms", keptMs: 0 },
  {
    table: "totp",
    key: "user_id",
    column: "created_at_ms",
    keptMs: limits.totpSetupTtlSeconds * secondMs,
    where: "confirmed_at_ms IS NULL",
  },
  { table: "oauth_flows", key: "state_hash", column: "expires_at_ms", keptMs: 0 },
  { table: "letters", key: "id", column: "expires_at_ms", keptMs: 0 },
  { table: "email_changes", key: "user_id", column: "expires_at_ms", keptMs: 0 },
  { table: "revocations", key: "sequence", column: "expires_at_ms", keptMs: 0 },
  {
    table: "invitations",
    key: "id",
    column: "expires_at_ms",
    keptMs: limits.expiredInvitationKeptSeconds * secondMs,
  },
];

/** Forgets what has expired, at most {@link limits.forgottenRowsPerSweepMax} rows of each kind a call. Rows forgotten. */
export async function forgetExpired(db: D1Database, nowMs: number): Promise<number> {
  const results = await db.batch(
    perishable.map(({ table, key, column, keptMs, where = "1" }) =>
      db
        .prepare(
          `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${where} AND ${column} < ?1 LIMIT ?2)`,
        )
        .bind(nowMs - keptMs, limits.forgottenRowsPerSweepMax),
    ),
  );
  return results.reduce((sum, result) => sum + result.meta.changes, 0);
}
