import type { ErasureWorker } from "@foyer/contracts/messages/catalog";
import type { UserId } from "@foyer/kernel/ids";
import type { Write } from "./database.ts";

/** A person who is being forgotten. */
export interface Erasure {
  readonly userId: UserId;
  /** Null once every worker has answered. */
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly requestedAtMs: number;
  readonly completedAtMs: number | null;
}

type ErasureRow = Omit<Erasure, "emailVerified"> & { readonly emailVerified: number };

const columns = `user_id AS userId, email, email_verified AS emailVerified, requested_at_ms AS requestedAtMs,
  completed_at_ms AS completedAtMs`;

export type ErasureRepository = ReturnType<typeof createErasureRepository>;

/** Erasures, and which worker has forgotten whom. */
export function createErasureRepository(db: D1Database) {
  return {
    async find(userId: UserId): Promise<Erasure | null> {
      const row = await db
        .prepare(`SELECT ${columns} FROM erasures WHERE user_id = ?1`)
        .bind(userId)
        .first<ErasureRow>();
      return row === null ? null : { ...row, emailVerified: row.emailVerified === 1 };
    },

    /**
     * Ends the commit with `organization_changed` where the user is the only owner of an organization; to be written before what takes
     * them out of it.
     */
    keepOwners(userId: UserId): Write {
      return db
        .prepare(
          `UPDATE organizations SET version = CASE WHEN EXISTS (
             SELECT 1 FROM memberships o WHERE o.organization_id = organizations.id AND o.role = 'owner' AND o.user_id <> ?1) THEN version END
           WHERE id IN (SELECT organization_id FROM memberships WHERE user_id = ?1 AND role = 'owner')`,
        )
        .bind(userId);
    },

    /** A new erasure; committing meets `erasure_begun` where there is one already. */
    insert(erasure: Erasure): Write {
      return db
        .prepare(
          "INSERT INTO erasures (user_id, email, email_verified, requested_at_ms, told_at_ms) VALUES (?1, ?2, ?3, ?4, ?4)",
        )
        .bind(erasure.userId, erasure.email, erasure.emailVerified ? 1 : 0, erasure.requestedAtMs);
    },

    /** Notes that a worker has forgotten a person. Repeatable; of an erasure that is none, nothing is noted. */
    confirm(userId: UserId, worker: ErasureWorker, nowMs: number): Write {
      return db
        .prepare(
          `INSERT INTO erasure_confirmations (user_id, worker, confirmed_at_ms)
           SELECT user_id, ?2, ?3 FROM erasures WHERE user_id = ?1 ON CONFLICT DO NOTHING`,
        )
        .bind(userId, worker, nowMs);
    },

    /** Ends an erasure, and forgets its address, where all of these workers have answered and it has not ended. */
    complete(userId: UserId, workers: readonly ErasureWorker[], nowMs: number): Write {
      return db
        .prepare(
          `UPDATE erasures SET completed_at_ms = ?3, email = NULL WHERE user_id = ?1 AND completed_at_ms IS NULL AND NOT EXISTS (
             SELECT 1 FROM json_each(?2) w WHERE NOT EXISTS (
               SELECT 1 FROM erasure_confirmations c WHERE c.user_id = ?1 AND c.worker = w.value))`,
        )
        .bind(userId, JSON.stringify(workers), nowMs);
    },

    /** Erasures that nobody was told of since a moment, oldest first, with those who have answered. */
    async listUnanswered(
      toldBeforeMs: number,
      limit: number,
    ): Promise<{ readonly userId: UserId; readonly answered: readonly string[] }[]> {
      const { results } = await db
        .prepare(
          `SELECT e.user_id AS userId, (SELECT json_group_array(c.worker) FROM erasure_confirmations c WHERE c.user_id = e.user_id) AS answered
           FROM erasures e WHERE e.completed_at_ms IS NULL AND e.told_at_ms <= ?1 ORDER BY e.told_at_ms LIMIT ?2`,
        )
        .bind(toldBeforeMs, limit)
        .all<{ userId: UserId; answered: string }>();
      // Made by the statement above.
      return results.map(({ userId, answered }) => ({ userId, answered: JSON.parse(answered) as string[] }));
    },

    noteTold(userId: UserId, nowMs: number): Write {
      return db.prepare("UPDATE erasures SET told_at_ms = ?2 WHERE user_id = ?1").bind(userId, nowMs);
    },
  };
}
