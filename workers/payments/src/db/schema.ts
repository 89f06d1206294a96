import { idempotencyKeys } from "@foyer/http/idempotency-d1";
import { deadLetters, inbox, outbox } from "@foyer/messaging/tables";
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

export { deadLetters, idempotencyKeys, inbox, outbox };

/** Attempts to pay an order. A row exists before the provider hears of it, so that a lost answer can be asked for again. */
export const payments = sqliteTable(
  "payments",
  {
    id: text("id").primaryKey(),
    orderId: text("order_id").notNull(),
    eventId: text("event_id").notNull(),
    organizationId: text("organization_id").notNull(),
    status: text("status", {
      enum: ["open", "processing", "succeeded", "failed", "cancelled", "expired"],
    }).notNull(),
    provider: text("provider", { enum: ["stripe"] }).notNull(),
    method: text("method", { enum: ["checkout", "intent"] }).notNull(),
    /** Which attempt of its order this is, from 1; with the order it makes the provider's idempotency key. */
    attempt: integer("attempt").notNull(),
    amountMinor: integer("amount_minor").notNull(),
    currency: text("currency").notNull(),
    intentId: text("intent_id"),
    sessionId: text("session_id"),
    /** What the provider is asked, word for word, until it has answered; then null, since it names the buyer. */
    pendingRequest: text("pending_request"),
    /** The order is gone: the payment is to be closed at the provider. */
    closing: integer("closing", { mode: "boolean" }).notNull().default(false),
    /** What bookings made of the money; null until it has answered. */
    orderOutcome: text("order_outcome", { enum: ["confirmed", "refund_due", "review"] }),
    failureReason: text("failure_reason"),
    expiresAtMs: integer("expires_at_ms").notNull(),
    paidAtMs: integer("paid_at_ms"),
    /** When the clockwork looks at it next; null when nothing is left to do. */
    nextCheckAtMs: integer("next_check_at_ms"),
    checks: integer("checks").notNull().default(0),
    version: integer("version").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
  },
  (table) => [
    uniqueIndex("payments_by_attempt").on(table.orderId, table.attempt),
    uniqueIndex("payments_one_live_per_order").on(table.orderId).where(sql`status IN ('open', 'processing')`),
    uniqueIndex("payments_by_intent").on(table.intentId).where(sql`intent_id IS NOT NULL`),
    uniqueIndex("payments_by_session").on(table.sessionId).where(sql`session_id IS NOT NULL`),
    index("payments_by_organization").on(table.organizationId, table.createdAtMs, table.id),
    index("payments_by_next_check").on(table.nextCheckAtMs).where(sql`next_check_at_ms IS NOT NULL`),
  ],
);

/** Money on its way back. Pending ones count against what was paid. */
export const refunds = sqliteTable(
  "refunds",
  {
    id: text("id").primaryKey(),
    paymentId: text("payment_id")
      .notNull()
      .references(() => payments.id),
    orderId: text("order_id").notNull(),
    eventId: text("event_id").notNull(),
    organizationId: text("organization_id").notNull(),
    status: text("status", { enum: ["pending", "succeeded", "failed"] }).notNull(),
    /** `organizer`, `refund_due` (the order could not be honoured) or `provider` (made outside the platform). */
    origin: text("origin", { enum: ["organizer", "refund_due", "provider"] }).notNull(),
    /** The provider's idempotency key; one refund for each. */
    providerKey: text("provider_key").notNull(),
    providerRefundId: text("provider_refund_id"),
    amountMinor: integer("amount_minor").notNull(),
    currency: text("currency").notNull(),
    reason: text("reason").notNull(),
    /** JSON array of ticket ids. */
    ticketIds: text("ticket_ids").notNull(),
    failureReason: text("failure_reason"),
    /** When bookings was told; null until then. */
    recordedAtMs: integer("recorded_at_ms"),
    nextCheckAtMs: integer("next_check_at_ms"),
    checks: integer("checks").notNull().default(0),
    version: integer("version").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
  },
  (table) => [
    uniqueIndex("refunds_by_provider_key").on(table.providerKey),
    uniqueIndex("refunds_by_provider_refund").on(table.providerRefundId).where(sql`provider_refund_id IS NOT NULL`),
    index("refunds_by_payment").on(table.paymentId),
    index("refunds_by_next_check").on(table.nextCheckAtMs).where(sql`next_check_at_ms IS NOT NULL`),
  ],
);

/**
 * Every change of a payment's or refund's status. The key is what makes a change happen once: of two that start from the
 * same version, the second fails with all that its batch would have written.
 */
export const statusChanges = sqliteTable(
  "status_changes",
  {
    subjectId: text("subject_id").notNull(),
    version: integer("version").notNull(),
    fromStatus: text("from_status"),
    toStatus: text("to_status").notNull(),
    cause: text("cause").notNull(),
    atMs: integer("at_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.subjectId, table.version] })],
);

/** Double-entry bookkeeping, append-only: the lines of one transaction add up to zero. Debits are positive. */
export const ledgerEntries = sqliteTable(
  "ledger_entries",
  {
    transactionId: text("transaction_id").notNull(),
    line: integer("line").notNull(),
    account: text("account").notNull(),
    organizationId: text("organization_id").notNull(),
    paymentId: text("payment_id").notNull(),
    refundId: text("refund_id"),
    amountMinor: integer("amount_minor").notNull(),
    currency: text("currency").notNull(),
    atMs: integer("at_ms").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.transactionId, table.line] }),
    index("ledger_entries_by_organization").on(table.organizationId, table.atMs),
    index("ledger_entries_by_payment").on(table.paymentId),
  ],
);

/** What the provider told, as it came, under its own id. */
export const providerEvents = sqliteTable(
  "provider_events",
  {
    id: text("id").primaryKey(),
    type: text("type").notNull(),
    /** Word for word until it has been acted on; then emptied where its buyer is forgotten. */
    body: text("body").notNull(),
    /** The payment that it is about, where it says so. */
    paymentId: text("payment_id"),
    state: text("state", { enum: ["received", "done", "failed"] }).notNull(),
    attempts: integer("attempts").notNull().default(0),
    nextAttemptAtMs: integer("next_attempt_at_ms"),
    error: text("error"),
    receivedAtMs: integer("received_at_ms").notNull(),
    finishedAtMs: integer("finished_at_ms"),
  },
  (table) => [
    index("provider_events_by_next_attempt").on(table.nextAttemptAtMs).where(sql`next_attempt_at_ms IS NOT NULL`),
    index("provider_events_by_age").on(table.receivedAtMs),
    index("provider_events_by_payment").on(table.paymentId).where(sql`payment_id IS NOT NULL`),
  ],
);

/** Orders whose buyer is forgotten: nothing that names a person is kept of their payments, whatever comes later. */
export const forgottenOrders = sqliteTable("forgotten_orders", {
  orderId: text("order_id").primaryKey(),
  forgottenAtMs: integer("forgotten_at_ms").notNull(),
});

/** Payments that a person has to look at; one open case for each subject and reason. */
export const reviewCases = sqliteTable(
  "review_cases",
  {
    id: text("id").primaryKey(),
    reason: text("reason").notNull(),
    /** The payment's id, or the provider's reference where no payment is known. */
    subject: text("subject").notNull(),
    paymentId: text("payment_id"),
    orderId: text("order_id"),
    organizationId: text("organization_id"),
    providerReference: text("provider_reference"),
    detail: text("detail").notNull(),
    openedAtMs: integer("opened_at_ms").notNull(),
    resolvedAtMs: integer("resolved_at_ms"),
    /** What was done about it, and by whom; null where it put itself right. */
    resolution: text("resolution"),
    resolvedBy: text("resolved_by"),
  },
  (table) => [
    uniqueIndex("review_cases_open").on(table.subject, table.reason).where(sql`resolved_at_ms IS NULL`),
    index("review_cases_by_time").on(table.openedAtMs, table.id),
  ],
);
