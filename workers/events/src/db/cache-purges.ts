import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Tags of answers that caches in front of the platform are to forget. A trigger on `event_changes` enters them, so that no change
 * can forget to; the generation tells whether a tag was entered again while it was being purged.
 */
export const cachePurges = sqliteTable(
  "cache_purges",
  {
    tag: text("tag").primaryKey(),
    generation: integer("generation").notNull().default(1),
    attempts: integer("attempts").notNull().default(0),
    availableAtMs: integer("available_at_ms").notNull(),
  },
  (table) => [index("cache_purges_by_availability").on(table.availableAtMs)],
);
