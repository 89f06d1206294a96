import type { Id, UserId } from "@foyer/kernel/ids";
import type { RefreshAttempt } from "../domain/refresh.ts";
import { toUser, type UserRow, userColumns, type Write } from "./database.ts";

export type SessionRepository = ReturnType<typeof createSessionRepository>;

/** Sessions and the refresh tokens of each. Tokens are known by their hash only. */
export function createSessionRepository(db: D1Database) {
  return {
    insert(session: {
      readonly id: string;
      readonly userId: UserId;
      readonly tokenHash: string;
      readonly nowMs: number;
      readonly tokenExpiresAtMs: number;
      readonly expiresAtMs: number;
    }): Write[] {
      return [
        db
          .prepare(
            "INSERT INTO sessions (id, user_id, created_at_ms, last_used_at_ms, expires_at_ms) VALUES (?1, ?2, ?3, ?3, ?4)",
          )
          .bind(session.id, session.userId, session.nowMs, session.expiresAtMs),
        db
          .prepare("INSERT INTO refresh_tokens (hash, session_id, expires_at_ms) VALUES (?1, ?2, ?3)")
          .bind(session.tokenHash, session.id, session.tokenExpiresAtMs),
      ];
    },

    /**
     * Puts a successor in a token's place, if the token is the current one of a living session; ends the session if the token
     * had a successor before, and notes that in the audit trail. One transaction, so of two callers at once exactly one succeeds and the other ends the family.
     */
    async rotate(
      hash: string,
      successor: { readonly hash: string; readonly expiresAtMs: number },
      nowMs: number,
      note: { readonly id: Id<"audit">; readonly requestId: string },
    ): Promise<RefreshAttempt | null> {
      const results = await db.batch<Record<string, unknown>>([
        db
          .prepare(
            `UPDATE sessions SET ended_at_ms = ?3, end_reason = 'refresh_reused' WHERE ended_at_ms IS NULL
             AND id = (SELECT session_id FROM refresh_tokens WHERE hash = ?1 AND replaced_by IS NOT NULL AND replaced_by <> ?2)`,
          )
          .bind(hash, successor.hash, nowMs),
        db
          .prepare(
            `INSERT INTO audit (id, actor_kind, action, target_id, request_id, at_ms)
             SELECT ?2, 'anonymous', 'session.refresh_reused', session_id, ?3, ?4 FROM refresh_tokens WHERE hash = ?1 AND changes() > 0`,
          )
          .bind(hash, note.id, note.requestId, nowMs),
        db
          .prepare(
            `UPDATE refresh_tokens SET replaced_by = ?2 WHERE hash = ?1 AND replaced_by IS NULL AND expires_at_ms > ?3
             AND EXISTS (SELECT 1 FROM sessions s WHERE s.id = session_id AND s.ended_at_ms IS NULL AND s.expires_at_ms > ?3)`,
          )
          .bind(hash, successor.hash, nowMs),
        db
          .prepare(
            `INSERT INTO refresh_tokens (hash, session_id, expires_at_ms)
             SELECT ?2, t.session_id, min(?3, s.expires_at_ms) FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
             WHERE t.hash = ?1 AND t.replaced_by = ?2`,
          )
          .bind(hash, successor.hash, successor.expiresAtMs),
        db
          .prepare(
            "UPDATE sessions SET last_used_at_ms = ?2 WHERE id = (SELECT session_id FROM refresh_tokens WHERE hash = ?1)",
          )
          .bind(successor.hash, nowMs),
        db
          .prepare(
            `SELECT ${userColumns}, t.session_id AS sessionId, t.replaced_by AS replacedBy
             FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id WHERE t.hash = ?1`,
          )
          .bind(hash),
      ]);
      // The columns are those of the last statement above.
      const row = results.at(-1)?.results[0] as
        | (UserRow & {
            readonly sessionId: string;
            readonly replacedBy: string | null;
          })
        | undefined;
      if (row === undefined) return null;
      return {
        sessionId: row.sessionId,
        user: toUser(row),
        replacedBy: row.replacedBy,
      };
    },

    /** Ends the session that a refresh token, current or old, belongs to. Repeatable. */
    endByToken(hash: string, nowMs: number): Write {
      return db
        .prepare(
          `UPDATE sessions SET ended_at_ms = ?2, end_reason = 'logout' WHERE ended_at_ms IS NULL
           AND id = (SELECT session_id FROM refresh_tokens WHERE hash = ?1)`,
        )
        .bind(hash, nowMs);
    },

    /** Ends one session of a user. Repeatable. */
    endById(sessionId: string, userId: UserId, nowMs: number): Write {
      return db
        .prepare(
          "UPDATE sessions SET ended_at_ms = ?3, end_reason = 'logout' WHERE id = ?1 AND user_id = ?2 AND ended_at_ms IS NULL",
        )
        .bind(sessionId, userId, nowMs);
    },
  };
}
