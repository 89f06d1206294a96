import type { Id, UserId } from "@foyer/kernel/ids";
import type { Consent, ProfileChange, User } from "../domain/user.ts";
import { toUser, type UserRow, userColumns, type Write } from "./database.ts";

/** An account with what opens it. */
export interface Account {
  readonly user: User;
  readonly passwordHash: string | null;
  /** Whether signing in by password needs a second factor. */
  readonly hasSecondFactor: boolean;
}

type AccountRow = UserRow & { readonly passwordHash: string | null; readonly hasSecondFactor: number };

const accountColumns = `${userColumns}, (SELECT c.password_hash FROM credentials c WHERE c.user_id = u.id) AS passwordHash,
  EXISTS (SELECT 1 FROM totp t WHERE t.user_id = u.id AND t.confirmed_at_ms IS NOT NULL) AS hasSecondFactor`;

function toAccount(row: AccountRow | null): Account | null {
  if (row === null) return null;
  return { user: toUser(row), passwordHash: row.passwordHash, hasSecondFactor: row.hasSecondFactor === 1 };
}

export type UserRepository = ReturnType<typeof createUserRepository>;

/** Accounts and their passwords. */
export function createUserRepository(db: D1Database) {
  return {
    async findByEmail(email: string): Promise<User | null> {
      const row = await db
        .prepare(`SELECT ${userColumns} FROM users u WHERE u.email = ?1`)
        .bind(email)
        .first<UserRow>();
      return row === null ? null : toUser(row);
    },

    async findById(id: UserId): Promise<User | null> {
      const row = await db.prepare(`SELECT ${userColumns} FROM users u WHERE u.id = ?1`).bind(id).first<UserRow>();
      return row === null ? null : toUser(row);
    },

    async findAccountByEmail(email: string): Promise<Account | null> {
      const statement = db.prepare(`SELECT ${accountColumns} FROM users u WHERE u.email = ?1`);
      return toAccount(await statement.bind(email).first<AccountRow>());
    },

    async findAccount(id: UserId): Promise<Account | null> {
      const statement = db.prepare(`SELECT ${accountColumns} FROM users u WHERE u.id = ?1`);
      return toAccount(await statement.bind(id).first<AccountRow>());
    },

    async listByIds(ids: readonly UserId[]): Promise<User[]> {
      const { results } = await db
        .prepare(`SELECT ${userColumns} FROM users u WHERE u.id IN (SELECT value FROM json_each(?1)) ORDER BY u.id`)
        .bind(JSON.stringify(ids))
        .all<UserRow>();
      return results.map(toUser);
    },

    /** A new account; committing meets `email_taken` where the address has one. */
    insert(user: User, passwordHash: string | null): Write[] {
      const account = db
        .prepare(
          `INSERT INTO users (id, email, email_verified_at_ms, name, locale, timezone, version, created_at_ms, updated_at_ms)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)`,
        )
        .bind(
          user.id,
          user.email,
          user.emailVerifiedAtMs,
          user.name,
          user.locale,
          user.timezone,
          user.version,
          user.createdAtMs,
        );
      return passwordHash === null
        ? [account]
        : [account, this.setPasswordHash(user.id, passwordHash, user.createdAtMs)];
    },

    setPasswordHash(userId: UserId, passwordHash: string, nowMs: number): Write {
      return db
        .prepare(
          `INSERT INTO credentials (user_id, password_hash, updated_at_ms) VALUES (?1, ?2, ?3)
           ON CONFLICT (user_id) DO UPDATE SET password_hash = excluded.password_hash, updated_at_ms = excluded.updated_at_ms`,
        )
        .bind(userId, passwordHash, nowMs);
    },

    /**
     * Grows the version. Committing meets `user_changed` where the account is not of the expected version any more (null: of whichever).
     */
    touch(id: UserId, expectedVersion: number | null, nowMs: number): Write {
      return db
        .prepare(
          `UPDATE users SET version = CASE WHEN ?2 IS NULL OR version = ?2 THEN version + 1 END, updated_at_ms = ?3 WHERE id = ?1`,
        )
        .bind(id, expectedVersion, nowMs);
    },

    /**
     * Ends the commit with `user_changed` where the account is not of the version that was read; to be written before everything else. An
     * account that the same commit opens is none yet, and passes.
     */
    mustBe({ id, version }: Pick<User, "id" | "version">): Write {
      return db
        .prepare("UPDATE users SET version = CASE WHEN version = ?2 THEN version END WHERE id = ?1")
        .bind(id, version);
    },

    /** Marks the address as proven; an address that was, keeps its moment. */
    markVerified(id: UserId, nowMs: number): Write {
      return db
        .prepare("UPDATE users SET email_verified_at_ms = coalesce(email_verified_at_ms, ?2) WHERE id = ?1")
        .bind(id, nowMs);
    },

    /** Puts another address, which is proven, in the place of this one; committing meets `email_taken`. */
    setEmail(id: UserId, email: string, nowMs: number): Write {
      return db.prepare("UPDATE users SET email = ?2, email_verified_at_ms = ?3 WHERE id = ?1").bind(id, email, nowMs);
    },

    /** Changes a profile; together with {@link touch}. */
    change(id: UserId, change: ProfileChange): Write {
      return db
        .prepare(
          `UPDATE users SET name = coalesce(?2, name), locale = CASE WHEN ?3 THEN ?4 ELSE locale END,
             timezone = CASE WHEN ?5 THEN ?6 ELSE timezone END WHERE id = ?1`,
        )
        .bind(
          id,
          change.name ?? null,
          change.locale === undefined ? 0 : 1,
          change.locale ?? null,
          change.timezone === undefined ? 0 : 1,
          change.timezone ?? null,
        );
    },

    setAvatar(id: UserId, avatarId: Id<"avatar"> | null): Write {
      return db.prepare("UPDATE users SET avatar_id = ?2 WHERE id = ?1").bind(id, avatarId);
    },

    /** Removes a person's row, and with it all that refers to it. */
    remove(id: UserId): Write {
      return db.prepare("DELETE FROM users WHERE id = ?1").bind(id);
    },

    setConsent(id: UserId, consentId: Id<"consent">, consent: Consent): Write {
      return db
        .prepare(
          "INSERT INTO consents (id, user_id, purpose, granted, text_version, at_ms) VALUES (?1, ?2, 'marketing', ?3, ?4, ?5)",
        )
        .bind(consentId, id, consent.granted ? 1 : 0, consent.textVersion, consent.atMs);
    },
  };
}
