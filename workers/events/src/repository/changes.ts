import type { EventId } from "@foyer/kernel/ids";

/** One change of an event, as its history tells it. */
export interface EventChangeEntry {
  readonly version: number;
  readonly action: string;
  readonly actor: string;
  readonly atMs: number;
  /** Fields that changed, or codes of what was missing. */
  readonly about: readonly string[];
}

/** The histories of events, which each change writes with its version. */
export function createChangeRepository(db: D1Database) {
  return {
    /** An event's changes, newest first, older than a version where one is given. */
    async list(
      eventId: EventId,
      page: { readonly limit: number; readonly before: number | null },
    ): Promise<EventChangeEntry[]> {
      const { results } = await db
        .prepare(
          `SELECT version, action, actor, at_ms AS atMs, about FROM event_changes
           WHERE event_id = ?1 AND version < ?2 ORDER BY version DESC LIMIT ?3`,
        )
        .bind(eventId, page.before ?? Number.MAX_SAFE_INTEGER, page.limit)
        .all<Omit<EventChangeEntry, "about"> & { readonly about: string }>();
      return results.map((row) => {
        const about: string[] = JSON.parse(row.about);
        return { ...row, about };
      });
    },
  };
}

export type ChangeRepository = ReturnType<typeof createChangeRepository>;
