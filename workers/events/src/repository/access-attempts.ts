import { limits } from "@foyer/kernel/limits";
import { type AttemptPolicy, waitsOf } from "../domain/attempts.ts";

/** One thing that is guessed at, by a name that says nothing of what it is. */
export interface Counter {
  readonly key: string;
  readonly policy: AttemptPolicy;
}

/** What is remembered of guesses, in the worker's own database. */
export function createAccessAttemptRepository(db: D1Database) {
  /** Counts one attempt, unless a wait is under way: one statement, so that of any number at once each is counted. */
  function begin({ key, policy }: Counter, nowMs: number): D1PreparedStatement {
    const waits = waitsOf(policy);
    const count = "CASE WHEN last_at_ms < ?2 - ?3 THEN 1 ELSE count + 1 END";
    const wait = (index: string): string => `json_extract(?4, '$[' || min(${index}, ${waits.length - 1}) || ']')`;
    return db
      .prepare(
        `INSERT INTO access_attempts (key, count, locked_until_ms, last_at_ms) VALUES (?1, 1, ?2 + ${wait("0")} * 1000, ?2)
         ON CONFLICT (key) DO UPDATE SET count = ${count}, locked_until_ms = ?2 + ${wait(`${count} - 1`)} * 1000, last_at_ms = ?2
         WHERE locked_until_ms <= ?2 RETURNING count`,
      )
      .bind(key, nowMs, policy.forgottenAfterSeconds * 1000, JSON.stringify(waits));
  }

  return {
    /** Counts an attempt before it is known to fail; the moment until which none is taken where a wait is under way, null where it counts. */
    async begin(counter: Counter, nowMs: number): Promise<number | null> {
      const [counted, state] = await db.batch<{ count?: number; lockedUntilMs?: number }>([
        begin(counter, nowMs),
        db.prepare("SELECT locked_until_ms AS lockedUntilMs FROM access_attempts WHERE key = ?1").bind(counter.key),
      ]);
      if (counted?.results.length === 1) return null;
      return state?.results[0]?.lockedUntilMs ?? nowMs;
    },

    /** Takes one attempt at each of these back: it was good, or never made. */
    async takeBack(keys: readonly string[]): Promise<void> {
      await db
        .prepare(
          `UPDATE access_attempts SET count = max(0, count - 1), locked_until_ms = 0
           WHERE key IN (SELECT value FROM json_each(?1))`,
        )
        .bind(JSON.stringify(keys))
        .run();
    },

    /** Forgets what nobody has guessed at since a moment. */
    async forgetBefore(beforeMs: number): Promise<void> {
      await db
        .prepare(
          `DELETE FROM access_attempts WHERE key IN (
             SELECT key FROM access_attempts WHERE last_at_ms < ?1 ORDER BY last_at_ms LIMIT ${limits.accessAttemptsPerSweepMax})`,
        )
        .bind(beforeMs)
        .run();
    },
  };
}

export type AccessAttemptRepository = ReturnType<typeof createAccessAttemptRepository>;
