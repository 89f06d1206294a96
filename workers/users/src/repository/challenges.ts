import type { SessionMode } from "@foyer/contracts/users/api/sessions";
import type { UserId } from "@foyer/kernel/ids";
import type { Write } from "./database.ts";

/** Something to be answered within minutes, once. */
export interface Challenge {
  /** SHA-256 of what was given out. */
  readonly hash: string;
  readonly kind: "second_factor" | "passkey_registration" | "passkey";
  /** Whose it is; null where nobody is known yet. */
  readonly userId: UserId | null;
  /** How the first factor was shown, and the mode of the session to be. */
  readonly method: string | null;
  readonly mode: SessionMode | null;
  readonly expiresAtMs: number;
}

/** A challenge that was looked at, and whether it has ended: it was answered, or too often wrongly. */
export type SeenChallenge = Challenge & { readonly isOver: boolean };

const columns = "hash, kind, user_id AS userId, method, mode, expires_at_ms AS expiresAtMs";

export type ChallengeRepository = ReturnType<typeof createChallengeRepository>;

/** Challenges: given out, looked at, used up. */
export function createChallengeRepository(db: D1Database) {
  return {
    insert(challenge: Challenge): Write {
      return db
        .prepare(
          "INSERT INTO challenges (hash, kind, user_id, method, mode, expires_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .bind(
          challenge.hash,
          challenge.kind,
          challenge.userId,
          challenge.method,
          challenge.mode,
          challenge.expiresAtMs,
        );
    },

    /** A challenge whose time is not over, whether or not it has ended before, by so many answers or its use. */
    async find(
      hash: string,
      kind: Challenge["kind"],
      answersMax: number,
      nowMs: number,
    ): Promise<SeenChallenge | null> {
      const row = await db
        .prepare(
          `SELECT ${columns}, used_at_ms IS NOT NULL OR failures >= ?3 AS isOver FROM challenges
           WHERE hash = ?1 AND kind = ?2 AND expires_at_ms > ?4`,
        )
        .bind(hash, kind, answersMax, nowMs)
        .first<Challenge & { readonly isOver: number }>();
      return row === null ? null : { ...row, isOver: row.isOver === 1 };
    },

    /** Takes a challenge away, whatever the answer turns out to be: of two answers at once, one finds it. */
    async take(hash: string, kind: Challenge["kind"], nowMs: number): Promise<Challenge | null> {
      return db
        .prepare(`DELETE FROM challenges WHERE hash = ?1 AND kind = ?2 AND expires_at_ms > ?3 RETURNING ${columns}`)
        .bind(hash, kind, nowMs)
        .first<Challenge>();
    },

    /** Counts an answer before it is known to be wrong, so that of many at once no more than allowed are looked at. False: one too many. */
    async countAnswer(hash: string, answersMax: number): Promise<boolean> {
      const { meta } = await db
        .prepare(
          "UPDATE challenges SET failures = failures + 1 WHERE hash = ?1 AND used_at_ms IS NULL AND failures < ?2",
        )
        .bind(hash, answersMax)
        .run();
      return meta.changes > 0;
    },

    /** Uses a challenge up; committing meets `challenge_used` where another answer was first, or it was ended meanwhile. */
    use(hash: string, nowMs: number): Write {
      return db
        .prepare(
          "UPDATE challenges SET used_at_ms = ?2, kind = CASE WHEN used_at_ms IS NULL THEN kind END WHERE hash = ?1",
        )
        .bind(hash, nowMs);
    },

    /** Ends a user's sign-ins that wait for their second factor. */
    endSignIns(userId: UserId, nowMs: number): Write {
      return db
        .prepare(
          "UPDATE challenges SET used_at_ms = ?2 WHERE user_id = ?1 AND kind = 'second_factor' AND used_at_ms IS NULL",
        )
        .bind(userId, nowMs);
    },
  };
}
