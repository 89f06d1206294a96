import type { SessionMode } from "@foyer/contracts/users/api/sessions";
import type { Id, UserId } from "@foyer/kernel/ids";
import type { RefreshAttempt } from "../domain/refresh.ts";
import type { EndReason, Session } from "../domain/session.ts";
import { toUser, type UserRow, userColumns, type Write } from "./database.ts";

const sessionColumns = `s.id, s.user_id AS userId, s.created_at_ms AS createdAtMs, s.last_used_at_ms AS lastUsedAtMs,
  s.expires_at_ms AS expiresAtMs, s.authenticated_at_ms AS authenticatedAtMs, s.method, s.mode, s.device, s.place,
  s.client_hash AS clientHash, s.impersonator_id AS impersonatorId`;

/** Where a session was used last, and by what. */
export interface SessionUse {
  readonly device: string;
  readonly place: string | null;
  readonly clientHash: string;
}

/** A successor that may take a refresh token's place. */
export interface Successor {
  readonly hash: string;
  /** What it was derived with. */
  readonly nonce: string;
  readonly expiresAtMs: number;
}

export type SessionRepository = ReturnType<typeof createSessionRepository>;

/** Sessions and the refresh tokens of each. Tokens are known by their hash only. */
export function createSessionRepository(db: D1Database) {
  return {
    insert(session: Session, token: { readonly hash: string; readonly expiresAtMs: number } | null): Write[] {
      const opened = db
        .prepare(
          `INSERT INTO sessions (id, user_id, created_at_ms, last_used_at_ms, expires_at_ms, authenticated_at_ms, method, mode, device, place,
             client_hash, impersonator_id) VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)`,
        )
        .bind(
          session.id,
          session.userId,
          session.createdAtMs,
          session.expiresAtMs,
          session.authenticatedAtMs,
          session.method,
          session.mode,
          session.device,
          session.place,
          session.clientHash,
          session.impersonatorId,
        );
      if (token === null) return [opened];
      return [
        opened,
        db
          .prepare("INSERT INTO refresh_tokens (hash, session_id, expires_at_ms) VALUES (?1, ?2, ?3)")
          .bind(token.hash, session.id, token.expiresAtMs),
      ];
    },

    /**
     * Puts a successor in a token's place, if the token is the current one of a living session of a user who is not suspended. One
     * transaction, so of two callers at once exactly one succeeds. What is known of the token afterwards; null where nothing is.
     */
    async rotate(hash: string, successor: Successor, use: SessionUse, nowMs: number): Promise<RefreshAttempt | null> {
      const results = await db.batch<Record<string, unknown>>([
        db
          .prepare(
            `UPDATE refresh_tokens SET replaced_by = ?2, replaced_at_ms = ?3, nonce = ?4
             WHERE hash = ?1 AND replaced_by IS NULL AND expires_at_ms > ?3
               AND EXISTS (SELECT 1 FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = session_id AND s.ended_at_ms IS NULL
                 AND s.expires_at_ms > ?3 AND u.suspended_at_ms IS NULL)`,
          )
          .bind(hash, successor.hash, nowMs, successor.nonce),
        db
          .prepare(
            `INSERT INTO refresh_tokens (hash, session_id, expires_at_ms)
             SELECT ?2, t.session_id, min(?3, s.expires_at_ms) FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
             WHERE t.hash = ?1 AND t.replaced_by = ?2`,
          )
          .bind(hash, successor.hash, successor.expiresAtMs),
        db
          .prepare(
            `UPDATE sessions SET last_used_at_ms = ?2, device = ?3, place = ?4, client_hash = ?5
             WHERE id = (SELECT session_id FROM refresh_tokens WHERE hash = ?1)`,
          )
          .bind(successor.hash, nowMs, use.device, use.place, use.clientHash),
        db
          .prepare(
            `SELECT ${userColumns}, t.session_id AS sessionId, t.replaced_by AS replacedBy, t.replaced_at_ms AS replacedAtMs, t.nonce,
               n.replaced_by IS NOT NULL AS successorUsed, s.ended_at_ms IS NOT NULL OR s.expires_at_ms <= ?2 OR u.suspended_at_ms IS NOT NULL AS isOver,
               s.client_hash AS clientHash, s.authenticated_at_ms AS authenticatedAtMs, s.mode, s.impersonator_id AS impersonatorId
             FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
             LEFT JOIN refresh_tokens n ON n.hash = t.replaced_by WHERE t.hash = ?1`,
          )
          .bind(hash, nowMs),
      ]);
      // The columns are those of the last statement above.
      const row = results.at(-1)?.results[0] as AttemptRow | undefined;
      if (row === undefined) return null;
      const { sessionId, replacedBy, replacedAtMs, nonce, clientHash, authenticatedAtMs, mode, impersonatorId } = row;
      return {
        session: { id: sessionId, clientHash, authenticatedAtMs, mode, impersonatorId },
        user: toUser(row),
        replacedBy,
        replacedAtMs,
        nonce,
        successorUsed: row.successorUsed === 1,
        isOver: row.isOver === 1,
      };
    },

    /** A user's open sessions behind the given one, oldest first. */
    async listOpen(userId: UserId, after: string, limit: number, nowMs: number): Promise<Session[]> {
      const { results } = await db
        .prepare(
          `SELECT ${sessionColumns} FROM sessions s
           WHERE s.user_id = ?1 AND s.id > ?2 AND s.ended_at_ms IS NULL AND s.expires_at_ms > ?4 ORDER BY s.id LIMIT ?3`,
        )
        .bind(userId, after, limit, nowMs)
        .all<Session>();
      return results;
    },

    /** An open session of a user, or null. */
    async findOpen(id: string, userId: UserId, nowMs: number): Promise<Session | null> {
      return db
        .prepare(
          `SELECT ${sessionColumns} FROM sessions s
           WHERE s.id = ?1 AND s.user_id = ?2 AND s.ended_at_ms IS NULL AND s.expires_at_ms > ?3`,
        )
        .bind(id, userId, nowMs)
        .first<Session>();
    },

    /** The open session that a refresh token, current or old, belongs to; null where there is none. */
    async findByToken(hash: string): Promise<Pick<Session, "id" | "userId"> | null> {
      return db
        .prepare(
          `SELECT s.id, s.user_id AS userId FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
           WHERE t.hash = ?1 AND s.ended_at_ms IS NULL`,
        )
        .bind(hash)
        .first<Pick<Session, "id" | "userId">>();
    },

    /** Ends one session. Repeatable. */
    end(id: string, reason: EndReason, nowMs: number): Write {
      return db
        .prepare("UPDATE sessions SET ended_at_ms = ?3, end_reason = ?2 WHERE id = ?1 AND ended_at_ms IS NULL")
        .bind(id, reason, nowMs);
    },

    /** Ends all of a user's sessions, but one where it is given. Repeatable. */
    endAll(userId: UserId, exceptId: string | null, reason: EndReason, nowMs: number): Write {
      return db
        .prepare(
          `UPDATE sessions SET ended_at_ms = ?4, end_reason = ?3
           WHERE user_id = ?1 AND ended_at_ms IS NULL AND id <> coalesce(?2, '')`,
        )
        .bind(userId, exceptId, reason, nowMs);
    },

    /** Notes that all factors were proven again; committing meets `session_over` where the session has ended meanwhile. */
    setAuthenticated(id: string, nowMs: number): Write {
      return db
        .prepare(
          `UPDATE sessions SET authenticated_at_ms = CASE WHEN ended_at_ms IS NULL AND expires_at_ms > ?2 THEN ?2 END
           WHERE id = ?1`,
        )
        .bind(id, nowMs);
    },

    async countOpen(userId: UserId, nowMs: number): Promise<number> {
      const row = await db
        .prepare(
          "SELECT count(*) AS open FROM sessions WHERE user_id = ?1 AND ended_at_ms IS NULL AND expires_at_ms > ?2",
        )
        .bind(userId, nowMs)
        .first<{ open: number }>();
      return row?.open ?? 0;
    },
  };
}

type AttemptRow = UserRow & {
  readonly sessionId: Id<"session">;
  readonly replacedBy: string | null;
  readonly replacedAtMs: number | null;
  readonly nonce: string | null;
  readonly successorUsed: number;
  readonly isOver: number;
  readonly clientHash: string;
  readonly authenticatedAtMs: number;
  readonly mode: SessionMode;
  readonly impersonatorId: UserId | null;
};
