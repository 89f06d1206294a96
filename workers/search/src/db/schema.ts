import { deadLetters, inbox } from "@foyer/messaging/tables";
import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";

export { deadLetters, inbox };

/**
 * One row for every event that search has heard of: the document, its prices and stock, and, after it was taken down, a
 * tombstone (`listed = 0`) whose version keeps late news from bringing it back. The texts are indexed by the FTS5 table
 * `documents_fts`, which triggers keep in step (second migration). Long columns come last: SQLite reads a row from the left
 * and stops at the last column that a query needs.
 */
export const documents = sqliteTable(
  "documents",
  {
    id: integer("id").primaryKey(),
    eventId: text("event_id").notNull().unique(),
    organizationId: text("organization_id").notNull(),
    /** Of the event; 0 while only its prices are known. */
    version: integer("version").notNull(),
    /** 1 while the event is published. */
    listed: integer("listed").notNull(),
    /** 1 once the event is over; set by cron, so that the lists of what is to come need not pass over all that was. */
    finished: integer("finished").notNull().default(0),
    startsAtMs: integer("starts_at_ms").notNull().default(0),
    endsAtMs: integer("ends_at_ms").notNull().default(0),
    online: integer("online").notNull().default(0),
    latitude: real("latitude"),
    longitude: real("longitude"),
    categoryId: text("category_id"),
    /** Of the prices; 0 while none are known. */
    saleSequence: integer("sale_sequence").notNull().default(0),
    priceMinMinor: integer("price_min_minor"),
    priceMaxMinor: integer("price_max_minor"),
    currency: text("currency"),
    soldOut: integer("sold_out").notNull().default(0),
    /** Wall clock at the event, computed once when it is indexed. */
    startsAtLocal: text("starts_at_local").notNull().default(""),
    timezone: text("timezone").notNull().default("UTC"),
    slug: text("slug").notNull().default(""),
    coverMediaId: text("cover_media_id"),
    title: text("title").notNull().default(""),
    categoryName: text("category_name").notNull().default(""),
    organizationName: text("organization_name").notNull().default(""),
    place: text("place").notNull().default(""),
    /** JSON array, as the organizer wrote them. */
    tags: text("tags").notNull().default("[]"),
    /** JSON array, as they are compared. */
    tagKeys: text("tag_keys").notNull().default("[]"),
    summary: text("summary").notNull().default(""),
    description: text("description").notNull().default(""),
  },
  (table) => [
    // Everything that is filtered and sorted by, in rows of a tenth of the table's: what a text matches is looked up here.
    index("documents_narrow").on(
      table.id,
      table.listed,
      table.finished,
      table.startsAtMs,
      table.endsAtMs,
      table.categoryId,
      table.organizationId,
      table.online,
      table.priceMinMinor,
      table.currency,
      table.latitude,
      table.longitude,
    ),
    index("documents_upcoming")
      .on(
        table.startsAtMs,
        table.id,
        table.listed,
        table.finished,
        table.endsAtMs,
        table.categoryId,
        table.organizationId,
        table.online,
        table.priceMinMinor,
        table.currency,
        table.latitude,
        table.longitude,
      )
      .where(sql`listed = 1 AND finished = 0`),
    index("documents_by_start").on(table.startsAtMs, table.id).where(sql`listed = 1`),
    index("documents_by_category").on(table.categoryId, table.startsAtMs, table.id).where(sql`listed = 1`),
    index("documents_by_organization").on(table.organizationId, table.startsAtMs, table.id).where(sql`listed = 1`),
    index("documents_by_place").on(table.latitude, table.longitude).where(sql`listed = 1 AND finished = 0`),
    index("documents_to_finish").on(table.endsAtMs).where(sql`listed = 1 AND finished = 0`),
    check("documents_version_counts", sql`version >= 0 AND sale_sequence >= 0`),
  ],
);

/** Tags of listed documents, kept in step by the triggers of `documents`. */
export const documentTags = sqliteTable(
  "document_tags",
  {
    tag: text("tag").notNull(),
    documentId: integer("document_id").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tag, table.documentId] }),
    index("document_tags_by_document").on(table.documentId, table.tag),
  ],
);

/** Every word of a title, tag, place or organization, folded; what misspelled words are compared with. */
export const words = sqliteTable("words", {
  id: integer("id").primaryKey(),
  word: text("word").notNull().unique(),
});
