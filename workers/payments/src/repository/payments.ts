import type { AnyEnvelope } from "@foyer/contracts/messages/envelope";
import type { PaymentMethod } from "@foyer/contracts/payments/api";
import type { PaymentStatus } from "@foyer/contracts/payments/rpc";
import type { EventId, OrderId, OrganizationId, PaymentId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { outboxStatements } from "@foyer/messaging/outbox-d1";
import type { LedgerEntry } from "../domain/ledger.ts";
import type { OrderOutcome, Payment, ProviderRequest } from "../domain/payment.ts";
import type { ProviderIds } from "../service/ports.ts";
import { buyerIsForgotten } from "./forgotten-orders.ts";
import { changeStatement, commitChange, ledgerStatements, resolveStatement } from "./statements.ts";

interface PaymentRow {
  readonly id: PaymentId;
  readonly orderId: OrderId;
  readonly eventId: EventId;
  readonly organizationId: OrganizationId;
  readonly status: PaymentStatus;
  readonly method: PaymentMethod;
  readonly attempt: number;
  readonly amountMinor: number;
  readonly currency: string;
  readonly intentId: string | null;
  readonly sessionId: string | null;
  readonly pendingRequest: string | null;
  readonly closing: number;
  readonly orderOutcome: OrderOutcome | null;
  readonly failureReason: string | null;
  readonly expiresAtMs: number;
  readonly paidAtMs: number | null;
  readonly nextCheckAtMs: number | null;
  readonly checks: number;
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

const columns = `id, order_id AS orderId, event_id AS eventId, organization_id AS organizationId, status, method, attempt,
  amount_minor AS amountMinor, currency, intent_id AS intentId, session_id AS sessionId, pending_request AS pendingRequest,
  closing, order_outcome AS orderOutcome, failure_reason AS failureReason, expires_at_ms AS expiresAtMs,
  paid_at_ms AS paidAtMs, next_check_at_ms AS nextCheckAtMs, checks, version, created_at_ms AS createdAtMs,
  updated_at_ms AS updatedAtMs`;

function toPayment(row: PaymentRow): Payment {
  const { amountMinor, currency, pendingRequest, closing, ...rest } = row;
  return {
    ...rest,
    amount: { amount: amountMinor, currency },
    // Written by `add` from a value of this type, and by nobody else.
    pendingRequest: pendingRequest === null ? null : (JSON.parse(pendingRequest) as ProviderRequest),
    closing: closing === 1,
  };
}

/** A payment in an organizer's list. */
export interface ListedPayment extends Payment {
  readonly refundedMinor: number;
  readonly underReview: boolean;
}

/** One step of a payment, with everything that must be written with it. */
export interface PaymentMove {
  readonly to: PaymentStatus;
  readonly cause: string;
  readonly failureReason: string | null;
  readonly paidAtMs: number | null;
  readonly nextCheckAtMs: number | null;
  /** Under which the provider keeps it; null where nothing new is known. */
  readonly ids: ProviderIds | null;
  readonly entries: readonly LedgerEntry[];
  readonly messages: readonly AnyEnvelope[];
  readonly nowMs: number;
}

export type PaymentRepository = ReturnType<typeof createPaymentRepository>;

/** Payments in D1. */
export function createPaymentRepository(db: D1Database) {
  const first = async (where: string, ...values: unknown[]): Promise<Payment | null> => {
    const row = await db
      .prepare(`SELECT ${columns} FROM payments WHERE ${where}`)
      .bind(...values)
      .first<PaymentRow>();
    return row === null ? null : toPayment(row);
  };

  return {
    get: (id: PaymentId) => first("id = ?1", id),

    /** The newest attempt to pay an order. */
    latestOf: (orderId: OrderId) => first("order_id = ?1 ORDER BY attempt DESC LIMIT 1", orderId),

    findByProviderIds: ({ sessionId, intentId }: ProviderIds) =>
      first("session_id = ?1 OR intent_id = ?2 LIMIT 1", sessionId, intentId),

    /**
     * Adds an attempt, unless the order has one that is live or paid, or this attempt's number is taken: of any number at
     * once, one is added.
     */
    async add(payment: Payment): Promise<boolean> {
      const result = await db
        .prepare(
          `INSERT INTO payments (id, order_id, event_id, organization_id, status, provider, method, attempt, amount_minor,
             currency, pending_request, expires_at_ms, next_check_at_ms, version, created_at_ms, updated_at_ms)
           SELECT ?1, ?2, ?3, ?4, 'open', 'stripe', ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1, ?12, ?12
           WHERE NOT EXISTS (SELECT 1 FROM payments WHERE order_id = ?2
             AND (status IN ('open', 'processing', 'succeeded') OR attempt >= ?6))`,
        )
        .bind(
          payment.id,
          payment.orderId,
          payment.eventId,
          payment.organizationId,
          payment.method,
          payment.attempt,
          payment.amount.amount,
          payment.amount.currency,
          JSON.stringify(payment.pendingRequest),
          payment.expiresAtMs,
          payment.nextCheckAtMs,
          payment.createdAtMs,
        )
        .run();
      return result.meta.changes === 1;
    },

    /** Keeps the provider's ids, once known, and forgets the request that they answer. */
    async learnIds(id: PaymentId, ids: ProviderIds): Promise<void> {
      await db
        .prepare(
          `UPDATE payments SET intent_id = COALESCE(intent_id, ?2), session_id = COALESCE(session_id, ?3), pending_request = NULL
           WHERE id = ?1`,
        )
        .bind(id, ids.intentId, ids.sessionId)
        .run();
    },

    /** Makes a step from the version that was read; false where somebody else was faster. */
    move(payment: Payment, move: PaymentMove): Promise<boolean> {
      const { nowMs } = move;
      const version = payment.version + 1;
      return commitChange(db, [
        changeStatement(db, { subjectId: payment.id, version, from: payment.status, ...move }),
        db
          .prepare(
            `UPDATE payments SET status = ?3, failure_reason = ?4, paid_at_ms = COALESCE(paid_at_ms, ?5),
               next_check_at_ms = ?6, checks = 0, pending_request = NULL, version = version + 1, updated_at_ms = ?7,
               intent_id = COALESCE(intent_id, ?8), session_id = COALESCE(session_id, ?9)
             WHERE id = ?1 AND version = ?2`,
          )
          .bind(
            payment.id,
            payment.version,
            move.to,
            move.failureReason,
            move.paidAtMs,
            move.nextCheckAtMs,
            nowMs,
            move.ids?.intentId ?? null,
            move.ids?.sessionId ?? null,
          ),
        ...(move.to === "succeeded"
          ? [resolveStatement(db, payment.id, ["amount_mismatch", "metadata_mismatch"], nowMs)]
          : []),
        ...ledgerStatements(db, move.entries, nowMs),
        ...outboxStatements(db, move.messages, nowMs),
      ]);
    },

    /**
     * Keeps what bookings made of the money. The first answer stands; only a review may be followed by another, which then
     * closes its case.
     */
    async recordOutcome(
      id: PaymentId,
      outcome: OrderOutcome,
      times: { readonly nextCheckAtMs: number | null; readonly nowMs: number },
    ): Promise<void> {
      await db.batch([
        db
          .prepare(
            `UPDATE payments SET order_outcome = ?2, next_check_at_ms = ?3
             WHERE id = ?1 AND (order_outcome IS NULL OR order_outcome = 'review')`,
          )
          .bind(id, outcome, times.nextCheckAtMs),
        ...(outcome === "review" ? [] : [resolveStatement(db, id, ["order_not_confirmable"], times.nowMs)]),
      ]);
    },

    /** Marks the order's live payment as one to be closed, and returns it. */
    async requestClosing(orderId: OrderId, nextCheckAtMs: number): Promise<PaymentId | null> {
      const row = await db
        .prepare(
          `UPDATE payments SET closing = 1, next_check_at_ms = ?2
           WHERE order_id = ?1 AND status IN ('open', 'processing') RETURNING id`,
        )
        .bind(orderId, nextCheckAtMs)
        .first<{ id: PaymentId }>();
      return row?.id ?? null;
    },

    /** When it is looked at next; null for nobody's asking again, and then a forgotten buyer's request goes. */
    async setNextCheck(id: PaymentId, nextCheckAtMs: number | null): Promise<void> {
      await db
        .prepare(
          `UPDATE payments SET next_check_at_ms = ?2,
             pending_request = IIF(?2 IS NULL AND ${buyerIsForgotten}, NULL, pending_request)
           WHERE id = ?1`,
        )
        .bind(id, nextCheckAtMs)
        .run();
    },

    /**
     * Takes payments that are due for a look, and puts their next look off, longer each time: an open one at its expiry at
     * the latest, money without an answer from bookings every minute at first. Money goes before pages that nobody has paid:
     * its order's places are held for a while only, and a rush leaves more open pages than one run can look at.
     */
    async claimDue(nowMs: number): Promise<Payment[]> {
      const { results } = await db
        .prepare(
          `UPDATE payments SET checks = checks + 1, next_check_at_ms = MIN(
             CASE WHEN status = 'open' AND expires_at_ms > ?1 THEN expires_at_ms + 1000 ELSE ?1 + ?4 END,
             ?1 + (CASE WHEN closing = 1 OR status = 'succeeded' THEN 60000 ELSE ?3 END) * (1 << MIN(checks, 8)))
           WHERE id IN (SELECT id FROM payments WHERE next_check_at_ms <= ?1
             ORDER BY status <> 'succeeded', next_check_at_ms LIMIT ?2)
           RETURNING ${columns}`,
        )
        .bind(
          nowMs,
          limits.paymentsPerSweepMax,
          limits.paymentCheckDelaySeconds * 1000,
          limits.paymentCheckDelaySecondsMax * 1000,
        )
        .all<PaymentRow>();
      return results.map(toPayment);
    },

    /** All attempts to pay these orders, newest first. */
    async listOfOrders(orderIds: readonly OrderId[]): Promise<Payment[]> {
      const { results } = await db
        .prepare(
          `SELECT ${columns} FROM payments WHERE order_id IN (SELECT value FROM json_each(?1))
           ORDER BY created_at_ms DESC, id DESC`,
        )
        .bind(JSON.stringify(orderIds))
        .all<PaymentRow>();
      return results.map(toPayment);
    },

    /** An organizer's payments, newest first; at most `limit`. */
    async list(filter: {
      readonly organizationId: OrganizationId;
      readonly status: PaymentStatus | null;
      readonly orderId: OrderId | null;
      readonly limit: number;
      readonly before: readonly [number, string] | null;
    }): Promise<ListedPayment[]> {
      const [beforeMs, beforeId] = filter.before ?? [Number.MAX_SAFE_INTEGER, ""];
      const { results } = await db
        .prepare(
          `SELECT ${columns},
             (SELECT COALESCE(SUM(r.amount_minor), 0) FROM refunds r
              WHERE r.payment_id = payments.id AND r.status IN ('pending', 'succeeded')) AS refundedMinor,
             EXISTS (SELECT 1 FROM review_cases c WHERE c.subject = payments.id AND c.resolved_at_ms IS NULL) AS underReview
           FROM payments
           WHERE organization_id = ?1 AND (?2 IS NULL OR status = ?2) AND (?3 IS NULL OR order_id = ?3)
             AND (created_at_ms, id) < (?4, ?5)
           ORDER BY created_at_ms DESC, id DESC LIMIT ?6`,
        )
        .bind(filter.organizationId, filter.status, filter.orderId, beforeMs, beforeId, filter.limit)
        .all<PaymentRow & { refundedMinor: number; underReview: number }>();
      return results.map(({ refundedMinor, underReview, ...row }) => ({
        ...toPayment(row),
        refundedMinor,
        underReview: underReview === 1,
      }));
    },
  };
}
