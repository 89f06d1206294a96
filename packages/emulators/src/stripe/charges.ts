import type Stripe from "stripe";
import { type Account, type Cause, idOf, newStripeId, nowSeconds } from "./account.ts";
import type { Decline, TestPaymentMethod } from "./payment-methods.ts";

/** Who pays, as far as the buyer told. */
export interface Payer {
  readonly email: string | null;
  readonly name: string | null;
}

export interface ChargeInput {
  readonly intent: Stripe.PaymentIntent;
  readonly method: TestPaymentMethod;
  readonly paymentMethodId: string;
  readonly payer: Payer;
  readonly status: "succeeded" | "failed" | "pending";
  readonly decline?: Decline;
}

/** Stripe's price for a European card: 1.5 % and 25 minor units. */
const feeShare = 0.015;
const feeFixedMinor = 25;

/** Makes the charge of one attempt to pay, and the movement of money where there is one. */
export function createCharge(account: Account, input: ChargeInput): Stripe.Charge {
  const { intent, method, status } = input;
  const id = newStripeId("ch");
  const succeeded = status === "succeeded";
  const charge: Stripe.Charge = {
    id,
    object: "charge",
    amount: intent.amount,
    amount_captured: succeeded ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: intent.application_fee_amount,
    balance_transaction: null,
    billing_details: { address: null, email: input.payer.email, name: input.payer.name, phone: null, tax_id: null },
    calculated_statement_descriptor: intent.statement_descriptor ?? "FOYER",
    captured: succeeded,
    created: nowSeconds(account),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: input.decline?.code ?? null,
    failure_message: input.decline?.message ?? null,
    fraud_details: null,
    livemode: false,
    metadata: { ...intent.metadata },
    on_behalf_of: intent.on_behalf_of,
    outcome: outcomeOf(status, input.decline),
    paid: succeeded,
    payment_intent: intent.id,
    payment_method: input.paymentMethodId,
    payment_method_details: methodDetails(method, intent.amount),
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: succeeded ? `${account.pagesUrl()}/receipts/${id}` : null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status,
    transfer_data:
      intent.transfer_data == null ? null : { amount: null, destination: intent.transfer_data.destination },
    transfer_group: intent.transfer_group,
  };
  account.store.charges.set(id, charge);
  if (succeeded) bookCharge(account, charge);
  return charge;
}

/** Turns a pending charge into money, or into a failure. */
export function settleCharge(account: Account, charge: Stripe.Charge, decline: Decline | null): void {
  charge.outcome = outcomeOf(decline === null ? "succeeded" : "failed", decline ?? undefined);
  if (decline !== null) {
    charge.status = "failed";
    charge.failure_code = decline.code;
    charge.failure_message = decline.message;
    return;
  }
  charge.status = "succeeded";
  charge.paid = true;
  charge.captured = true;
  charge.amount_captured = charge.amount;
  charge.receipt_url = `${account.pagesUrl()}/receipts/${charge.id}`;
  bookCharge(account, charge);
}

function bookCharge(account: Account, charge: Stripe.Charge): void {
  const fee = Math.round(charge.amount * feeShare) + feeFixedMinor;
  charge.balance_transaction = book(account, {
    type: "charge",
    amount: charge.amount,
    fee,
    currency: charge.currency,
    source: charge.id,
  });
}

/** Records a movement on the account's balance and answers its id. Amounts are signed minor units. */
export function book(
  account: Account,
  entry: Pick<Stripe.BalanceTransaction, "amount" | "fee" | "currency"> & {
    readonly type: "charge" | "refund" | "adjustment";
    readonly source: string;
  },
): string {
  const id = newStripeId("txn");
  const now = nowSeconds(account);
  const fee: Stripe.BalanceTransaction.FeeDetail = {
    amount: entry.fee,
    application: null,
    currency: entry.currency,
    description: "Stripe processing fees",
    type: "stripe_fee",
  };
  account.store.balanceTransactions.set(id, {
    id,
    object: "balance_transaction",
    amount: entry.amount,
    available_on: now,
    balance_type: "payments",
    created: now,
    currency: entry.currency,
    description: null,
    exchange_rate: null,
    fee: entry.fee,
    fee_details: entry.fee === 0 ? [] : [fee],
    net: entry.amount - entry.fee,
    reporting_category: entry.type === "adjustment" ? "dispute" : entry.type,
    source: entry.source,
    status: "available",
    type: entry.type,
  });
  return id;
}

function outcomeOf(status: "succeeded" | "failed" | "pending", decline: Decline | undefined): Stripe.Charge.Outcome {
  return {
    advice_code: null,
    network_advice_code: null,
    network_decline_code: decline === undefined ? null : "01",
    network_status: status === "failed" ? "declined_by_network" : "approved_by_network",
    reason: decline?.declineCode ?? null,
    risk_level: "normal",
    risk_score: 20,
    seller_message: status === "failed" ? "The bank declined the payment." : "Payment complete.",
    type: status === "failed" ? "issuer_declined" : "authorized",
  };
}

function methodDetails(method: TestPaymentMethod, amount: number): Stripe.Charge.PaymentMethodDetails {
  if (method.type === "us_bank_account") {
    return {
      type: "us_bank_account",
      us_bank_account: {
        account_holder_type: "individual",
        account_type: "checking",
        bank_name: "STRIPE TEST BANK",
        fingerprint: null,
        last4: method.last4,
        payment_reference: null,
        routing_number: "110000000",
      },
    };
  }
  return {
    type: "card",
    card: {
      amount_authorized: amount,
      authorization_code: null,
      brand: method.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: "pass" },
      country: "US",
      electronic_commerce_indicator: null,
      exp_month: 12,
      exp_year: 2034,
      fingerprint: null,
      funding: "credit",
      installments: null,
      last4: method.last4,
      mandate: null,
      network: method.brand,
      network_transaction_id: null,
      regulated_status: "unregulated",
      three_d_secure: null,
      transaction_link_id: null,
      wallet: null,
    },
  };
}

/** Tells of a charge's fate, under the name that fits its status. */
export function emitCharge(account: Account, cause: Cause, charge: Stripe.Charge): void {
  account.emit(
    cause,
    charge.status === "pending" ? "charge.pending" : `charge.${charge.status === "failed" ? "failed" : "succeeded"}`,
    charge,
  );
}

/** What of a charge may still be refunded, in minor units. */
export function unrefundedMinor(charge: Stripe.Charge): number {
  return charge.amount_captured - charge.amount_refunded;
}

/** The charge that an intent's money came by, if it has one. */
export function successfulCharge(account: Account, intent: Stripe.PaymentIntent): Stripe.Charge | undefined {
  const charge = account.store.charges.get(idOf(intent.latest_charge) ?? "");
  return charge?.status === "succeeded" ? charge : undefined;
}
