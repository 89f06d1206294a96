import type { EventId, Id, OrganizationId } from "@foyer/kernel/ids";
import type { EventWithText } from "../domain/event.ts";
import type { DateState, Series, SeriesDate } from "../domain/series.ts";

/** Columns of a series, for {@link seriesFromRow}. */
export const seriesColumns = `id, organization_id AS organizationId, rrule, starts_local AS startsLocal, exceptions, additions, template,
  shift_ms AS shiftMs, duration_ms AS durationMs, pattern_event_id AS patternEventId, publishes, change, attempts`;

export interface SeriesRow {
  readonly id: Id<"series">;
  readonly organizationId: OrganizationId;
  readonly rrule: string;
  readonly startsLocal: string;
  readonly exceptions: string;
  readonly additions: string;
  readonly template: string;
  readonly shiftMs: number;
  readonly durationMs: number;
  readonly patternEventId: EventId;
  readonly publishes: number;
  readonly change: number;
  readonly attempts: number;
}

/** A row as a domain value. Its JSON was written by this worker alone, from values that had been checked. */
export function seriesFromRow(row: SeriesRow): Series & { readonly attempts: number } {
  const exceptions: string[] = JSON.parse(row.exceptions);
  const additions: string[] = JSON.parse(row.additions);
  const template: EventWithText = JSON.parse(row.template);
  return { ...row, exceptions, additions, template, publishes: row.publishes === 1 };
}

/** Whether there is something to do for a date, `d`, of a series, `s`. */
export const unfinished = `d.problem IS NULL AND (d.state IN ('pending', 'leaving', 'ending')
  OR (d.state = 'made' AND (d.publish = 1 OR d.change < s.change)))`;

/** Columns of a date, for {@link dateFromRow}. */
export const dateColumns = "recurrence_id AS recurrenceId, event_id AS eventId, state, publish, change";

export interface SeriesDateRow {
  readonly recurrenceId: string;
  readonly eventId: EventId;
  readonly state: DateState;
  readonly publish: number;
  readonly change: number;
}

export function dateFromRow(row: SeriesDateRow): SeriesDate {
  return { ...row, publish: row.publish === 1 };
}

/** Whether a batch about a series was undone because another change came first, of the series, of one of its events, or of the date itself. */
export function isSeriesOvertaken(thrown: unknown): boolean {
  return (
    thrown instanceof Error &&
    /UNIQUE constraint failed: (?:event_changes|series_changes|series_dates|series|events)\.(?!slug)|FOREIGN KEY constraint failed|NOT NULL constraint failed: (?:events\.status|event_changes\.version|series_dates\.state)/.test(
      thrown.message,
    )
  );
}
