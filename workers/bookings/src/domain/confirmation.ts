import type { Money } from "@foyer/kernel/money";
import type { Order } from "./model.ts";

/** Why money goes back without anybody asking for it. */
export type RefundReason =
  | "amount_mismatch"
  | "sold_out"
  /** It came for an order that had been cancelled. */
  | "cancelled"
  | "duplicate_payment"
  /** The order that it had paid was cancelled. */
  | "order_cancelled"
  /** The event will not take place, whether the payment came before that was known or after. */
  | "event_cancelled";

/** What becomes of a payment that has arrived. */
export type ConfirmationPlan =
  /** Held places become sold. */
  | { readonly kind: "issue_from_hold" }
  /** The hold was gone, but there is stock: it is taken again. */
  | { readonly kind: "issue_from_free" }
  /** The money goes back; the order moves to `refund_due` only where it was waiting for this very money. */
  | {
      readonly kind: "refund";
      readonly reason: RefundReason;
      readonly orderMoves: boolean;
    };

/**
 * Decides over a payment that succeeded at the provider. Every answer is either tickets or the money back, never nothing.
 * The order's expiry must have been applied before.
 */
export function decideConfirmation(order: Order, paid: Money, stockFits: boolean): ConfirmationPlan {
  if (order.status === "cancelled") return { kind: "refund", reason: "cancelled", orderMoves: false };
  if (order.status !== "pending_payment" && order.status !== "expired") {
    return { kind: "refund", reason: "duplicate_payment", orderMoves: false };
  }
  if (paid.amount !== order.totalMinor || paid.currency !== order.currency) {
    return { kind: "refund", reason: "amount_mismatch", orderMoves: false };
  }
  if (order.status === "pending_payment") return { kind: "issue_from_hold" };
  return stockFits ? { kind: "issue_from_free" } : { kind: "refund", reason: "sold_out", orderMoves: true };
}
