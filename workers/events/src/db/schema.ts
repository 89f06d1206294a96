import { eventStatuses, visibilities } from "@foyer/contracts/events/api";
import { idempotencyKeys } from "@foyer/http/idempotency-d1";
import { deadLetters, inbox, outbox } from "@foyer/messaging/tables";
import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { categories } from "./categories.ts";
import { listIndexes } from "./list-indexes.ts";

export { accessAttempts } from "./access.ts";
export { cachePurges } from "./cache-purges.ts";
export { followerCounts, follows } from "./follows.ts";
export { eventGuests, invitationMails } from "./guests.ts";
export { eventImportLines, eventImports, importedEvents } from "./imports.ts";
export { media, mediaObjects, mediaRemovals, mediaUploadParts, mediaUploads, mediaUsage } from "./media.ts";
export * from "./series.ts";
export { eventTags, tagRules, tags } from "./tags.ts";
export { venues } from "./venues.ts";
export { categories, deadLetters, idempotencyKeys, inbox, outbox };

/** One row an event. Its name and its organization's name are kept here, so that a page is one row read. */
export const events = sqliteTable(
  "events",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id").notNull(),
    organizationName: text("organization_name").notNull(),
    /** Its present slug; all that it ever had are in `event_slugs`. */
    slug: text("slug").notNull(),
    /** Whether it has that slug bare, as `event_slugs` says. */
    slugIsBare: integer("slug_is_bare", { mode: "boolean" }).notNull().default(true),
    status: text("status", { enum: eventStatuses }).notNull(),
    version: integer("version").notNull(),
    /** BCP 47 tag of the language that title and description are in. */
    locale: text("locale").notNull().default("en"),
    title: text("title").notNull(),
    summary: text("summary").notNull(),
    description: text("description").notNull(),
    /** JSON: further titles and descriptions by BCP 47 tag. */
    translations: text("translations").notNull().default("{}"),
    startsAtMs: integer("starts_at_ms"),
    endsAtMs: integer("ends_at_ms"),
    timezone: text("timezone").notNull(),
    allDay: integer("all_day", { mode: "boolean" }).notNull().default(false),
    /** JSON, as the API's location. */
    location: text("location"),
    /** The venue that the location is a copy of. */
    venueId: text("venue_id").generatedAlwaysAs(sql`json_extract(location, '$.venueId')`, { mode: "virtual" }),
    categoryId: text("category_id").references(() => categories.id),
    /** JSON array of texts. */
    tags: text("tags").notNull(),
    visibility: text("visibility", { enum: visibilities }).notNull(),
    /** Grows when somebody who could read it no longer may; grants name it. */
    accessVersion: integer("access_version").notNull().default(1),
    /** Keyed hash of a gated event's password. */
    passwordHash: text("password_hash"),
    minimumAge: integer("minimum_age"),
    /** JSON: contact, links, refund policy, words for search engines. */
    details: text("details").notNull().default("{}"),
    coverMediaId: text("cover_media_id"),
    createdAtMs: integer("created_at_ms").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
    /** First publication; stays when the event is withdrawn. */
    publishedAtMs: integer("published_at_ms"),
    /** When a scheduled event becomes public by itself. */
    publishAtMs: integer("publish_at_ms"),
    /** What the organizer says of a cancellation or postponement. */
    statusNote: text("status_note"),
    /** When it was to start before it was moved, for those who know the old date. */
    previousStartsAtMs: integer("previous_starts_at_ms"),
    /** Revision of its calendar entry (RFC 5545 SEQUENCE): grows with its time, place and status. */
    calendarSequence: integer("calendar_sequence").notNull().default(0),
    seriesId: text("series_id"),
    /** Wall-clock start that the series' rule gave it; stays when it is moved (RFC 5545 RECURRENCE-ID). */
    recurrenceId: text("recurrence_id"),
    /** JSON array: fields that it was given for itself, which a change of its whole series leaves alone. */
    overrides: text("overrides").notNull().default("[]"),
    /** Its start, for members' lists: what has none yet comes last. */
    startOrderMs: integer("start_order_ms").generatedAlwaysAs(
      sql`CASE WHEN starts_at_ms IS NULL THEN 8640000000000000 ELSE starts_at_ms END`,
      { mode: "virtual" },
    ),
    /** Of the place, for lists: computed, so that it cannot differ from it. */
    city: text("city").generatedAlwaysAs(sql`lower(json_extract(location, '$.city'))`, { mode: "virtual" }),
    online: integer("online").generatedAlwaysAs(sql`json_extract(location, '$.kind') IN ('online', 'hybrid')`, {
      mode: "virtual",
    }),
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
    ...listIndexes(table),
    index("events_of_organization").on(table.organizationId, table.id),
    index("events_of_organization_by_status").on(table.organizationId, table.status, table.id),
    index("events_of_category").on(table.categoryId),
    // What the clock moves: what is due to be published, and what is over.
    index("events_to_publish").on(table.publishAtMs).where(sql`status = 'scheduled'`),
    index("events_to_complete").on(table.endsAtMs).where(sql`status = 'published'`),
    // What follows its venue, and keeps it from being deleted.
    index("events_at_venue")
      .on(table.venueId, table.id)
      .where(sql`venue_id IS NOT NULL AND status IN ('draft', 'scheduled', 'published', 'postponed')`),
    uniqueIndex("events_of_series").on(table.seriesId, table.recurrenceId).where(sql`series_id IS NOT NULL`),
    check("events_end_after_start", sql`starts_at_ms IS NULL OR ends_at_ms IS NULL OR ends_at_ms > starts_at_ms`),
  ],
);

/**
 * Every slug that an event has or had. A slug is its organization's own, and stays its event's for as long as that exists, so that old
 * links lead on. Who claims one first on the whole platform has it bare, as `/v1/events/{slug}`.
 */
export const eventSlugs = sqliteTable(
  "event_slugs",
  {
    organizationId: text("organization_id").notNull(),
    slug: text("slug").notNull(),
    eventId: text("event_id")
      .notNull()
      .references(() => events.id, { onDelete: "cascade" }),
    bare: integer("bare", { mode: "boolean" }).notNull(),
    claimedAtMs: integer("claimed_at_ms").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.slug] }),
    uniqueIndex("event_slugs_bare").on(table.slug).where(sql`bare = 1`),
    index("event_slugs_of_event").on(table.eventId),
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
    /** JSON array: fields that changed, or codes of what was missing. */
    about: text("about").notNull().default("[]"),
  },
  (table) => [primaryKey({ columns: [table.eventId, table.version] })],
);

/**
 * Organizations that closed, because nothing of theirs was open. Written with the answer that lets them close, and heeded by whatever
 * publishes: an event that was about to be published when its organization asked is either counted, or stays unpublished.
 */
export const closedOrganizations = sqliteTable("closed_organizations", {
  organizationId: text("organization_id").primaryKey(),
  closedAtMs: integer("closed_at_ms").notNull(),
});
