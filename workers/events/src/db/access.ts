import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** What is remembered of guesses at an event's password, by a keyed hash of the event, and of the network where it is counted for one. */
export const accessAttempts = sqliteTable(
  "access_attempts",
  {
    key: text("key").primaryKey(),
    count: integer("count").notNull(),
    /** No attempt is taken before this moment. */
    lockedUntilMs: integer("locked_until_ms").notNull(),
    lastAtMs: integer("last_at_ms").notNull(),
  },
  (table) => [index("access_attempts_by_age").on(table.lastAtMs)],
);
