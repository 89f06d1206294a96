import type { PaymentMethod, ReviewReason } from "@foyer/contracts/payments/api";
import type { PaymentStatus } from "@foyer/contracts/payments/rpc";
import type { EventId, OrderId, OrganizationId, PaymentId } from "@foyer/kernel/ids";
import type { Money } from "@foyer/kernel/money";

/** What bookings made of the money; `review` where it could not say. */
export type OrderOutcome = "confirmed" | "refund_due" | "review";

/** One attempt to pay one order. */
export interface Payment {
  readonly id: PaymentId;
  readonly orderId: OrderId;
  readonly eventId: EventId;
  readonly organizationId: OrganizationId;
  readonly status: PaymentStatus;
  readonly method: PaymentMethod;
  /** Which attempt of its order, from 1. */
  readonly attempt: number;
  readonly amount: Money;
  readonly intentId: string | null;
  readonly sessionId: string | null;
  /** What the provider is asked, until it has answered. */
  readonly pendingRequest: ProviderRequest | null;
  /** The order is gone: close it at the provider. */
  readonly closing: boolean;
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

/** Everything that the provider is told when a payment is opened. Kept word for word: a repetition must be the same. */
export interface ProviderRequest {
  readonly title: string;
  /** Where the receipt goes; empty where the buyer is forgotten. */
  readonly email: string;
  readonly returnUrl: string;
  readonly lines: readonly { readonly name: string; readonly quantity: number; readonly unitMinor: number }[];
  /** When a hosted page closes by itself, epoch seconds. */
  readonly sessionExpiresAtSeconds: number;
}

/** What the provider says of a payment now. */
export interface ProviderPayment {
  readonly state: "open" | "processing" | "paid" | "failed" | "cancelled" | "expired";
  readonly intentId: string | null;
  readonly sessionId: string | null;
  /** What the buyer is asked for. */
  readonly amount: Money;
  /** What has arrived; null unless paid. */
  readonly received: Money | null;
  /** Our own ids, as the provider was given them. */
  readonly orderId: string | null;
  readonly paymentId: string | null;
  readonly checkoutUrl: string | null;
  readonly clientSecret: string | null;
  readonly failureReason: string | null;
}

/** Allowed moves. Money that arrives late still arrives, so every unpaid end leads to `succeeded`, and nothing leads out of it. */
export const paymentMoves: Readonly<Record<PaymentStatus, readonly PaymentStatus[]>> = {
  open: ["processing", "succeeded", "failed", "cancelled", "expired"],
  processing: ["open", "succeeded", "failed", "cancelled", "expired"],
  failed: ["succeeded"],
  cancelled: ["succeeded"],
  expired: ["succeeded"],
  succeeded: [],
};

/** Whether the buyer may still pay or has paid without the answer being known. */
export function isLive(status: PaymentStatus): boolean {
  return status === "open" || status === "processing";
}

/** Whether nobody is to pay any more: the order is gone, or its time is over. */
export function isOverdue(payment: Payment, nowMs: number): boolean {
  return payment.closing || payment.expiresAtMs <= nowMs;
}

const statusByState: Readonly<Record<ProviderPayment["state"], PaymentStatus>> = {
  open: "open",
  processing: "processing",
  paid: "succeeded",
  failed: "failed",
  cancelled: "cancelled",
  expired: "expired",
};

export type SettlementDecision =
  | { readonly kind: "none" }
  | { readonly kind: "move"; readonly to: PaymentStatus; readonly failureReason: string | null }
  | { readonly kind: "review"; readonly reason: ReviewReason; readonly detail: string };

/**
 * What to make of the provider's present state. It looks at nothing else, so the order in which news came is of no
 * consequence; and it never fulfils what was not asked for.
 */
export function decideSettlement(payment: Payment, seen: ProviderPayment): SettlementDecision {
  const to = statusByState[seen.state];
  const moneyInvolved = seen.state === "open" || seen.state === "processing" || seen.state === "paid";
  if (payment.status !== "succeeded" && moneyInvolved) {
    if (seen.paymentId !== payment.id || seen.orderId !== payment.orderId) {
      return { kind: "review", reason: "metadata_mismatch", detail: "The provider's object names another payment." };
    }
    const faulty = [seen.amount, ...(seen.state === "paid" ? [seen.received] : [])].find(
      (amount) => amount?.amount !== payment.amount.amount || amount.currency !== payment.amount.currency,
    );
    if (faulty !== undefined) {
      const told = faulty === null ? "nothing" : `${faulty.amount} ${faulty.currency}`;
      return {
        kind: "review",
        reason: "amount_mismatch",
        detail: `Asked for ${payment.amount.amount} ${payment.amount.currency}, the provider says ${told}.`,
      };
    }
  }
  if (to === payment.status || !paymentMoves[payment.status].includes(to)) return { kind: "none" };
  return { kind: "move", to, failureReason: to === "succeeded" ? null : seen.failureReason };
}

/** What to make of a payment that the provider does not know: nobody can pay it, so its time ends it. */
export function decideUnknown(payment: Payment, nowMs: number): SettlementDecision {
  if (!isLive(payment.status) || !isOverdue(payment, nowMs)) return { kind: "none" };
  return { kind: "move", to: "expired", failureReason: "unknown_to_provider" };
}
