import type { PlatformRole, Role } from "@foyer/contracts/shared/permissions";
import type { ProviderName } from "@foyer/contracts/users/api/providers";
import { dayMs } from "@foyer/kernel/clock";
import type { OrganizationId, UserId } from "@foyer/kernel/ids";
import type { Write } from "./database.ts";

/** A user as administrators of the platform see them. */
export interface AdminUser {
  /** Place in the table; what pages go by. */
  readonly position: number;
  readonly id: UserId;
  readonly email: string;
  readonly emailVerifiedAtMs: number | null;
  readonly name: string;
  readonly locale: string | null;
  readonly timezone: string | null;
  readonly platformAdmin: boolean;
  readonly suspendedAtMs: number | null;
  readonly suspendedReason: string | null;
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly lastSeenAtMs: number | null;
}

/** What is known of how someone signs in, and where they belong. */
export interface AdminUserTies {
  readonly identities: readonly ProviderName[];
  readonly organizations: readonly { readonly id: OrganizationId; readonly name: string; readonly role: Role }[];
}

export interface AdminUserFilter {
  /** A part of an address or name. */
  readonly text: string | null;
  readonly status: "active" | "suspended" | null;
  readonly role: PlatformRole | null;
  readonly verified: boolean | null;
  /** Users before this position; null for the newest. */
  readonly before: number | null;
  readonly limit: number;
}

/** Figures of all accounts. */
export interface AccountStatistics {
  readonly users: number;
  readonly verified: number;
  readonly suspended: number;
  readonly withSecondFactor: number;
  readonly newInDay: number;
  readonly newInWeek: number;
  readonly seenInDay: number;
  readonly openSessions: number;
  readonly organizations: number;
  readonly newOrganizationsInWeek: number;
  readonly apiKeys: number;
  readonly erasuresUnderWay: number;
  readonly erasuresOverdue: number;
}

type AdminUserRow = Omit<AdminUser, "platformAdmin"> & { readonly platformAdmin: number };

const columns = `u.rowid AS position, u.id, u.email, u.email_verified_at_ms AS emailVerifiedAtMs, u.name, u.locale, u.timezone,
  u.platform_admin AS platformAdmin, u.suspended_at_ms AS suspendedAtMs, u.suspended_reason AS suspendedReason, u.version,
  u.created_at_ms AS createdAtMs, u.updated_at_ms AS updatedAtMs,
  (SELECT max(s.last_used_at_ms) FROM sessions s WHERE s.user_id = u.id AND s.impersonator_id IS NULL) AS lastSeenAtMs`;

const toAdminUser = (row: AdminUserRow): AdminUser => ({ ...row, platformAdmin: row.platformAdmin === 1 });

export type AdministrationRepository = ReturnType<typeof createAdministrationRepository>;

/** What administrators of the platform see and do of all accounts. */
export function createAdministrationRepository(db: D1Database) {
  return {
    /** Users that match, newest first. */
    async list(filter: AdminUserFilter): Promise<AdminUser[]> {
      const { text } = filter;
      const from = text === null ? "users u" : "users_fts f JOIN users u ON u.rowid = f.rowid";
      const at = text === null ? "u.rowid" : "f.rowid";
      const { results } = await db
        .prepare(
          `SELECT ${columns} FROM ${from} WHERE ${text === null ? "?1 IS NULL" : "users_fts MATCH ?1"}
             AND (?2 IS NULL OR (u.suspended_at_ms IS NOT NULL) = ?2) AND (?3 IS NULL OR u.platform_admin = ?3)
             AND (?4 IS NULL OR (u.email_verified_at_ms IS NOT NULL) = ?4) AND (?5 IS NULL OR ${at} < ?5)
           ORDER BY ${at} DESC LIMIT ?6`,
        )
        .bind(
          // One quoted string, so that nothing a person types is an operator (https://www.sqlite.org/fts5.html section 3).
          text === null ? null : `"${text.replaceAll('"', '""')}"`,
          filter.status === null ? null : Number(filter.status === "suspended"),
          filter.role === null ? null : 1,
          filter.verified === null ? null : Number(filter.verified),
          filter.before,
          filter.limit,
        )
        .all<AdminUserRow>();
      return results.map(toAdminUser);
    },

    async find(id: UserId): Promise<AdminUser | null> {
      const row = await db.prepare(`SELECT ${columns} FROM users u WHERE u.id = ?1`).bind(id).first<AdminUserRow>();
      return row === null ? null : toAdminUser(row);
    },

    async findTies(id: UserId): Promise<AdminUserTies> {
      const [identities, organizations] = await db.batch<Record<string, unknown>>([
        db.prepare("SELECT DISTINCT provider FROM identities WHERE user_id = ?1 ORDER BY provider").bind(id),
        db
          .prepare(
            `SELECT o.id, o.name, m.role FROM memberships m JOIN organizations o ON o.id = m.organization_id
             WHERE m.user_id = ?1 ORDER BY o.id LIMIT 100`,
          )
          .bind(id),
      ]);
      // The columns are those of the statements above.
      return {
        identities: (identities?.results ?? []).map((row) => row.provider as ProviderName),
        organizations: (organizations?.results ?? []) as unknown as AdminUserTies["organizations"],
      };
    },

    /** Suspends an account, or opens it again (null). Committing meets `user_changed` where it is in that state already. */
    setSuspended(id: UserId, suspension: { readonly atMs: number; readonly reason: string } | null): Write {
      return db
        .prepare(
          `UPDATE users SET suspended_at_ms = ?2, suspended_reason = ?3,
             version = CASE WHEN (suspended_at_ms IS NULL) <> (?2 IS NULL) THEN version END WHERE id = ?1`,
        )
        .bind(id, suspension?.atMs ?? null, suspension?.reason ?? null);
    },

    setPlatformAdmin(id: UserId, isAdmin: boolean): Write {
      return db.prepare("UPDATE users SET platform_admin = ?2 WHERE id = ?1").bind(id, isAdmin ? 1 : 0);
    },

    /**
     * Ends the commit with `user_changed` where nobody would be left who administers the platform; to be written behind what takes one
     * away.
     */
    keepAdministrator(id: UserId): Write {
      return db
        .prepare(
          `UPDATE users SET version = CASE WHEN EXISTS (
             SELECT 1 FROM users WHERE platform_admin = 1 AND suspended_at_ms IS NULL) THEN version END WHERE id = ?1`,
        )
        .bind(id);
    },

    async count(nowMs: number, overdueBeforeMs: number): Promise<AccountStatistics> {
      const row = await db
        .prepare(
          `SELECT (SELECT count(*) FROM users) AS users,
             (SELECT count(*) FROM users WHERE email_verified_at_ms IS NOT NULL) AS verified,
             (SELECT count(*) FROM users WHERE suspended_at_ms IS NOT NULL) AS suspended,
             (SELECT count(*) FROM totp WHERE confirmed_at_ms IS NOT NULL) AS withSecondFactor,
             (SELECT count(*) FROM users WHERE created_at_ms > ?2) AS newInDay,
             (SELECT count(*) FROM users WHERE created_at_ms > ?3) AS newInWeek,
             (SELECT count(DISTINCT user_id) FROM sessions WHERE last_used_at_ms > ?2 AND impersonator_id IS NULL) AS seenInDay,
             (SELECT count(*) FROM sessions WHERE ended_at_ms IS NULL AND expires_at_ms > ?1) AS openSessions,
             (SELECT count(*) FROM organizations WHERE closed_at_ms IS NULL) AS organizations,
             (SELECT count(*) FROM organizations WHERE created_at_ms > ?3) AS newOrganizationsInWeek,
             (SELECT count(*) FROM api_keys WHERE expires_at_ms IS NULL OR expires_at_ms > ?1) AS apiKeys,
             (SELECT count(*) FROM erasures WHERE completed_at_ms IS NULL) AS erasuresUnderWay,
             (SELECT count(*) FROM erasures WHERE completed_at_ms IS NULL AND requested_at_ms < ?4) AS erasuresOverdue`,
        )
        .bind(nowMs, nowMs - dayMs, nowMs - 7 * dayMs, overdueBeforeMs)
        .first<AccountStatistics>();
      if (row === null) throw new Error("counting answers one row");
      return row;
    },
  };
}
