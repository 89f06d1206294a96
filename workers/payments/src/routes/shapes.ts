import type { paymentSchema, refundSchema, reviewCaseSchema } from "@foyer/contracts/payments/api";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { AppContext } from "@foyer/http/app";
import { toRfc3339 } from "@foyer/kernel/clock";
import type * as z from "zod";
import type { Deps } from "../deps.ts";
import type { Payment, ProviderPayment } from "../domain/payment.ts";
import type { Refund } from "../domain/refund.ts";
import type { ListedPayment } from "../repository/payments.ts";
import type { ReviewCase } from "../repository/review-cases.ts";

/** Who calls, for a use-case. */
export function callOf(c: AppContext<Deps>): CallContext {
  return { actor: c.get("actor"), requestId: c.get("requestId") };
}

function common(payment: Payment) {
  return {
    id: payment.id,
    orderId: payment.orderId,
    status: payment.status,
    provider: "stripe" as const,
    method: payment.method,
    amount: payment.amount,
    expiresAt: toRfc3339(payment.expiresAtMs),
    createdAt: toRfc3339(payment.createdAtMs),
  };
}

/** A payment as its buyer sees it. What the provider needs to be paid is not kept here, only passed on. */
export function toBuyerPayment(payment: Payment, seen: ProviderPayment | null) {
  const payable = payment.status === "open" && seen !== null && seen.state === "open";
  return {
    payment: {
      ...common(payment),
      checkoutUrl: payable ? seen.checkoutUrl : null,
      clientSecret: payable ? seen.clientSecret : null,
    },
  };
}

/** A payment as its organizer sees it. */
export function toPaymentBody(payment: ListedPayment): z.infer<typeof paymentSchema> {
  return {
    ...common(payment),
    organizationId: payment.organizationId,
    eventId: payment.eventId,
    refunded: { amount: payment.refundedMinor, currency: payment.amount.currency },
    underReview: payment.underReview,
    failureReason: payment.failureReason,
    paidAt: payment.paidAtMs === null ? null : toRfc3339(payment.paidAtMs),
    updatedAt: toRfc3339(payment.updatedAtMs),
  };
}

export function toRefundBody(refund: Refund): z.infer<typeof refundSchema> {
  return {
    id: refund.id,
    paymentId: refund.paymentId,
    orderId: refund.orderId,
    status: refund.status,
    amount: refund.amount,
    reason: refund.reason,
    ticketIds: [...refund.ticketIds],
    failureReason: refund.failureReason,
    createdAt: toRfc3339(refund.createdAtMs),
    updatedAt: toRfc3339(refund.updatedAtMs),
  };
}

export function toReviewBody(reviewCase: ReviewCase): z.infer<typeof reviewCaseSchema> {
  const { openedAtMs, resolvedAtMs, ...rest } = reviewCase;
  return {
    ...rest,
    openedAt: toRfc3339(openedAtMs),
    resolvedAt: resolvedAtMs === null ? null : toRfc3339(resolvedAtMs),
  };
}
