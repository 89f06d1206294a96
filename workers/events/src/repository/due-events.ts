import type { EventStatus } from "@foyer/contracts/events/api";
import type { Envelope } from "@foyer/contracts/messages/envelope";
import type { EventId, OrganizationId } from "@foyer/kernel/ids";
import { outboxRows } from "@foyer/messaging/outbox-d1";
import type { ChangeNote } from "./events.ts";

/** An event that is over, as far as completing it asks. */
export interface OverEvent {
  readonly id: EventId;
  readonly organizationId: OrganizationId;
  readonly slug: string;
  readonly version: number;
}

/** The next version of an event that is completed, and the news of it. */
export interface Completion {
  readonly id: EventId;
  readonly version: number;
  readonly message: Envelope<"event.completed">;
}

/** What the clock moves, in the worker's own database. */
export function createDueEventRepository(db: D1Database) {
  return {
    /** Scheduled events whose moment has come, longest due first. */
    async toPublish(nowMs: number, max: number): Promise<EventId[]> {
      const { results } = await db
        .prepare(
          `SELECT id FROM events WHERE status = 'scheduled' AND publish_at_ms <= ?1 ORDER BY publish_at_ms LIMIT ?2`,
        )
        .bind(nowMs, max)
        .all<{ id: EventId }>();
      return results.map(({ id }) => id);
    },

    /** Published events that are over, longest first. */
    async toComplete(nowMs: number, max: number): Promise<OverEvent[]> {
      const { results } = await db
        .prepare(
          `SELECT id, organization_id AS organizationId, slug, version FROM events
           WHERE status = 'published' AND ends_at_ms <= ?1 ORDER BY ends_at_ms LIMIT ?2`,
        )
        .bind(nowMs, max)
        .all<OverEvent>();
      return results;
    },

    /**
     * Completes events in one batch of three statements, however many they are. One that was changed since it was read is left out, with its message, and
     * comes again. Answers how many were completed.
     */
    async complete(events: readonly Completion[], status: EventStatus, note: ChangeNote): Promise<number> {
      if (events.length === 0) return 0;
      const versions = JSON.stringify(events.map(({ id, version }) => ({ id, version })));
      const rows = JSON.stringify(
        events.flatMap(({ id, version, message }) =>
          outboxRows([message], note.atMs).map((row) => ({ ...row, eventId: id, version })),
        ),
      );
      // The first statement decides, by its guard; the others follow the rows that it wrote.
      const [changes] = await db.batch([
        db
          .prepare(
            `INSERT INTO event_changes (event_id, version, action, actor, at_ms)
             SELECT e.id, e.version + 1, ?2, ?3, ?4 FROM json_each(?1) j
             JOIN events e ON e.id = j.value ->> 'id' AND e.version = j.value ->> 'version' - 1
             WHERE e.status = 'published' AND e.ends_at_ms <= ?4`,
          )
          .bind(versions, note.action, note.actor, note.atMs),
        db
          .prepare(
            `INSERT INTO outbox (id, consumer, body, attempts, available_at_ms)
             SELECT j.value ->> 'id', j.value ->> 'consumer', j.value ->> 'body', 0, ?2 FROM json_each(?1) j
             JOIN events e ON e.id = j.value ->> 'eventId' AND e.version = j.value ->> 'version' - 1
             JOIN event_changes c ON c.event_id = e.id AND c.version = e.version + 1`,
          )
          .bind(rows, note.atMs),
        db
          .prepare(
            `UPDATE events SET status = ?2, version = version + 1, updated_at_ms = ?3
             WHERE id IN (SELECT value ->> 'id' FROM json_each(?1))
               AND EXISTS (SELECT 1 FROM event_changes c WHERE c.event_id = events.id AND c.version = events.version + 1)`,
          )
          .bind(versions, status, note.atMs),
      ]);
      return changes?.meta.changes ?? 0;
    },
  };
}

export type DueEventRepository = ReturnType<typeof createDueEventRepository>;
