import { limits } from "@foyer/kernel/limits";

/** A tag to purge, as it was when it was leased. */
export interface CachePurge {
  readonly tag: string;
  /** Grows when the tag is entered again. */
  readonly generation: number;
  readonly attempts: number;
}

/** Tags that caches are to forget; a trigger enters them with every change of an event. */
export function createCachePurgeRepository(db: D1Database) {
  return {
    /** What is due, as much as one call takes; nobody else gets it before the lease ends. */
    async lease(nowMs: number, untilMs: number): Promise<CachePurge[]> {
      const { results } = await db
        .prepare(
          `UPDATE cache_purges SET available_at_ms = ?2, attempts = attempts + 1
           WHERE tag IN (SELECT tag FROM cache_purges WHERE available_at_ms <= ?1 ORDER BY available_at_ms LIMIT ?3)
           RETURNING tag, generation, attempts`,
        )
        .bind(nowMs, untilMs, limits.cachePurgeTagsPerCallMax)
        .all<CachePurge>();
      return results;
    },

    /** Strikes out what was purged, but for what was entered again meanwhile. */
    async end(purges: readonly CachePurge[]): Promise<void> {
      if (purges.length === 0) return;
      await db.prepare(`DELETE FROM cache_purges WHERE ${unchanged}`).bind(JSON.stringify(purges)).run();
    },

    /** Puts off what was not purged, but for what was entered again meanwhile. */
    async postpone(purges: readonly CachePurge[], untilMs: number): Promise<void> {
      await db
        .prepare(`UPDATE cache_purges SET available_at_ms = ?2 WHERE ${unchanged}`)
        .bind(JSON.stringify(purges), untilMs)
        .run();
    },

    /** Throws away all that was noted. */
    async clear(): Promise<void> {
      await db.prepare("DELETE FROM cache_purges").run();
    },
  };
}

const unchanged = `(tag, generation) IN (SELECT value ->> 'tag', value ->> 'generation' FROM json_each(?1))`;

export type CachePurgeRepository = ReturnType<typeof createCachePurgeRepository>;
