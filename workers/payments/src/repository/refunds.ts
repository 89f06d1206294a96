import type { AnyEnvelope } from "@foyer/contracts/messages/envelope";
import type { RefundStatus } from "@foyer/contracts/payments/api";
import type { EventId, OrderId, OrganizationId, PaymentId, RefundId, TicketId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { outboxStatements } from "@foyer/messaging/outbox-d1";
import type { LedgerEntry } from "../domain/ledger.ts";
import type { Refund, RefundOrigin } from "../domain/refund.ts";
import {
  changeStatement,
  commitChange,
  ledgerStatements,
  type NewReviewCase,
  openCaseStatement,
} from "./statements.ts";

interface RefundRow {
  readonly id: RefundId;
  readonly paymentId: PaymentId;
  readonly orderId: OrderId;
  readonly eventId: EventId;
  readonly organizationId: OrganizationId;
  readonly status: RefundStatus;
  readonly origin: RefundOrigin;
  readonly providerKey: string;
  readonly providerRefundId: string | null;
  readonly amountMinor: number;
  readonly currency: string;
  readonly reason: string;
  readonly ticketIds: string;
  readonly failureReason: string | null;
  readonly recordedAtMs: number | null;
  readonly nextCheckAtMs: number | null;
  readonly checks: number;
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

const columns = `id, payment_id AS paymentId, order_id AS orderId, event_id AS eventId, organization_id AS organizationId,
  status, origin, provider_key AS providerKey, provider_refund_id AS providerRefundId, amount_minor AS amountMinor, currency,
  reason, ticket_ids AS ticketIds, failure_reason AS failureReason, recorded_at_ms AS recordedAtMs,
  next_check_at_ms AS nextCheckAtMs, checks, version, created_at_ms AS createdAtMs, updated_at_ms AS updatedAtMs`;

function toRefund(row: RefundRow): Refund {
  const { amountMinor, currency, ticketIds, ...rest } = row;
  return {
    ...rest,
    amount: { amount: amountMinor, currency },
    ticketIds: JSON.parse(ticketIds) as TicketId[], // written by `add` from ids, and by nobody else
  };
}

/** A refund to be added; what it shares with its payment is taken from there. */
export interface NewRefund {
  readonly id: RefundId;
  readonly paymentId: PaymentId;
  readonly origin: RefundOrigin;
  readonly providerKey: string;
  readonly providerRefundId: string | null;
  /** Null: all that is left. */
  readonly amountMinor: number | null;
  readonly reason: string;
  readonly ticketIds: readonly TicketId[];
  readonly nextCheckAtMs: number;
  readonly nowMs: number;
}

/** One step of a refund, with everything that must be written with it. */
export interface RefundMove {
  readonly to: RefundStatus;
  readonly cause: string;
  readonly failureReason: string | null;
  readonly nextCheckAtMs: number | null;
  readonly entries: readonly LedgerEntry[];
  readonly messages: readonly AnyEnvelope[];
  /** What a person has to see of this step; null where nothing is wrong. */
  readonly review: NewReviewCase | null;
  readonly nowMs: number;
}

export type RefundRepository = ReturnType<typeof createRefundRepository>;

/** Refunds in D1. */
export function createRefundRepository(db: D1Database) {
  const first = async (where: string, value: string): Promise<Refund | null> => {
    const row = await db.prepare(`SELECT ${columns} FROM refunds WHERE ${where}`).bind(value).first<RefundRow>();
    return row === null ? null : toRefund(row);
  };

  return {
    get: (id: RefundId) => first("id = ?1", id),
    findByKey: (providerKey: string) => first("provider_key = ?1", providerKey),
    findByProviderId: (providerRefundId: string) => first("provider_refund_id = ?1", providerRefundId),

    /**
     * Adds a refund. One statement decides: the payment has succeeded, and with this refund all that are pending or done stay
     * within what was paid, however many come at once. False where they would not, or where this key has one already.
     * What the provider reports as its own has happened, and is added in any case; how many there are is no reason to keep
     * money that is due back.
     */
    async add(refund: NewRefund): Promise<boolean> {
      const result = await db
        .prepare(
          `INSERT INTO refunds (id, payment_id, order_id, event_id, organization_id, status, origin, provider_key,
             provider_refund_id, amount_minor, currency, reason, ticket_ids, next_check_at_ms, version, created_at_ms, updated_at_ms)
           SELECT ?1, p.id, p.order_id, p.event_id, p.organization_id, 'pending', ?3, ?4, ?5,
             COALESCE(?6, p.amount_minor - p.taken), p.currency, ?7, ?8, ?9, 1, ?10, ?10
           FROM (SELECT payments.*,
                   (SELECT COALESCE(SUM(r.amount_minor), 0) FROM refunds r
                    WHERE r.payment_id = payments.id AND r.status IN ('pending', 'succeeded')) AS taken,
                   (SELECT COUNT(*) FROM refunds r WHERE r.payment_id = payments.id) AS count
                 FROM payments WHERE id = ?2) p
           WHERE p.status = 'succeeded' AND (?3 = 'provider' OR
             (p.amount_minor > p.taken AND p.amount_minor >= p.taken + COALESCE(?6, 0)
             AND (?3 = 'refund_due' OR p.count < ?11)))
           ON CONFLICT DO NOTHING`,
        )
        .bind(
          refund.id,
          refund.paymentId,
          refund.origin,
          refund.providerKey,
          refund.providerRefundId,
          refund.amountMinor,
          refund.reason,
          JSON.stringify(refund.ticketIds),
          refund.nextCheckAtMs,
          refund.nowMs,
          limits.refundsPerPaymentMax,
        )
        .run();
      return result.meta.changes === 1;
    },

    /** How many refunds a payment has, failed ones included. */
    async count(paymentId: PaymentId): Promise<number> {
      const row = await db
        .prepare("SELECT COUNT(*) AS count FROM refunds WHERE payment_id = ?1")
        .bind(paymentId)
        .first<{ count: number }>();
      return row?.count ?? 0;
    },

    /** All refunds of these orders' payments, newest first. */
    async listOfOrders(orderIds: readonly OrderId[]): Promise<Refund[]> {
      const { results } = await db
        .prepare(
          `SELECT ${columns} FROM refunds
           WHERE payment_id IN (SELECT id FROM payments WHERE order_id IN (SELECT value FROM json_each(?1)))
           ORDER BY created_at_ms DESC, id DESC`,
        )
        .bind(JSON.stringify(orderIds))
        .all<RefundRow>();
      return results.map(toRefund);
    },

    async learnProviderId(id: RefundId, providerRefundId: string): Promise<void> {
      await db
        .prepare("UPDATE refunds SET provider_refund_id = COALESCE(provider_refund_id, ?2) WHERE id = ?1")
        .bind(id, providerRefundId)
        .run();
    },

    /** Makes a step from the version that was read; false where somebody else was faster. */
    move(refund: Refund, move: RefundMove): Promise<boolean> {
      const { nowMs } = move;
      return commitChange(db, [
        changeStatement(db, { subjectId: refund.id, version: refund.version + 1, from: refund.status, ...move }),
        db
          .prepare(
            `UPDATE refunds SET status = ?3, failure_reason = ?4, next_check_at_ms = ?5, checks = 0, version = version + 1,
               updated_at_ms = ?6
             WHERE id = ?1 AND version = ?2`,
          )
          .bind(refund.id, refund.version, move.to, move.failureReason, move.nextCheckAtMs, nowMs),
        ...ledgerStatements(db, move.entries, nowMs),
        ...(move.review === null ? [] : [openCaseStatement(db, move.review)]),
        ...outboxStatements(db, move.messages, nowMs),
      ]);
    },

    /** Bookings knows of it; nothing is left to do. */
    async markRecorded(id: RefundId, nowMs: number): Promise<void> {
      await db
        .prepare(
          "UPDATE refunds SET recorded_at_ms = COALESCE(recorded_at_ms, ?2), next_check_at_ms = NULL WHERE id = ?1",
        )
        .bind(id, nowMs)
        .run();
    },

    async setNextCheck(id: RefundId, nextCheckAtMs: number | null): Promise<void> {
      await db.prepare("UPDATE refunds SET next_check_at_ms = ?2 WHERE id = ?1").bind(id, nextCheckAtMs).run();
    },

    /** Takes refunds that are due for a look, and puts their next look off, longer each time. */
    async claimDue(nowMs: number): Promise<Refund[]> {
      const { results } = await db
        .prepare(
          `UPDATE refunds SET checks = checks + 1, next_check_at_ms = ?1 + MIN(?3, 60000 * (1 << MIN(checks, 10)))
           WHERE id IN (SELECT id FROM refunds WHERE next_check_at_ms <= ?1 ORDER BY next_check_at_ms LIMIT ?2)
           RETURNING ${columns}`,
        )
        .bind(nowMs, limits.refundsPerSweepMax, limits.paymentCheckDelaySecondsMax * 1000)
        .all<RefundRow>();
      return results.map(toRefund);
    },
  };
}
