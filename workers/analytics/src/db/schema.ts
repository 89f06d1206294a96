import { deadLetters, inbox } from "@foyer/messaging/tables";
import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export { deadLetters, inbox };

/**
 * What happened, once for each thing it can happen to: an order is confirmed once, a ticket is first admitted once. Of two
 * messages that tell the same, the earlier counts, whichever comes first. Triggers (second migration) keep the sums in
 * `hourly` and `totals` in step with every insert and change; what is deleted by age stays in the sums.
 */
export const facts = sqliteTable(
  "facts",
  {
    kind: text("kind").notNull(),
    /** Id of what it happened to: order, ticket, refund; the message of a view or of a count of reservations; event and hash of a visitor. */
    subject: text("subject").notNull(),
    eventId: text("event_id").notNull(),
    /** Null where the message does not say, as with views. */
    organizationId: text("organization_id"),
    atMs: integer("at_ms").notNull(),
    /** One, or what a message counted. */
    count: integer("count").notNull(),
    tickets: integer("tickets").notNull(),
    amountMinor: integer("amount_minor").notNull(),
    /** Empty where there is no money in it. */
    currency: text("currency").notNull(),
    source: text("source"),
    messageId: text("message_id").notNull(),
    recordedAtMs: integer("recorded_at_ms").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.kind, table.subject] }),
    index("facts_by_age").on(table.kind, table.atMs),
    check("facts_count_up", sql`at_ms >= 0 AND count > 0 AND tickets >= 0 AND amount_minor >= 0`),
  ],
);

const sums = {
  count: integer("count").notNull(),
  tickets: integer("tickets").notNull(),
  amountMinor: integer("amount_minor").notNull(),
};

/** Sums of facts by event, hour (UTC), kind and currency. Written by triggers only. */
export const hourly = sqliteTable(
  "hourly",
  {
    eventId: text("event_id").notNull(),
    kind: text("kind").notNull(),
    hourMs: integer("hour_ms").notNull(),
    currency: text("currency").notNull(),
    ...sums,
  },
  (table) => [primaryKey({ columns: [table.eventId, table.kind, table.hourMs, table.currency] })],
);

/** Sums of facts by event, kind and currency. Written by triggers only. */
export const totals = sqliteTable(
  "totals",
  {
    eventId: text("event_id").notNull(),
    kind: text("kind").notNull(),
    currency: text("currency").notNull(),
    ...sums,
    updatedAtMs: integer("updated_at_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.eventId, table.kind, table.currency] })],
);

/** Whose event it is, from the first message that says so. Written by triggers only. */
export const eventOwners = sqliteTable(
  "event_owners",
  { eventId: text("event_id").primaryKey(), organizationId: text("organization_id").notNull() },
  (table) => [index("event_owners_by_organization").on(table.organizationId, table.eventId)],
);
