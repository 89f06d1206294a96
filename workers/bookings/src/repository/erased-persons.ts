/** Persons who were erased lately, by their keys: an account's id, or a keyed hash of an address. */
export interface ErasedPersonsRepository {
  /** Notes these keys; the latest moment of each counts. */
  add(keys: readonly string[], requestedAtMs: number): Promise<void>;
  /** When whom of these was erased. */
  find(keys: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Forgets who was erased before a moment, a thousand at most. */
  forget(beforeMs: number): Promise<void>;
}

/** The list in D1. */
export function createErasedPersonsRepository(db: D1Database): ErasedPersonsRepository {
  return {
    async add(keys, requestedAtMs) {
      await db
        .prepare(
          `INSERT INTO erased_persons (key, requested_at_ms) SELECT value, ?2 FROM json_each(?1) WHERE true
           ON CONFLICT (key) DO UPDATE SET requested_at_ms = max(requested_at_ms, excluded.requested_at_ms)`,
        )
        .bind(JSON.stringify(keys), requestedAtMs)
        .run();
    },

    async find(keys) {
      if (keys.length === 0) return new Map();
      const { results } = await db
        .prepare(
          "SELECT key, requested_at_ms AS atMs FROM erased_persons WHERE key IN (SELECT value FROM json_each(?1))",
        )
        .bind(JSON.stringify(keys))
        .all<{ key: string; atMs: number }>();
      return new Map(results.map(({ key, atMs }) => [key, atMs]));
    },

    async forget(beforeMs) {
      await db
        .prepare(
          "DELETE FROM erased_persons WHERE key IN (SELECT key FROM erased_persons WHERE requested_at_ms < ?1 LIMIT 1000)",
        )
        .bind(beforeMs)
        .run();
    },
  };
}
