import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** One row a series: its rule, and what its dates are made from. */
export const series = sqliteTable(
  "series",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id").notNull(),
    /** RFC 5545 recurrence rule, normalized, with COUNT or UNTIL. */
    rrule: text("rrule").notNull(),
    /** Wall-clock start that the rule counts from (DTSTART); a date where the events last whole days. */
    startsLocal: text("starts_local").notNull(),
    /** JSON array: recurrence ids that the rule gives and that do not take place (EXDATE). */
    exceptions: text("exceptions").notNull(),
    /** JSON array: recurrence ids beside the rule's (RDATE). */
    additions: text("additions").notNull(),
    /** JSON: the event that dates are made like. A change of the whole series changes it. */
    template: text("template").notNull(),
    /** How far, by the wall clock, dates start from their recurrence ids, and how long they last. */
    shiftMs: integer("shift_ms").notNull(),
    durationMs: integer("duration_ms").notNull(),
    /** The event whose ticket types are copied first. */
    patternEventId: text("pattern_event_id").notNull(),
    /** Whether dates that are added later are published as they are made. */
    publishes: integer("publishes", { mode: "boolean" }).notNull(),
    /** Number of its newest change in `series_changes`. */
    change: integer("change").notNull(),
    /** When its dates are to be worked on next; null while there is nothing to do. Moved ahead while somebody is at it. */
    dueAtMs: integer("due_at_ms"),
    /** Failed rounds in a row, for the back-off. */
    attempts: integer("attempts").notNull().default(0),
    createdAtMs: integer("created_at_ms").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
  },
  (table) => [index("series_due").on(table.dueAtMs)],
);

/**
 * Who changed a whole series, and how: the history, the lock and the list of what its dates are yet to follow. A change claims its
 * number here first; of two at once the key lets one through.
 */
export const seriesChanges = sqliteTable(
  "series_changes",
  {
    seriesId: text("series_id")
      .notNull()
      .references(() => series.id),
    change: integer("change").notNull(),
    action: text("action").notNull(),
    actor: text("actor").notNull(),
    /** JSON: the fields that every date takes over; empty where the change is none of content. */
    patch: text("patch").notNull(),
    atMs: integer("at_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.seriesId, table.change] })],
);

/**
 * One row a date. The event's id is chosen when the date is, so that whatever makes it again makes the same one. A date that was cancelled or
 * deleted stays as `excepted` and is not made anew: triggers on `events` see to that, whoever ends the event.
 */
export const seriesDates = sqliteTable(
  "series_dates",
  {
    seriesId: text("series_id")
      .notNull()
      .references(() => series.id),
    recurrenceId: text("recurrence_id").notNull(),
    eventId: text("event_id").notNull(),
    state: text("state", { enum: ["pending", "made", "leaving", "ending", "excepted"] }).notNull(),
    /** Whether it is yet to be published. */
    publish: integer("publish", { mode: "boolean" }).notNull(),
    /** The series' change that it has followed last. */
    change: integer("change").notNull(),
    /** Stable code of what keeps it from being worked on, until the series is changed. */
    problem: text("problem"),
  },
  (table) => [
    primaryKey({ columns: [table.seriesId, table.recurrenceId] }),
    uniqueIndex("series_dates_by_event").on(table.eventId),
  ],
);
