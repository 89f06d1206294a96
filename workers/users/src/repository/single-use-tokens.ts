import type { Id, UserId } from "@foyer/kernel/ids";
import type { User } from "../domain/user.ts";
import { toUser, type UserRow, userColumns, type Write } from "./database.ts";

/** What a single-use link is for. */
export type TokenPurpose = "verify_email";

export interface SingleUseToken {
  readonly id: Id<"token">;
  readonly purpose: TokenPurpose;
  readonly userId: UserId;
  readonly expiresAtMs: number;
}

export type SingleUseTokenRepository = ReturnType<typeof createSingleUseTokenRepository>;

/** Single-use links: made, looked up, consumed. */
export function createSingleUseTokenRepository(db: D1Database) {
  return {
    /** A new token, which voids the older ones of its user and purpose. */
    insert(token: SingleUseToken, hash: string, nowMs: number): Write[] {
      return [
        db
          .prepare(
            `UPDATE single_use_tokens SET voided_at_ms = ?3
             WHERE user_id = ?1 AND purpose = ?2 AND used_at_ms IS NULL AND voided_at_ms IS NULL`,
          )
          .bind(token.userId, token.purpose, nowMs),
        db
          .prepare(
            "INSERT INTO single_use_tokens (id, purpose, user_id, hash, expires_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
          )
          .bind(token.id, token.purpose, token.userId, hash, token.expiresAtMs),
      ];
    },

    /** A token that could still be used, or null. */
    async findUsable(id: string, nowMs: number): Promise<SingleUseToken | null> {
      return db
        .prepare(
          `SELECT id, purpose, user_id AS userId, expires_at_ms AS expiresAtMs FROM single_use_tokens
           WHERE id = ?1 AND used_at_ms IS NULL AND voided_at_ms IS NULL AND expires_at_ms > ?2`,
        )
        .bind(id, nowMs)
        .first<SingleUseToken>();
    },

    /**
     * Uses a verification token up and marks its owner's address as verified, in one transaction. Null where the token was
     * used, voided, expired, or never was; of two calls at once one gets the user.
     */
    async verifyEmail(
      hash: string,
      nowMs: number,
      note: { readonly id: Id<"audit">; readonly requestId: string },
    ): Promise<User | null> {
      const [used, , , found] = await db.batch<Record<string, unknown>>([
        db
          .prepare(
            `UPDATE single_use_tokens SET used_at_ms = ?2
             WHERE hash = ?1 AND purpose = 'verify_email' AND used_at_ms IS NULL AND voided_at_ms IS NULL AND expires_at_ms > ?2
             RETURNING user_id`,
          )
          .bind(hash, nowMs),
        db
          .prepare(
            `UPDATE users SET email_verified_at_ms = ?2, version = version + 1, updated_at_ms = ?2 WHERE email_verified_at_ms IS NULL
             AND id = (SELECT user_id FROM single_use_tokens WHERE hash = ?1 AND purpose = 'verify_email' AND used_at_ms IS NOT NULL)`,
          )
          .bind(hash, nowMs),
        db
          .prepare(
            `INSERT INTO audit (id, actor_kind, actor_id, action, target_id, request_id, at_ms)
             SELECT ?2, 'user', user_id, 'user.email_verified', user_id, ?3, ?4 FROM single_use_tokens WHERE hash = ?1 AND changes() > 0`,
          )
          .bind(hash, note.id, note.requestId, nowMs),
        db
          .prepare(
            `SELECT ${userColumns} FROM users u WHERE u.id = (SELECT user_id FROM single_use_tokens WHERE hash = ?1)`,
          )
          .bind(hash),
      ]);
      if ((used?.results.length ?? 0) === 0) return null;
      // The columns are those of the last statement above.
      const row = found?.results[0] as UserRow | undefined;
      return row === undefined ? null : toUser(row);
    },
  };
}
