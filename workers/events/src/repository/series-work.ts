import type { UpdateEvent } from "@foyer/contracts/events/api";
import type { AnyEnvelope } from "@foyer/contracts/messages/envelope";
import type { EventId, Id } from "@foyer/kernel/ids";
import type { EventWithText } from "../domain/event.ts";
import type { Series, SeriesDate } from "../domain/series.ts";
import { insertStatements, updateStatement } from "./columns.ts";
import { type ChangeNote, claimVersion, newsStatements, type OutgoingNews } from "./events.ts";
import { isSlugTaken } from "./rows.ts";
import {
  dateFromRow,
  isSeriesOvertaken,
  type SeriesDateRow,
  type SeriesRow,
  seriesColumns,
  seriesFromRow,
  unfinished,
} from "./series-rows.ts";

/** A change of a series that its dates have to follow. */
export interface SeriesChange {
  readonly change: number;
  readonly actor: string;
  readonly patch: UpdateEvent;
}

/** What the work in the background reads and writes: one round at a time, each date in a batch of its own. */
export function createSeriesWorkRepository(db: D1Database) {
  return {
    /** Series that are due, longest waiting first. */
    async due(nowMs: number, limit: number): Promise<Id<"series">[]> {
      const { results } = await db
        .prepare("SELECT id FROM series WHERE due_at_ms <= ?1 ORDER BY due_at_ms LIMIT ?2")
        .bind(nowMs, limit)
        .all<{ id: Id<"series"> }>();
      return results.map(({ id }) => id);
    },

    /** Takes a due series for a while, so that others leave it alone; null where it is not due, or taken. */
    async claim(id: Id<"series">, nowMs: number, untilMs: number): Promise<(Series & { attempts: number }) | null> {
      const row = await db
        .prepare(`UPDATE series SET due_at_ms = ?3 WHERE id = ?1 AND due_at_ms <= ?2 RETURNING ${seriesColumns}`)
        .bind(id, nowMs, untilMs)
        .first<SeriesRow>();
      return row === null ? null : seriesFromRow(row);
    },

    /** The next dates of a series that there is something to do for, in order. */
    async unfinished(seriesId: Id<"series">, limit: number): Promise<SeriesDate[]> {
      const { results } = await db
        .prepare(
          `SELECT d.recurrence_id AS recurrenceId, d.event_id AS eventId, d.state, d.publish, d.change
           FROM series_dates d JOIN series s ON s.id = d.series_id
           WHERE d.series_id = ?1 AND ${unfinished} ORDER BY d.recurrence_id LIMIT ?2`,
        )
        .bind(seriesId, limit)
        .all<SeriesDateRow>();
      return results.map(dateFromRow);
    },

    /** Ends a round: with work left the series is due at once, or after a back-off where the round failed. Whether it is due at once. */
    async settle(id: Id<"series">, nowMs: number, backOffMs: number): Promise<boolean> {
      const row = await db
        .prepare(
          `UPDATE series AS s SET attempts = CASE WHEN ?3 > 0 THEN attempts + 1 ELSE 0 END,
             due_at_ms = CASE WHEN EXISTS (SELECT 1 FROM series_dates d WHERE d.series_id = s.id AND ${unfinished}) THEN ?2 + ?3 END
           WHERE id = ?1 RETURNING due_at_ms AS dueAtMs`,
        )
        .bind(id, nowMs, backOffMs)
        .first<{ dueAtMs: number | null }>();
      return row !== null && row.dueAtMs !== null && backOffMs === 0;
    },

    /** The event to copy a sale from: the pattern while it is there, else the first date that is; null where none is left. */
    async source(series: Series): Promise<EventId | null> {
      const row = await db
        .prepare(
          `SELECT e.id FROM events e WHERE e.id = ?2 OR e.series_id = ?1 ORDER BY e.id <> ?2, e.recurrence_id LIMIT 1`,
        )
        .bind(series.id, series.patternEventId)
        .first<{ id: EventId }>();
      return row?.id ?? null;
    },

    /** What dates may yet have to follow: changes of content behind one, oldest first. */
    async changesAfter(seriesId: Id<"series">, change: number): Promise<SeriesChange[]> {
      const { results } = await db
        .prepare("SELECT change, actor, patch FROM series_changes WHERE series_id = ?1 AND change > ?2 ORDER BY change")
        .bind(seriesId, change)
        .all<{ change: number; actor: string; patch: string }>();
      return results.map((row) => ({ ...row, patch: JSON.parse(row.patch) }));
    },

    /** The first of these slugs that no event of the organization has or had; the last one where all are taken. */
    async freeSlug(organizationId: string, candidates: readonly string[]): Promise<string> {
      const { results } = await db
        .prepare(
          "SELECT slug FROM event_slugs WHERE organization_id = ?1 AND slug IN (SELECT value FROM json_each(?2))",
        )
        .bind(organizationId, JSON.stringify(candidates))
        .all<{ slug: string }>();
      const taken = new Set(results.map(({ slug }) => slug));
      return candidates.find((slug) => !taken.has(slug)) ?? candidates.at(-1) ?? "";
    },

    /**
     * Stores the event of a date with what is its own, visible at once and whole. `overtaken` where the date is not to be made any more, or has been made by another:
     * the date's row is looked at by the batch itself.
     */
    async insertOccurrence(
      series: Series,
      event: EventWithText,
      note: ChangeNote,
      own: readonly D1PreparedStatement[],
    ): Promise<"stored" | "overtaken" | "slug_taken"> {
      try {
        await db.batch([
          ...insertStatements(db, event),
          db
            .prepare(
              `INSERT INTO event_changes (event_id, version, action, actor, at_ms) VALUES (?1, CASE WHEN EXISTS (
                 SELECT 1 FROM series_dates WHERE event_id = ?1 AND series_id = ?2 AND state = 'pending') THEN 1 END, ?3, ?4, ?5)`,
            )
            .bind(event.id, series.id, note.action, note.actor, note.atMs),
          db
            .prepare("UPDATE series_dates SET state = 'made', change = ?2 WHERE event_id = ?1")
            .bind(event.id, series.change),
          ...own,
        ]);
        return "stored";
      } catch (thrown) {
        if (isSlugTaken(thrown, "event_slugs")) return "slug_taken";
        if (isSeriesOvertaken(thrown)) return "overtaken";
        throw thrown;
      }
    },

    /** Stores the next version of a date's event, and that it has followed its series so far or been published. */
    async saveOccurrence(
      event: EventWithText,
      note: ChangeNote,
      news: readonly OutgoingNews[],
      done: { readonly change: number } | { readonly published: true },
    ): Promise<"stored" | "overtaken"> {
      try {
        await db.batch([
          claimVersion(db, event, note),
          updateStatement(db, event),
          "change" in done
            ? db.prepare("UPDATE series_dates SET change = ?2 WHERE event_id = ?1").bind(event.id, done.change)
            : db.prepare("UPDATE series_dates SET publish = 0 WHERE event_id = ?1").bind(event.id),
          ...newsStatements(db, news, note.atMs),
        ]);
        return "stored";
      } catch (thrown) {
        if (isSeriesOvertaken(thrown)) return "overtaken";
        throw thrown;
      }
    },

    /** A date that had nothing to take over from its series' changes up to this one. */
    async markFollowed(eventId: EventId, change: number): Promise<void> {
      await db.prepare("UPDATE series_dates SET change = ?2 WHERE event_id = ?1").bind(eventId, change).run();
    },

    /** A date that is not to be published any more. */
    async markPublished(eventId: EventId): Promise<void> {
      await db.prepare("UPDATE series_dates SET publish = 0 WHERE event_id = ?1").bind(eventId).run();
    },

    /** A date that was to leave and has nothing to leave with: its event is over or called off, or was never there. */
    async markLeft(eventId: EventId): Promise<void> {
      await db
        .prepare(
          "UPDATE series_dates SET state = 'excepted', publish = 0 WHERE event_id = ?1 AND state IN ('leaving', 'ending')",
        )
        .bind(eventId)
        .run();
    },

    /** Notes what keeps a date from being worked on; the next change of the series tries it again. */
    async markProblem(eventId: EventId, code: string): Promise<void> {
      await db.prepare("UPDATE series_dates SET problem = ?2 WHERE event_id = ?1").bind(eventId, code).run();
    },

    /** Says that there is more work, where no message of the platform is being handled that could. */
    async wake(message: AnyEnvelope, nowMs: number): Promise<void> {
      await db.batch(newsStatements(db, [{ message }], nowMs));
    },
  };
}

export type SeriesWorkRepository = ReturnType<typeof createSeriesWorkRepository>;
