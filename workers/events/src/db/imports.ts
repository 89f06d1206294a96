import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Files of events that an organization has sent, each with a report of its lines. */
export const eventImports = sqliteTable(
  "event_imports",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id").notNull(),
    status: text("status", { enum: ["checked", "running", "done"] }).notNull(),
    /** Who sent it, for the histories of the events that come of it. */
    actor: text("actor").notNull(),
    /** JSON: which columns were understood, and which were not. */
    columns: text("columns").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    finishedAtMs: integer("finished_at_ms"),
  },
  (table) => [
    index("event_imports_of_organization").on(table.organizationId, table.id),
    index("event_imports_by_status").on(table.status, table.createdAtMs),
  ],
);

/** One line of an imported file: what it would make, what is wrong with it, or what it has made. */
export const eventImportLines = sqliteTable(
  "event_import_lines",
  {
    importId: text("import_id")
      .notNull()
      .references(() => eventImports.id, { onDelete: "cascade" }),
    /** Number in the file; the header is 1. */
    line: integer("line").notNull(),
    status: text("status", { enum: ["good", "bad", "made", "failed"] }).notNull(),
    title: text("title").notNull(),
    /** JSON: the body of the new event; empty where the line is bad. */
    body: text("body").notNull(),
    externalId: text("external_id"),
    /** JSON array of faults by column. */
    errors: text("errors").notNull(),
    /** Of the event that it makes, given beforehand, so that making it twice makes one. */
    eventId: text("event_id"),
  },
  (table) => [
    primaryKey({ columns: [table.importId, table.line] }),
    index("event_import_lines_by_status").on(table.importId, table.status, table.line),
  ],
);

/** Events by their ids where they came from: the same file sent twice makes nothing twice. */
export const importedEvents = sqliteTable(
  "imported_events",
  {
    organizationId: text("organization_id").notNull(),
    externalId: text("external_id").notNull(),
    eventId: text("event_id").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.externalId] })],
);
