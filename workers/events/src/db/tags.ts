import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Every tag that a listed event has, or that administrators keep. `events` is counted by triggers on `event_tags`, and a tag that nobody keeps
 * goes with its last event.
 */
export const tags = sqliteTable(
  "tags",
  {
    name: text("name").primaryKey(),
    /** How many listed events have it. */
    events: integer("events").notNull(),
    /** Kept also while no event has it. */
    curated: integer("curated", { mode: "boolean" }).notNull(),
    version: integer("version").notNull(),
  },
  (table) => [
    index("tags_by_use").on(sql`events DESC`, table.name),
    index("tags_by_name").on(table.name, table.events, table.curated, table.version),
    index("tags_curated").on(table.name).where(sql`curated = 1`),
    check("tags_counted", sql`events >= 0`),
  ],
);

/**
 * Which event has which tag, written by triggers on `events` alone. Events that are not listed are here as well, so that a tag that is renamed is
 * found wherever it is; lists walk the partial indexes.
 */
export const eventTags = sqliteTable(
  "event_tags",
  {
    eventId: text("event_id").notNull(),
    tag: text("tag").notNull(),
    /** Whether the event is published and public. */
    listed: integer("listed", { mode: "boolean" }).notNull(),
    categoryId: text("category_id"),
    startsAtMs: integer("starts_at_ms"),
    endsAtMs: integer("ends_at_ms"),
  },
  (table) => [
    primaryKey({ columns: [table.eventId, table.tag] }),
    index("event_tags_of_tag").on(table.tag, table.eventId),
    index("event_tags_listed").on(table.tag, table.startsAtMs, table.eventId, table.endsAtMs).where(sql`listed = 1`),
    index("event_tags_listed_by_category")
      .on(table.tag, table.categoryId, table.startsAtMs, table.eventId, table.endsAtMs)
      .where(sql`listed = 1`),
  ],
);

/** Tags that were renamed, or taken out: what events that have one, or get one, have instead. No target has a rule of its own. */
export const tagRules = sqliteTable(
  "tag_rules",
  {
    name: text("name").primaryKey(),
    /** Null: the tag is left out. */
    target: text("target"),
    /** Whether events may still have it; set by a trigger whenever an event comes to have it. */
    pending: integer("pending", { mode: "boolean" }).notNull(),
    atMs: integer("at_ms").notNull(),
  },
  (table) => [
    index("tag_rules_pending").on(table.name).where(sql`pending = 1`),
    index("tag_rules_by_target").on(table.target),
  ],
);
