import type { UserId } from "@foyer/kernel/ids";
import type { ProfileChange, User } from "../domain/user.ts";
import { toUser, type UserRow, userColumns, type Write } from "./database.ts";

export type UserRepository = ReturnType<typeof createUserRepository>;

/** Accounts and their credentials. */
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

    async listByIds(ids: readonly UserId[]): Promise<User[]> {
      const { results } = await db
        .prepare(`SELECT ${userColumns} FROM users u WHERE u.id IN (SELECT value FROM json_each(?1)) ORDER BY u.id`)
        .bind(JSON.stringify(ids))
        .all<UserRow>();
      return results.map(toUser);
    },

    /** A new account; committing meets `email_taken` where the address has one. */
    insert(user: User, passwordHash: string): Write[] {
      return [
        db
          .prepare(
            "INSERT INTO users (id, email, name, version, created_at_ms, updated_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
          )
          .bind(user.id, user.email, user.name, user.version, user.createdAtMs),
        db
          .prepare("INSERT INTO credentials (user_id, password_hash, updated_at_ms) VALUES (?1, ?2, ?3)")
          .bind(user.id, passwordHash, user.createdAtMs),
      ];
    },

    setPasswordHash(userId: UserId, passwordHash: string, nowMs: number): Write {
      return db
        .prepare("UPDATE credentials SET password_hash = ?2, updated_at_ms = ?3 WHERE user_id = ?1")
        .bind(userId, passwordHash, nowMs);
    },

    /** Changes a profile if it still has the expected version (any, where null). The new state, or null. */
    async update(
      id: UserId,
      change: ProfileChange,
      expectedVersion: number | null,
      nowMs: number,
    ): Promise<User | null> {
      const row = await db
        .prepare(
          `UPDATE users AS u SET version = version + 1, updated_at_ms = ?3,
             name = coalesce(?4, name),
             locale = CASE WHEN ?5 THEN ?6 ELSE locale END,
             timezone = CASE WHEN ?7 THEN ?8 ELSE timezone END
           WHERE id = ?1 AND (?2 IS NULL OR version = ?2)
           RETURNING ${userColumns.replaceAll("u.", "")}`,
        )
        .bind(
          id,
          expectedVersion,
          nowMs,
          change.name ?? null,
          change.locale === undefined ? 0 : 1,
          change.locale ?? null,
          change.timezone === undefined ? 0 : 1,
          change.timezone ?? null,
        )
        .first<UserRow>();
      return row === null ? null : toUser(row);
    },
  };
}
