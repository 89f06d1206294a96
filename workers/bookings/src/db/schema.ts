import { deadLetters, inbox, outbox } from "@foyer/messaging/tables";
import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export { deadLetters, inbox, outbox };

/** The query model of orders: a copy for lists. The box office's object is the truth. */
export const orders = sqliteTable(
  "orders",
  {
    id: text("id").primaryKey(),
    eventId: text("event_id").notNull(),
    organizationId: text("organization_id").notNull(),
    userId: text("user_id"),
    status: text("status").notNull(),
    /** Of the state that this row shows; an older one never replaces it. */
    sequence: integer("sequence").notNull(),
    /** Positions as JSON, as they are shown. */
    items: text("items").notNull(),
    /** Tickets of it that admit somebody, or have. */
    tickets: integer("tickets").notNull().default(0),
    totalMinor: integer("total_minor").notNull(),
    refundedMinor: integer("refunded_minor").notNull(),
    currency: text("currency").notNull(),
    buyerName: text("buyer_name").notNull(),
    buyerEmail: text("buyer_email").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
  },
  (table) => [
    index("orders_by_event").on(table.eventId, table.createdAtMs, table.id),
    index("orders_by_user").on(table.userId, table.createdAtMs, table.id).where(sql`${table.userId} IS NOT NULL`),
    // What an organization has sold is added up in here alone, without reading a row.
    index("orders_sold")
      .on(
        table.organizationId,
        table.eventId,
        table.currency,
        table.status,
        table.totalMinor,
        table.refundedMinor,
        table.tickets,
      )
      .where(sql`${table.status} IN ('confirmed', 'partially_refunded')`),
    index("orders_by_address").on(table.buyerEmail, table.createdAtMs, table.id),
  ],
);

/** Persons who were erased lately: an order of theirs that comes late is forgotten when it comes. */
export const erasedPersons = sqliteTable(
  "erased_persons",
  {
    /** An account's id, or a keyed hash of an address. */
    key: text("key").primaryKey(),
    requestedAtMs: integer("requested_at_ms").notNull(),
  },
  (table) => [index("erased_persons_by_time").on(table.requestedAtMs)],
);
