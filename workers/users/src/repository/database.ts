import type { User } from "../domain/user.ts";

/** One write, not yet done. A use-case gathers them and commits all or none. */
export type Write = D1PreparedStatement;

/** Commits writes in one transaction. */
export async function commit(db: D1Database, writes: readonly Write[]): Promise<void> {
  if (writes.length > 0) await db.batch([...writes]);
}

/** Whether a batch was refused because another row has this value already; D1 tells by text only. */
export function isTaken(thrown: unknown, column: `${string}.${string}`): boolean {
  return thrown instanceof Error && thrown.message.includes(`UNIQUE constraint failed: ${column}`);
}

/** Whether a batch was refused because a guard in it computed NULL for a column that must have a value. */
export function isGuarded(thrown: unknown, column: `${string}.${string}`): boolean {
  return thrown instanceof Error && thrown.message.includes(`NOT NULL constraint failed: ${column}`);
}

/** Columns of a user under their domain names; the table is aliased `u`. */
export const userColumns = `u.id, u.email, u.email_verified_at_ms AS emailVerifiedAtMs, u.name, u.locale, u.timezone,
  u.platform_admin AS platformAdmin, u.version, u.created_at_ms AS createdAtMs, u.updated_at_ms AS updatedAtMs`;

/** A row of {@link userColumns}. SQLite has no booleans. */
export type UserRow = Omit<User, "platformAdmin"> & { readonly platformAdmin: number };

export function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    emailVerifiedAtMs: row.emailVerifiedAtMs,
    name: row.name,
    locale: row.locale,
    timezone: row.timezone,
    platformAdmin: row.platformAdmin === 1,
    version: row.version,
    createdAtMs: row.createdAtMs,
    updatedAtMs: row.updatedAtMs,
  };
}
