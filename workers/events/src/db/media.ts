import { uploadStatuses } from "@foyer/contracts/events/media";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { events } from "./schema.ts";

/** What an event shows: one row each, over an object that rows of the same organization may share. */
export const media = sqliteTable(
  "media",
  {
    id: text("id").primaryKey(),
    eventId: text("event_id")
      .notNull()
      .references(() => events.id),
    /** Which of an event's limited places this one takes; two cannot take the same. */
    slot: integer("slot").notNull(),
    /** Its bytes: a row of `media_objects`, held to by triggers. */
    objectKey: text("object_key").notNull().default(""),
    contentType: text("content_type").notNull(),
    sizeBytes: integer("size_bytes").notNull(),
    /** Pixels; 0 of what has none. */
    width: integer("width").notNull(),
    height: integer("height").notNull(),
    /** Lower-case hex of the whole object. */
    sha256: text("sha256").notNull(),
    alt: text("alt").notNull().default(""),
    /** Place in the event's order, from 0; ties go by id. */
    position: integer("position").notNull().default(0),
    /** The upload in parts that it came by; one upload makes one row, however often it is completed. */
    uploadId: text("upload_id"),
    createdAtMs: integer("created_at_ms").notNull(),
  },
  (table) => [
    index("media_of_event").on(table.eventId, table.id),
    index("media_of_object").on(table.objectKey),
    uniqueIndex("media_by_slot").on(table.eventId, table.slot),
    uniqueIndex("media_of_upload").on(table.uploadId),
  ],
);

/** Bytes in the bucket that rows of `media` show: the same bytes once an organization. The last of its rows takes it along, by trigger. */
export const mediaObjects = sqliteTable(
  "media_objects",
  {
    /** Its key in the bucket: the id of the media that brought it. Variants are below that key. */
    key: text("key").primaryKey(),
    organizationId: text("organization_id").notNull(),
    sha256: text("sha256").notNull(),
    sizeBytes: integer("size_bytes").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
  },
  (table) => [uniqueIndex("media_objects_by_content").on(table.organizationId, table.sha256)],
);

/** Bytes of an organization's objects, kept by triggers on `media_objects`. */
export const mediaUsage = sqliteTable("media_usage", {
  organizationId: text("organization_id").primaryKey(),
  bytes: integer("bytes").notNull(),
});

/**
 * Keys of the bucket that nothing shows, to be removed with all that is below them. An upload is entered here before its first byte and
 * struck out by the batch that makes it visible, so one that dies on the way is swept.
 */
export const mediaRemovals = sqliteTable(
  "media_removals",
  { mediaId: text("media_id").primaryKey(), notBeforeMs: integer("not_before_ms").notNull() },
  (table) => [index("media_removals_by_time").on(table.notBeforeMs)],
);

/** Files that come in parts. While open, their size counts as taken. */
export const mediaUploads = sqliteTable(
  "media_uploads",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id").notNull(),
    eventId: text("event_id")
      .notNull()
      .references(() => events.id, { onDelete: "cascade" }),
    status: text("status", { enum: uploadStatuses }).notNull(),
    contentType: text("content_type").notNull(),
    sizeBytes: integer("size_bytes").notNull(),
    /** Of the file as its sender has it. */
    sha256: text("sha256"),
    alt: text("alt").notNull(),
    /** What became of it. */
    mediaId: text("media_id"),
    createdAtMs: integer("created_at_ms").notNull(),
    expiresAtMs: integer("expires_at_ms").notNull(),
  },
  (table) => [
    index("media_uploads_of_organization").on(table.organizationId, table.status, table.expiresAtMs),
    index("media_uploads_of_event").on(table.eventId),
    index("media_uploads_by_end").on(table.expiresAtMs),
  ],
);

/** Parts that have arrived: the bucket's tag says which bytes the row is about, should two have been sent at once. */
export const mediaUploadParts = sqliteTable(
  "media_upload_parts",
  {
    uploadId: text("upload_id")
      .notNull()
      .references(() => mediaUploads.id, { onDelete: "cascade" }),
    number: integer("number").notNull(),
    sizeBytes: integer("size_bytes").notNull(),
    sha256: text("sha256").notNull(),
    etag: text("etag").notNull(),
  },
  (table) => [primaryKey({ columns: [table.uploadId, table.number] })],
);
