import type { UpdateEvent } from "@foyer/contracts/events/api";
import type { SeriesView } from "@foyer/contracts/events/series";
import type { AnyEnvelope } from "@foyer/contracts/messages/envelope";
import type { EventId, Id } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { Event, EventWithText } from "../domain/event.ts";
import type { Series, SeriesDate } from "../domain/series.ts";
import { updateStatement } from "./columns.ts";
import { type ChangeNote, claimVersion, newsStatements, type OutgoingNews } from "./events.ts";
import { type EventRow, eventColumns, eventFromRow } from "./rows.ts";
import {
  dateColumns,
  dateFromRow,
  isSeriesOvertaken,
  type SeriesDateRow,
  type SeriesRow,
  seriesColumns,
  seriesFromRow,
  unfinished,
} from "./series-rows.ts";

/** A change of a series, with all that its batch writes. */
export interface SeriesCommit {
  /** The series after the change; its `change` is the number that is claimed. */
  readonly series: Series;
  readonly note: ChangeNote;
  /** The fields that its dates take over. */
  readonly patch: UpdateEvent;
  /** The event that the change was made at, as it is after it; null where no event itself changes. */
  readonly event: EventWithText | null;
  readonly news: readonly OutgoingNews[];
  /** What the change does to dates. */
  readonly dates: readonly D1PreparedStatement[];
  /** Says that there is work. */
  readonly wake: AnyEnvelope;
}

/** Series and their dates, in the worker's own database. */
export function createSeriesRepository(db: D1Database) {
  const content = (series: Series) => [
    series.rrule,
    series.startsLocal,
    JSON.stringify(series.exceptions),
    JSON.stringify(series.additions),
    JSON.stringify(series.template),
    series.shiftMs,
    series.durationMs,
    series.patternEventId,
    Number(series.publishes),
    series.change,
  ];

  function insertSeries(series: Series, nowMs: number): D1PreparedStatement {
    return db
      .prepare(
        `INSERT INTO series (id, organization_id, rrule, starts_local, exceptions, additions, template, shift_ms, duration_ms,
           pattern_event_id, publishes, change, due_at_ms, created_at_ms, updated_at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13, ?13)`,
      )
      .bind(series.id, series.organizationId, ...content(series), nowMs);
  }

  function updateSeries(series: Series, nowMs: number): D1PreparedStatement {
    return db
      .prepare(
        `UPDATE series SET rrule = ?2, starts_local = ?3, exceptions = ?4, additions = ?5, template = ?6, shift_ms = ?7, duration_ms = ?8,
           pattern_event_id = ?9, publishes = ?10, change = ?11, due_at_ms = ?12, attempts = 0, updated_at_ms = ?12 WHERE id = ?1`,
      )
      .bind(series.id, ...content(series), nowMs);
  }

  function claimChange(series: Series, note: ChangeNote, patch: UpdateEvent): D1PreparedStatement {
    return db
      .prepare(
        "INSERT INTO series_changes (series_id, change, action, actor, patch, at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
      )
      .bind(series.id, series.change, note.action, note.actor, JSON.stringify(patch), note.atMs);
  }

  async function commit(statements: readonly D1PreparedStatement[]): Promise<"stored" | "overtaken"> {
    try {
      await db.batch([...statements]);
      return "stored";
    } catch (thrown) {
      if (isSeriesOvertaken(thrown)) return "overtaken";
      throw thrown;
    }
  }

  function effects({ event, note, news, dates, wake }: SeriesCommit): D1PreparedStatement[] {
    return [
      ...(event === null ? [] : [claimVersion(db, event, note), updateStatement(db, event)]),
      ...dates,
      ...newsStatements(db, [...news, { message: wake }], note.atMs),
    ];
  }

  return {
    async find(id: Id<"series">): Promise<Series | null> {
      const row = await db.prepare(`SELECT ${seriesColumns} FROM series WHERE id = ?1`).bind(id).first<SeriesRow>();
      return row === null ? null : seriesFromRow(row);
    },

    /** Stores a new series with its first event; `overtaken` where that event changed meanwhile. */
    async create(change: SeriesCommit): Promise<"stored" | "overtaken"> {
      const { series, note } = change;
      return commit([insertSeries(series, note.atMs), claimChange(series, note, change.patch), ...effects(change)]);
    },

    /** Stores the next change of a series; `overtaken` where it, or the event, changed meanwhile. */
    async save(change: SeriesCommit): Promise<"stored" | "overtaken"> {
      const { series, note } = change;
      return commit([
        claimChange(series, note, change.patch),
        updateSeries(series, note.atMs),
        // A change of the whole is the time to try again what could not follow an earlier one.
        db.prepare("UPDATE series_dates SET problem = NULL WHERE series_id = ?1").bind(series.id),
        ...effects(change),
      ]);
    },

    /**
     * Cuts a series in two: the dates from one on, and their events, go over to a new series, which takes the list of earlier changes along for
     * those that have yet to follow them. Each event's version is claimed, since whoever is changing one at this moment knows the old series.
     */
    async split(
      earlier: Series,
      fromRecurrenceId: string,
      change: SeriesCommit & { readonly event: EventWithText },
    ): Promise<"stored" | "overtaken"> {
      const { series: later, note, event } = change;
      const moved = "FROM events WHERE series_id = ?1 AND recurrence_id >= ?2 AND id <> ?3";
      return commit([
        claimChange(earlier, { ...note, action: "series_split" }, {}),
        updateSeries(earlier, note.atMs),
        insertSeries(later, note.atMs),
        db
          .prepare(
            `INSERT INTO series_changes (series_id, change, action, actor, patch, at_ms)
             SELECT ?2, change, action, actor, patch, at_ms FROM series_changes WHERE series_id = ?1 AND change < ?3`,
          )
          .bind(earlier.id, later.id, later.change),
        claimChange(later, note, change.patch),
        db
          .prepare(
            `INSERT INTO event_changes (event_id, version, action, actor, at_ms)
             SELECT id, version + 1, 'series_split', ?4, ?5 ${moved}`,
          )
          .bind(earlier.id, fromRecurrenceId, event.id, note.actor, note.atMs),
        db
          .prepare(
            `UPDATE events SET series_id = ?4, version = version + 1, updated_at_ms = ?5 WHERE id IN (SELECT id ${moved})`,
          )
          .bind(earlier.id, fromRecurrenceId, event.id, later.id, note.atMs),
        db
          .prepare(
            "UPDATE series_dates SET series_id = ?3, problem = NULL WHERE series_id = ?1 AND recurrence_id >= ?2",
          )
          .bind(earlier.id, fromRecurrenceId, later.id),
        ...effects(change),
      ]);
    },

    /** Statements about dates, for the batch of a change. */
    statements: {
      /** Adds dates to a series, with the ids that their events will have. Those that were deleted before come anew, those called off do not. */
      add(series: Series, dates: readonly SeriesDate[]): D1PreparedStatement {
        return db
          .prepare(
            `INSERT INTO series_dates (series_id, recurrence_id, event_id, state, publish, change)
             SELECT ?1, value ->> 'recurrenceId', value ->> 'eventId', value ->> 'state', value ->> 'publish', value ->> 'change'
             FROM json_each(?2) WHERE true
             ON CONFLICT (series_id, recurrence_id) DO UPDATE SET event_id = excluded.event_id, state = 'pending', publish = excluded.publish,
               change = excluded.change, problem = NULL
             WHERE state = 'excepted' AND NOT EXISTS (SELECT 1 FROM events e WHERE e.id = series_dates.event_id)`,
          )
          .bind(series.id, JSON.stringify(dates));
      },
      /**
       * Dates that the rule has no more: those without an event go at once, the others in the background. Ends the commit where a date has become
       * public meanwhile that nobody has agreed to cancel.
       */
      drop(
        series: Series,
        recurrenceIds: readonly string[],
        { confirmed, nowMs }: { readonly confirmed: boolean; readonly nowMs: number },
      ): D1PreparedStatement[] {
        const ids = JSON.stringify(recurrenceIds);
        const which = "WHERE series_id = ?1 AND recurrence_id IN (SELECT value FROM json_each(?2))";
        return [
          db.prepare(`DELETE FROM series_dates ${which} AND state = 'pending'`).bind(series.id, ids),
          db
            .prepare(
              `UPDATE series_dates SET publish = 0, problem = NULL, state = CASE WHEN NOT EXISTS (
                 SELECT 1 FROM events e WHERE e.id = event_id AND e.status IN ('published', 'postponed') AND e.ends_at_ms > ?4)
               THEN 'leaving' WHEN ?3 = 1 THEN 'ending' END ${which} AND state IN ('made', 'leaving')`,
            )
            .bind(series.id, ids, Number(confirmed), nowMs),
        ];
      },
      /** Dates that were to leave and are to stay after all. */
      keep(series: Series, recurrenceIds: readonly string[]): D1PreparedStatement {
        return db
          .prepare(
            `UPDATE series_dates SET state = 'made' WHERE series_id = ?1 AND state IN ('leaving', 'ending')
             AND recurrence_id IN (SELECT value FROM json_each(?2))`,
          )
          .bind(series.id, JSON.stringify(recurrenceIds));
      },
      /** Has the drafts among the dates published, from one on. */
      publish(series: Series, fromRecurrenceId: string): D1PreparedStatement {
        return db
          .prepare(
            `UPDATE series_dates SET publish = 1 WHERE series_id = ?1 AND recurrence_id >= ?2 AND (state = 'pending'
               OR (state = 'made' AND EXISTS (SELECT 1 FROM events e WHERE e.id = event_id AND e.status = 'draft')))`,
          )
          .bind(series.id, fromRecurrenceId);
      },
      /** For a change that dates have nothing to follow in: those that are up to date stay so. */
      skip(series: Series): D1PreparedStatement {
        return db
          .prepare("UPDATE series_dates SET change = ?2 WHERE series_id = ?1 AND change = ?2 - 1")
          .bind(series.id, series.change);
      },
      /** The date that a change was made at has followed it, unless there are earlier ones that it has yet to follow. */
      follow(series: Series, eventId: EventId): D1PreparedStatement {
        return db
          .prepare("UPDATE series_dates SET change = ?2 WHERE event_id = ?1 AND change = ?2 - 1")
          .bind(eventId, series.change);
      },
    },

    /** All dates of a series, whatever their state. */
    async dates(seriesId: Id<"series">): Promise<SeriesDate[]> {
      const { results } = await db
        .prepare(`SELECT ${dateColumns} FROM series_dates WHERE series_id = ?1 ORDER BY recurrence_id`)
        .bind(seriesId)
        .all<SeriesDateRow>();
      return results.map(dateFromRow);
    },

    /** Which of these events people outside count on, with their dates, from a moment on. */
    async announced(
      seriesId: Id<"series">,
      nowMs: number,
    ): Promise<{ eventId: EventId; recurrenceId: string; overrides: string[] }[]> {
      const { results } = await db
        .prepare(
          `SELECT id AS eventId, recurrence_id AS recurrenceId, overrides FROM events
           WHERE series_id = ?1 AND status IN ('published', 'postponed') AND ends_at_ms > ?2 ORDER BY recurrence_id`,
        )
        .bind(seriesId, nowMs)
        .all<{ eventId: EventId; recurrenceId: string; overrides: string }>();
      return results.map((row) => ({ ...row, overrides: JSON.parse(row.overrides) }));
    },

    /** How far a series has come. */
    async progress(seriesId: Id<"series">): Promise<NonNullable<SeriesView["progress"]>> {
      const [counts, problems] = await db.batch<Record<string, never>>([
        db
          .prepare(
            `SELECT coalesce(sum(d.state IN ('pending', 'made')), 0) AS total, coalesce(sum(d.state = 'made'), 0) AS made,
               coalesce(sum(${unfinished}), 0) AS pending
             FROM series_dates d JOIN series s ON s.id = d.series_id WHERE d.series_id = ?1`,
          )
          .bind(seriesId),
        db
          .prepare(
            `SELECT recurrence_id AS recurrenceId, event_id AS eventId, problem AS code FROM series_dates
             WHERE series_id = ?1 AND problem IS NOT NULL ORDER BY recurrence_id LIMIT ?2`,
          )
          .bind(seriesId, limits.seriesProblemsShownMax),
      ]);
      const [tally] = (counts?.results ?? []) as unknown as { total: number; made: number; pending: number }[];
      const shown = (problems?.results ?? []) as unknown as { recurrenceId: string; eventId: EventId; code: string }[];
      return { total: tally?.total ?? 0, made: tally?.made ?? 0, pending: tally?.pending ?? 0, problems: shown };
    },

    /** Recurrence ids of dates that were called off or deleted. */
    async excepted(seriesId: Id<"series">): Promise<string[]> {
      const { results } = await db
        .prepare("SELECT recurrence_id AS id FROM series_dates WHERE series_id = ?1 AND state = 'excepted' ORDER BY 1")
        .bind(seriesId)
        .all<{ id: string }>();
      return results.map(({ id }) => id);
    },

    /** One page of a series' events by their start. The public is given those that lists may show. */
    async listEvents(
      seriesId: Id<"series">,
      page: { readonly member: boolean; readonly limit: number; readonly after: readonly [number, string] | null },
    ): Promise<Event[]> {
      const shown = page.member ? "" : "AND e.status = 'published' AND e.visibility = 'public'";
      const [startsAtMs, id] = page.after ?? [Number.MIN_SAFE_INTEGER, ""];
      const { results } = await db
        .prepare(
          `SELECT ${eventColumns} FROM events e LEFT JOIN media m ON m.id = e.cover_media_id
           WHERE e.series_id = ?1 ${shown} AND (coalesce(e.starts_at_ms, 0), e.id) > (?2, ?3)
           ORDER BY coalesce(e.starts_at_ms, 0), e.id LIMIT ?4`,
        )
        .bind(seriesId, startsAtMs, id, page.limit)
        .all<EventRow>();
      return results.map(eventFromRow);
    },
  };
}

export type SeriesRepository = ReturnType<typeof createSeriesRepository>;
