import { required } from "@foyer/kernel/assert";
import type Stripe from "stripe";
import { type Account, type Cause, idOf, newStripeId, nowSeconds } from "./account.ts";
import { formatAmount } from "./amounts.ts";
import { stateConflict } from "./api/errors.ts";
import { book, unrefundedMinor } from "./charges.ts";

export interface RefundInput {
  readonly charge: Stripe.Charge;
  /** Minor units; null refunds what is left. */
  readonly amount: number | null;
  readonly reason: Stripe.Refund.Reason | null;
  readonly metadata: Record<string, string>;
}

/** Gives money of a charge back, never more than it has left. */
export function createRefund(account: Account, cause: Cause, input: RefundInput): Stripe.Refund {
  const { charge } = input;
  const left = unrefundedMinor(charge);
  if (charge.disputed) {
    throw stateConflict(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
      code: "charge_disputed",
    });
  }
  if (left === 0) {
    throw stateConflict(`Charge ${charge.id} has already been refunded.`, { code: "charge_already_refunded" });
  }
  const amount = input.amount ?? left;
  if (amount > left) {
    throw stateConflict(
      `Refund amount (${formatAmount(amount, charge.currency)}) is greater than unrefunded amount on charge ` +
        `(${formatAmount(left, charge.currency)})`,
      { param: "amount" },
    );
  }
  const method = account.store.paymentMethods.get(charge.payment_method ?? "");
  const pending = method?.refundStatus === "pending";
  const id = newStripeId("re");
  const refund: Stripe.Refund = {
    id,
    object: "refund",
    amount,
    balance_transaction: book(account, {
      type: "refund",
      amount: -amount,
      fee: 0,
      currency: charge.currency,
      source: id,
    }),
    charge: charge.id,
    created: nowSeconds(account),
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    destination_details: {
      type: "card",
      card: { reference_status: "pending", reference_type: "acquirer_reference_number", type: "refund" },
    },
    metadata: input.metadata,
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    ...(pending ? { pending_reason: "processing" } : {}),
    reason: input.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: pending ? "pending" : "succeeded",
    transfer_reversal: null,
  };
  account.store.refunds.set(id, refund);
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded === charge.amount;
  account.emit(cause, "refund.created", refund);
  account.emit(cause, "charge.refunded", charge);
  if (!pending) emitUpdated(account, cause, refund);
  return refund;
}

/** What the buyer's bank says at last: a pending refund arrives, or a refund comes back and its amount is owed again. */
export function settleRefund(
  account: Account,
  cause: Cause,
  refund: Stripe.Refund,
  outcome: "succeeded" | "failed",
): void {
  const open = refund.status === "pending" || (refund.status === "succeeded" && outcome === "failed");
  if (!open) throw stateConflict(`A refund that is ${refund.status} cannot become ${outcome}.`);
  refund.status = outcome;
  delete refund.pending_reason;
  if (outcome === "failed") {
    const charge = required(account.store.charges.get(idOf(refund.charge) ?? ""), "a refund has its charge");
    charge.amount_refunded -= refund.amount;
    charge.refunded = false;
    refund.failure_reason = "expired_or_canceled_card";
    refund.failure_balance_transaction = book(account, {
      type: "refund",
      amount: refund.amount,
      fee: 0,
      currency: refund.currency,
      source: refund.id,
    });
    account.emit(cause, "refund.failed", refund);
  }
  emitUpdated(account, cause, refund);
}

/** Stripe tells every change of a refund twice, under its new name and its old. */
function emitUpdated(account: Account, cause: Cause, refund: Stripe.Refund): void {
  account.emit(cause, "refund.updated", refund);
  account.emit(cause, "charge.refund.updated", refund);
}
