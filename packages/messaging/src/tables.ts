import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Messages that a committed change promised to send; one row for each destination, so that one slow queue delays no other. */
export const outbox = sqliteTable(
  "outbox",
  {
    /** `<message id>/<consumer>` */
    id: text("id").primaryKey(),
    consumer: text("consumer").notNull(),
    /** The envelope as JSON. */
    body: text("body").notNull(),
    attempts: integer("attempts").notNull().default(0),
    /** Not before this moment: a lease while a drain is sending, a back-off after it failed. */
    availableAtMs: integer("available_at_ms").notNull(),
  },
  (table) => [index("outbox_by_availability").on(table.availableAtMs)],
);

/** Ids of messages whose effect is in this database; written in the same batch as the effect. */
export const inbox = sqliteTable(
  "inbox",
  { messageId: text("message_id").primaryKey(), handledAtMs: integer("handled_at_ms").notNull() },
  (table) => [index("inbox_by_age").on(table.handledAtMs)],
);

/** Messages that could not be handled, kept until a person replays or discards them. */
export const deadLetters = sqliteTable(
  "dead_letters",
  {
    id: text("id").primaryKey(),
    messageId: text("message_id"),
    type: text("type"),
    body: text("body").notNull(),
    reason: text("reason").notNull(),
    storedAtMs: integer("stored_at_ms").notNull(),
    replayedAtMs: integer("replayed_at_ms"),
  },
  (table) => [index("dead_letters_by_time").on(table.storedAtMs)],
);
