import type { User } from "../domain/user.ts";

/** One write, not yet done. A use-case gathers them and commits all or none. */
export type Write = D1PreparedStatement;

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
