import type { Id, UserId } from "@foyer/kernel/ids";
import type { Write } from "./database.ts";

/** What a single-use link is for. */
export type TokenPurpose = "verify_email" | "reset_password" | "change_email_current" | "change_email_new";

export interface SingleUseToken {
  readonly id: Id<"token">;
  readonly purpose: TokenPurpose;
  readonly userId: UserId;
  readonly expiresAtMs: number;
}

const columns = "id, purpose, user_id AS userId, expires_at_ms AS expiresAtMs";
const usable = "used_at_ms IS NULL AND voided_at_ms IS NULL";

export type SingleUseTokenRepository = ReturnType<typeof createSingleUseTokenRepository>;

/** Single-use links: made, looked up, consumed. */
export function createSingleUseTokenRepository(db: D1Database) {
  return {
    /** A new token, which voids the older ones of its user and purpose. */
    insert(token: SingleUseToken, hash: string, nowMs: number): Write[] {
      return [
        this.voidAll(token.userId, [token.purpose], nowMs),
        db
          .prepare(
            "INSERT INTO single_use_tokens (id, purpose, user_id, hash, expires_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
          )
          .bind(token.id, token.purpose, token.userId, hash, token.expiresAtMs),
      ];
    },

    /** Voids what is open of these purposes. */
    voidAll(userId: UserId, purposes: readonly TokenPurpose[], nowMs: number): Write {
      return db
        .prepare(
          `UPDATE single_use_tokens SET voided_at_ms = ?3
           WHERE user_id = ?1 AND purpose IN (SELECT value FROM json_each(?2)) AND ${usable}`,
        )
        .bind(userId, JSON.stringify(purposes), nowMs);
    },

    /** A token that could still be used, by its id; null where there is none. */
    async findUsable(id: string, nowMs: number): Promise<SingleUseToken | null> {
      return db
        .prepare(`SELECT ${columns} FROM single_use_tokens WHERE id = ?1 AND ${usable} AND expires_at_ms > ?2`)
        .bind(id, nowMs)
        .first<SingleUseToken>();
    },

    /** As {@link findUsable}, by the hash of the link's secret, for these purposes. */
    async findByHash(hash: string, purposes: readonly TokenPurpose[], nowMs: number): Promise<SingleUseToken | null> {
      return db
        .prepare(
          `SELECT ${columns} FROM single_use_tokens
           WHERE hash = ?1 AND purpose IN (SELECT value FROM json_each(?2)) AND ${usable} AND expires_at_ms > ?3`,
        )
        .bind(hash, JSON.stringify(purposes), nowMs)
        .first<SingleUseToken>();
    },

    /** Uses a token up. Committing meets `token_used` where it was used, voided or ran out since it was found. */
    use(id: string, nowMs: number): Write {
      return db
        .prepare(
          `UPDATE single_use_tokens SET used_at_ms = ?2, hash = CASE WHEN ${usable} AND expires_at_ms > ?2 THEN hash END WHERE id = ?1`,
        )
        .bind(id, nowMs);
    },
  };
}
