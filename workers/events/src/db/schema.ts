import { idempotencyKeys } from "@foyer/http/idempotency-d1";
import { deadLetters, inbox, outbox } from "@foyer/messaging/tables";
import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

export { deadLetters, idempotencyKeys, inbox, outbox };

export const categories = sqliteTable("categories", {
  id: text("id").primaryKey(),
  slug: text("slug").notNull().unique(),
  name: text("name").notNull(),
  version: integer("version").notNull(),
});

/** One row an event. Its name and its organization's name are kept here, so that a page is one row read. */
export const events = sqliteTable(
  "events",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id").notNull(),
    organizationName: text("organization_name").notNull(),
    slug: text("slug").notNull().unique(),
    status: text("status", { enum: ["draft", "published", "cancelled", "archived"] }).notNull(),
    version: integer("version").notNull(),
    title: text("title").notNull(),
    summary: text("summary").notNull(),
    description: text("description").notNull(),
    startsAtMs: integer("starts_at_ms"),
    endsAtMs: integer("ends_at_ms"),
    timezone: text("timezone").notNull(),
    /** JSON, as the API's location. */
    location: text("location"),
    categoryId: text("category_id").references(() => categories.id),
    /** JSON array of texts. */
    tags: text("tags").notNull(),
    visibility: text("visibility", { enum: ["public", "unlisted"] }).notNull(),
    coverMediaId: text("cover_media_id"),
    createdAtMs: integer("created_at_ms").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
    /** First publication; stays when the event is withdrawn. */
    publishedAtMs: integer("published_at_ms"),
  },
  (table) => [
    // The public list walks these in order; the end is in the index so that ended events are skipped without a row read.
    index("events_listed")
      .on(table.startsAtMs, table.id, table.endsAtMs)
      .where(sql`status = 'published' AND visibility = 'public'`),
    index("events_listed_by_category")
      .on(table.categoryId, table.startsAtMs, table.id, table.endsAtMs)
      .where(sql`status = 'published' AND visibility = 'public'`),
    index("events_listed_by_organization")
      .on(table.organizationId, table.startsAtMs, table.id, table.endsAtMs)
      .where(sql`status = 'published' AND visibility = 'public'`),
    index("events_of_organization").on(table.organizationId, table.id),
    index("events_of_organization_by_status").on(table.organizationId, table.status, table.id),
    index("events_of_category").on(table.categoryId),
    check("events_end_after_start", sql`starts_at_ms IS NULL OR ends_at_ms IS NULL OR ends_at_ms > starts_at_ms`),
  ],
);

/**
 * Who changed an event, and how. A change first claims its version here: of two at once the key lets one through and the
 * other's whole batch is undone, outbox rows included.
 */
export const eventChanges = sqliteTable(
  "event_changes",
  {
    eventId: text("event_id")
      .notNull()
      .references(() => events.id, { onDelete: "cascade" }),
    version: integer("version").notNull(),
    action: text("action").notNull(),
    actor: text("actor").notNull(),
    atMs: integer("at_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.eventId, table.version] })],
);

export const media = sqliteTable(
  "media",
  {
    id: text("id").primaryKey(),
    eventId: text("event_id")
      .notNull()
      .references(() => events.id),
    /** Which of an event's limited places for images this one takes; two cannot take the same. */
    slot: integer("slot").notNull(),
    contentType: text("content_type").notNull(),
    sizeBytes: integer("size_bytes").notNull(),
    width: integer("width").notNull(),
    height: integer("height").notNull(),
    /** Lower-case hex of the whole object. */
    sha256: text("sha256").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
  },
  (table) => [
    index("media_of_event").on(table.eventId, table.id),
    uniqueIndex("media_by_slot").on(table.eventId, table.slot),
  ],
);

/**
 * Objects that have no row in `media` and are to be removed from the bucket. An upload is entered here before its first
 * byte and struck out by the batch that makes it visible, so one that dies on the way is swept.
 */
export const mediaRemovals = sqliteTable(
  "media_removals",
  { mediaId: text("media_id").primaryKey(), notBeforeMs: integer("not_before_ms").notNull() },
  (table) => [index("media_removals_by_time").on(table.notBeforeMs)],
);

/**
 * Organizations that closed, because nothing of theirs was open. Written with the answer that lets them close, and heeded by whatever
 * publishes: an event that was about to be published when its organization asked is either counted, or stays unpublished.
 */
export const closedOrganizations = sqliteTable("closed_organizations", {
  organizationId: text("organization_id").primaryKey(),
  closedAtMs: integer("closed_at_ms").notNull(),
});
