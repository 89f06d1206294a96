import type { AttemptCount } from "../domain/attempts.ts";
import type { User } from "../domain/user.ts";
import { toUser, type UserRow, userColumns, type Write } from "./database.ts";

export type SignInRepository = ReturnType<typeof createSignInRepository>;

const countAttempt = `INSERT INTO attempts (key, count, window_ends_at_ms) VALUES (?1, 1, ?3)
  ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN window_ends_at_ms <= ?2 THEN 1 ELSE count + 1 END,
    window_ends_at_ms = CASE WHEN window_ends_at_ms <= ?2 THEN ?3 ELSE window_ends_at_ms END
  RETURNING count, window_ends_at_ms AS windowEndsAtMs`;

/** Counters of attempts, and what a sign-in compares with. */
export function createSignInRepository(db: D1Database) {
  return {
    /**
     * Counts an attempt under each key, before it is known to fail, so that guesses made at once are all counted; and finds
     * the account. One transaction.
     */
    async begin(
      email: string,
      keys: readonly string[],
      nowMs: number,
      windowMs: number,
    ): Promise<{
      readonly account: { readonly user: User; readonly passwordHash: string | null } | null;
      readonly counts: readonly AttemptCount[];
    }> {
      const [found, ...counted] = await db.batch<Record<string, unknown>>([
        db
          .prepare(
            `SELECT ${userColumns}, c.password_hash AS passwordHash FROM users u
             LEFT JOIN credentials c ON c.user_id = u.id WHERE u.email = ?1`,
          )
          .bind(email),
        ...keys.map((key) => db.prepare(countAttempt).bind(key, nowMs, nowMs + windowMs)),
      ]);
      // The columns are those of the statements above.
      const row = found?.results[0] as (UserRow & { readonly passwordHash: string | null }) | undefined;
      return {
        account: row === undefined ? null : { user: toUser(row), passwordHash: row.passwordHash },
        counts: counted.flatMap((result) =>
          result.results.map((counter) => ({
            count: Number(counter.count),
            windowEndsAtMs: Number(counter.windowEndsAtMs),
          })),
        ),
      };
    },

    /** Forgets the attempts under a key. */
    clear(key: string): Write {
      return db.prepare("DELETE FROM attempts WHERE key = ?1").bind(key);
    },

    /** Takes one attempt back that turned out well. */
    uncount(key: string): Write {
      return db.prepare("UPDATE attempts SET count = max(count - 1, 0) WHERE key = ?1").bind(key);
    },
  };
}
