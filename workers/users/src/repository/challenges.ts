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

    /** A challenge that can still be answered, with fewer wrong answers than allowed. */
    async find(hash: string, kind: Challenge["kind"], failuresMax: number, nowMs: number): Promise<Challenge | null> {
      return db
        .prepare(
          `SELECT ${columns} FROM challenges WHERE hash = ?1 AND kind = ?2 AND used_at_ms IS NULL AND failures < ?3 AND expires_at_ms > ?4`,
        )
        .bind(hash, kind, failuresMax, nowMs)
        .first<Challenge>();
    },

    /** Takes a challenge away, whatever the answer turns out to be: of two answers at once, one finds it. */
    async take(hash: string, kind: Challenge["kind"], nowMs: number): Promise<Challenge | null> {
      return db
        .prepare(`DELETE FROM challenges WHERE hash = ?1 AND kind = ?2 AND expires_at_ms > ?3 RETURNING ${columns}`)
        .bind(hash, kind, nowMs)
        .first<Challenge>();
    },

    /** Counts a wrong answer. */
    async fail(hash: string): Promise<void> {
      await db.prepare("UPDATE challenges SET failures = failures + 1 WHERE hash = ?1").bind(hash).run();
    },

    /** Uses a challenge up; committing meets `challenge_used` where another answer was first. */
    use(hash: string, nowMs: number): Write {
      return db
        .prepare(
          "UPDATE challenges SET used_at_ms = ?2, kind = CASE WHEN used_at_ms IS NULL THEN kind END WHERE hash = ?1",
        )
        .bind(hash, nowMs);
    },
  };
}
