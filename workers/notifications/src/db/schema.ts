import { deliveryStatuses, mailKinds } from "@foyer/contracts/notifications/api";
import { deadLetters, inbox, outbox } from "@foyer/messaging/tables";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

export { deadLetters, inbox, outbox };

/** One row for each mail, which makes it go out once. Neither its address nor what it says is kept. */
export const deliveries = sqliteTable(
  "deliveries",
  {
    /** Also the provider's idempotency key. */
    id: text("id").primaryKey(),
    messageId: text("message_id").notNull(),
    kind: text("kind", { enum: mailKinds }).notNull(),
    /** SHA-256 over message id and address, so that rows of one person cannot be told apart from others'; the row's id where they are forgotten. */
    recipientHash: text("recipient_hash").notNull(),
    /** Empty where they are forgotten. */
    recipientMasked: text("recipient_masked").notNull(),
    status: text("status", { enum: deliveryStatuses }).notNull(),
    attempts: integer("attempts").notNull(),
    /** How often the provider refused it for good; each further try is a new one to the provider. */
    refusals: integer("refusals").notNull().default(0),
    /** Until when one sender holds the row; 0 where nobody does. */
    leaseUntilMs: integer("lease_until_ms").notNull(),
    provider: text("provider").notNull(),
    providerMessageId: text("provider_message_id"),
    errorClass: text("error_class"),
    createdAtMs: integer("created_at_ms").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
    sentAtMs: integer("sent_at_ms"),
  },
  (table) => [
    uniqueIndex("deliveries_once").on(table.messageId, table.kind, table.recipientHash),
    index("deliveries_by_time").on(table.createdAtMs, table.id),
    index("deliveries_by_recipient").on(table.recipientMasked, table.createdAtMs, table.id),
    index("deliveries_by_status").on(table.status, table.createdAtMs, table.id),
  ],
);
