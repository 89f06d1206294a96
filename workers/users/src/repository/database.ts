import type { Consent, User } from "../domain/user.ts";

/** One write, not yet done. A use-case gathers them and commits all or none. */
export type Write = D1PreparedStatement;

/** Columns of a user under their domain names; the table is aliased `u`. */
export const userColumns = `u.id, u.email, u.email_verified_at_ms AS emailVerifiedAtMs, u.name, u.locale, u.timezone,
  u.avatar_id AS avatarId, u.platform_admin AS platformAdmin, u.suspended_at_ms AS suspendedAtMs, u.version,
  u.created_at_ms AS createdAtMs, u.updated_at_ms AS updatedAtMs,
  EXISTS (SELECT 1 FROM credentials c WHERE c.user_id = u.id) AS hasPassword,
  (SELECT e.new_email FROM email_changes e WHERE e.user_id = u.id) AS pendingEmail,
  (SELECT json_array(k.granted, k.text_version, k.at_ms) FROM consents k
   WHERE k.user_id = u.id AND k.purpose = 'marketing' ORDER BY k.at_ms DESC, k.id DESC LIMIT 1) AS consent`;

/** A row of {@link userColumns}. SQLite has no booleans, and one column for each value. */
export type UserRow = Omit<User, "platformAdmin" | "hasPassword" | "marketingConsent"> & {
  readonly platformAdmin: number;
  readonly hasPassword: number;
  readonly consent: string | null;
};

export function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    emailVerifiedAtMs: row.emailVerifiedAtMs,
    pendingEmail: row.pendingEmail,
    name: row.name,
    locale: row.locale,
    timezone: row.timezone,
    avatarId: row.avatarId,
    marketingConsent: row.consent === null ? null : toConsent(row.consent),
    hasPassword: row.hasPassword === 1,
    platformAdmin: row.platformAdmin === 1,
    suspendedAtMs: row.suspendedAtMs,
    version: row.version,
    createdAtMs: row.createdAtMs,
    updatedAtMs: row.updatedAtMs,
  };
}

function toConsent(text: string): Consent {
  // As the column's expression makes it.
  const [granted, textVersion, atMs] = JSON.parse(text) as [number, string, number];
  return { granted: granted === 1, textVersion, atMs };
}
