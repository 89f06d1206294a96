import type { Id, UserId } from "@foyer/kernel/ids";
import type { Write } from "./database.ts";

export type AvatarRepository = ReturnType<typeof createAvatarRepository>;

/** Which pictures are to leave the bucket. Which one a user shows is in their row. */
export function createAvatarRepository(db: D1Database) {
  return {
    /** Notes an object that is about to be written, to be swept after `notBeforeMs` unless it has become somebody's. */
    async beginUpload(id: Id<"avatar">, notBeforeMs: number): Promise<void> {
      await db
        .prepare("INSERT INTO avatar_removals (avatar_id, not_before_ms) VALUES (?1, ?2)")
        .bind(id, notBeforeMs)
        .run();
    },

    /** The object is this user's, and stays; to be written behind what makes it so. Where it is not, the sweep still takes it. */
    keep(id: Id<"avatar">, userId: UserId): Write {
      return db
        .prepare(
          `DELETE FROM avatar_removals
           WHERE avatar_id = ?1 AND EXISTS (SELECT 1 FROM users WHERE id = ?2 AND avatar_id = ?1)`,
        )
        .bind(id, userId);
    },

    /** Leaves the picture that the user shows to the sweep, whichever it is by now; to be written before what takes it from them. */
    leave(userId: UserId, nowMs: number): Write {
      return db
        .prepare(
          `INSERT OR REPLACE INTO avatar_removals (avatar_id, not_before_ms)
           SELECT avatar_id, ?2 FROM users WHERE id = ?1 AND avatar_id IS NOT NULL`,
        )
        .bind(userId, nowMs);
    },

    /** Objects that are due for removal. */
    async due(nowMs: number, max: number): Promise<string[]> {
      const { results } = await db
        .prepare(
          "SELECT avatar_id AS id FROM avatar_removals WHERE not_before_ms <= ?1 ORDER BY not_before_ms LIMIT ?2",
        )
        .bind(nowMs, max)
        .all<{ id: string }>();
      return results.map(({ id }) => id);
    },

    /** Strikes out objects that are gone. */
    async endRemovals(ids: readonly string[]): Promise<void> {
      await db
        .prepare("DELETE FROM avatar_removals WHERE avatar_id IN (SELECT value FROM json_each(?1))")
        .bind(JSON.stringify(ids))
        .run();
    },
  };
}
