import type Stripe from "stripe";
import { type Account, type Cause, newStripeId, nowSeconds } from "./account.ts";
import { stateConflict } from "./api/errors.ts";
import { book, successfulCharge } from "./charges.ts";

/** Stripe's price for a dispute, in minor units. */
const disputeFeeMinor = 1_500;
const answerSeconds = 7 * 86_400;

/** The buyer's bank takes the money back. */
export function openDispute(account: Account, cause: Cause, intent: Stripe.PaymentIntent): Stripe.Dispute {
  const charge = successfulCharge(account, intent);
  if (charge === undefined) throw stateConflict("Only a payment that succeeded can be disputed.");
  if (charge.disputed) throw stateConflict(`Charge ${charge.id} is disputed already.`);
  const id = newStripeId("du");
  const movement = book(account, {
    type: "adjustment",
    amount: -charge.amount,
    fee: disputeFeeMinor,
    currency: charge.currency,
    source: id,
  });
  const transaction = account.store.balanceTransactions.get(movement);
  const dispute: Stripe.Dispute = {
    id,
    object: "dispute",
    amount: charge.amount,
    balance_transactions: transaction === undefined ? [] : [transaction],
    charge: charge.id,
    created: nowSeconds(account),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: noEvidence,
    evidence_details: {
      due_by: nowSeconds(account) + answerSeconds,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: "not_submitted",
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: intent.id,
    reason: "fraudulent",
    status: "needs_response",
  };
  account.store.disputes.set(id, dispute);
  charge.disputed = true;
  account.emit(cause, "charge.dispute.created", dispute);
  account.emit(cause, "charge.dispute.funds_withdrawn", dispute);
  return dispute;
}

/** The bank decides. */
export function closeDispute(account: Account, cause: Cause, dispute: Stripe.Dispute, outcome: "won" | "lost"): void {
  if (dispute.status === "won" || dispute.status === "lost") {
    throw stateConflict(`Dispute ${dispute.id} is closed already.`);
  }
  dispute.status = outcome;
  if (outcome === "won") {
    book(account, {
      type: "adjustment",
      amount: dispute.amount,
      fee: -disputeFeeMinor,
      currency: dispute.currency,
      source: dispute.id,
    });
    account.emit(cause, "charge.dispute.funds_reinstated", dispute);
  }
  account.emit(cause, "charge.dispute.closed", dispute);
}

const noEvidence: Stripe.Dispute.Evidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
};
