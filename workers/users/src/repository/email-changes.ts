import type { UserId } from "@foyer/kernel/ids";
import type { Write } from "./database.ts";

/** A change of address that waits for its confirmations. */
export interface EmailChange {
  readonly userId: UserId;
  readonly newEmail: string;
  /** Null where the current address is not asked, because it was never proven. */
  readonly currentTokenId: string | null;
  readonly newTokenId: string;
  readonly currentConfirmedAtMs: number | null;
  readonly newConfirmedAtMs: number | null;
  readonly expiresAtMs: number;
}

export type EmailChangeRepository = ReturnType<typeof createEmailChangeRepository>;

/** Changes of address under way; one for each user. */
export function createEmailChangeRepository(db: D1Database) {
  return {
    async find(userId: UserId, nowMs: number): Promise<EmailChange | null> {
      return db
        .prepare(
          `SELECT user_id AS userId, new_email AS newEmail, current_token_id AS currentTokenId, new_token_id AS newTokenId,
             current_confirmed_at_ms AS currentConfirmedAtMs, new_confirmed_at_ms AS newConfirmedAtMs, expires_at_ms AS expiresAtMs
           FROM email_changes WHERE user_id = ?1 AND expires_at_ms > ?2`,
        )
        .bind(userId, nowMs)
        .first<EmailChange>();
    },

    /** A new change, in the place of an earlier one. */
    put(change: EmailChange): Write {
      return db
        .prepare(
          `INSERT OR REPLACE INTO email_changes (user_id, new_email, current_token_id, new_token_id, current_confirmed_at_ms, new_confirmed_at_ms,
             expires_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
        )
        .bind(
          change.userId,
          change.newEmail,
          change.currentTokenId,
          change.newTokenId,
          change.currentConfirmedAtMs,
          change.newConfirmedAtMs,
          change.expiresAtMs,
        );
    },

    /** Notes the confirmation of one side. */
    confirm(userId: UserId, side: "current" | "new", nowMs: number): Write {
      const column = side === "current" ? "current_confirmed_at_ms" : "new_confirmed_at_ms";
      return db.prepare(`UPDATE email_changes SET ${column} = ?2 WHERE user_id = ?1`).bind(userId, nowMs);
    },

    /**
     * Ends the commit with `email_change_moved` where the change is no longer as it was read: it was confirmed from the other side, replaced,
     * taken back, or went with its account.
     */
    mustBe(change: EmailChange): Write {
      return db
        .prepare(
          `INSERT INTO email_changes (user_id, new_email, new_token_id, expires_at_ms) SELECT ?1, NULL, ?2, 0 WHERE NOT EXISTS (
             SELECT 1 FROM email_changes WHERE user_id = ?1 AND new_token_id = ?2 AND current_confirmed_at_ms IS ?3 AND new_confirmed_at_ms IS ?4)`,
        )
        .bind(change.userId, change.newTokenId, change.currentConfirmedAtMs, change.newConfirmedAtMs);
    },

    remove(userId: UserId): Write {
      return db.prepare("DELETE FROM email_changes WHERE user_id = ?1").bind(userId);
    },
  };
}
