import { required } from "@foyer/kernel/assert";
import type Stripe from "stripe";
import { type Account, type Cause, type IntentInput, idOf, newStripeId, nowSeconds } from "./account.ts";
import { StripeApiError, type StripeErrorBody, stateConflict } from "./api/errors.ts";
import { createCharge, emitCharge, type Payer, settleCharge } from "./charges.ts";
import { openDispute } from "./disputes.ts";
import type { Decline, TestPaymentMethod } from "./payment-methods.ts";

/** What an attempt to pay came to. */
export type PaymentResult =
  | { readonly kind: "succeeded" | "processing" | "requires_action" }
  | { readonly kind: "declined"; readonly error: StripeErrorBody };

const confirmable = ["requires_payment_method", "requires_confirmation", "requires_action"];
const cancelable = [
  "requires_payment_method",
  "requires_capture",
  "requires_confirmation",
  "requires_action",
  "processing",
];

const authenticationFailed: Decline = {
  code: "payment_intent_authentication_failure",
  declineCode: null,
  message: "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
};

const debitFailed: Decline = {
  code: "payment_intent_payment_attempt_failed",
  declineCode: null,
  message: "The payment failed.",
};

/** Makes an intent that waits for its payment method. */
export function createIntent(account: Account, cause: Cause, input: IntentInput): Stripe.PaymentIntent {
  const id = newStripeId("pi");
  const intent: Stripe.PaymentIntent = {
    id,
    object: "payment_intent",
    allowed_payment_method_types: null,
    amount: input.amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: input.applicationFeeAmount,
    automatic_payment_methods:
      input.paymentMethodTypes === null ? { allow_redirects: input.allowRedirects, enabled: true } : null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: "automatic_async",
    client_secret: `${id}_${newStripeId("secret")}`,
    confirmation_method: "automatic",
    created: nowSeconds(account),
    currency: input.currency,
    customer: input.customer,
    customer_account: null,
    description: input.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: input.metadata,
    next_action: null,
    on_behalf_of: input.onBehalfOf,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: input.paymentMethodTypes ?? ["card", "us_bank_account"],
    payment_record: null,
    processing: null,
    receipt_email: input.receiptEmail,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: input.statementDescriptor,
    statement_descriptor_suffix: input.statementDescriptorSuffix,
    status: "requires_payment_method",
    transfer_data: input.transferDestination === null ? null : { destination: input.transferDestination },
    transfer_group: input.transferGroup,
  };
  account.store.paymentIntents.set(id, intent);
  account.emit(cause, "payment_intent.created", intent);
  return intent;
}

/** Puts a method on an intent without paying. */
export function attachMethod(account: Account, intent: Stripe.PaymentIntent, method: TestPaymentMethod): void {
  intent.payment_method = rememberMethod(account, method);
  intent.status = "requires_confirmation";
}

/** Tries to pay. Declines are a value here; the API turns them into 402, the hosted page into a message. */
export function confirmIntent(
  account: Account,
  cause: Cause,
  intent: Stripe.PaymentIntent,
  how: { readonly method: TestPaymentMethod; readonly payer: Payer; readonly returnUrl: string | null },
): PaymentResult {
  requireConfirmable(intent);
  const { method, payer } = how;
  const paymentMethodId = rememberMethod(account, method);
  intent.payment_method = paymentMethodId;
  intent.last_payment_error = null;
  intent.next_action = null;
  const charge = { intent, method, paymentMethodId, payer };
  switch (method.outcome.kind) {
    case "succeeds":
      succeed(account, cause, intent, createCharge(account, { ...charge, status: "succeeded" }));
      if (method.disputed) openDispute(account, cause, intent);
      return { kind: "succeeded" };
    case "declined": {
      const { decline } = method.outcome;
      const failed = createCharge(account, { ...charge, status: "failed", decline });
      return { kind: "declined", error: refuse(account, cause, intent, decline, failed) };
    }
    case "authentication":
      intent.status = "requires_action";
      intent.next_action =
        how.returnUrl === null
          ? { type: "use_stripe_sdk", use_stripe_sdk: {} }
          : {
              type: "redirect_to_url",
              redirect_to_url: { return_url: how.returnUrl, url: `${account.pagesUrl()}/authenticate/${intent.id}` },
            };
      account.emit(cause, "payment_intent.requires_action", intent);
      return { kind: "requires_action" };
    case "processing": {
      const pending = createCharge(account, { ...charge, status: "pending" });
      intent.status = "processing";
      intent.latest_charge = pending.id;
      emitCharge(account, cause, pending);
      account.emit(cause, "payment_intent.processing", intent);
      return { kind: "processing" };
    }
  }
}

/** Ends the waiting of an intent whose buyer must authenticate, or whose money is on its way. */
export function settleIntent(
  account: Account,
  cause: Cause,
  intent: Stripe.PaymentIntent,
  outcome: "succeeded" | "failed",
): PaymentResult {
  if (intent.status === "requires_action") {
    intent.next_action = null;
    if (outcome === "failed") {
      return { kind: "declined", error: refuse(account, cause, intent, authenticationFailed, null) };
    }
    const paymentMethodId = required(idOf(intent.payment_method), "an intent that waits for its buyer has a method");
    const method = required(account.store.paymentMethods.get(paymentMethodId), "methods handed out are remembered");
    const payer = { email: intent.receipt_email, name: null };
    succeed(
      account,
      cause,
      intent,
      createCharge(account, { intent, method, paymentMethodId, payer, status: "succeeded" }),
    );
    return { kind: "succeeded" };
  }
  if (intent.status === "processing") {
    const charge = required(
      account.store.charges.get(idOf(intent.latest_charge) ?? ""),
      "an intent that is processing has a charge",
    );
    settleCharge(account, charge, outcome === "failed" ? debitFailed : null);
    if (outcome === "failed") {
      return { kind: "declined", error: refuse(account, cause, intent, debitFailed, charge) };
    }
    succeed(account, cause, intent, charge);
    return { kind: "succeeded" };
  }
  throw stateConflict(`Only a payment that requires action or is processing can be settled; it is ${intent.status}.`, {
    code: "payment_intent_unexpected_state",
    payment_intent: intent,
  });
}

/** Gives an unpaid intent up. */
export function cancelIntent(
  account: Account,
  cause: Cause,
  intent: Stripe.PaymentIntent,
  reason: Stripe.PaymentIntent.CancellationReason | null,
): void {
  if (!cancelable.includes(intent.status)) {
    throw stateConflict(
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one ` +
        `of the following statuses may be canceled: ${cancelable.join(", ")}.`,
      { code: "payment_intent_unexpected_state", payment_intent: intent },
    );
  }
  intent.status = "canceled";
  intent.canceled_at = nowSeconds(account);
  intent.cancellation_reason = reason;
  intent.next_action = null;
  account.emit(cause, "payment_intent.canceled", intent);
}

/** Refuses to pay an intent that is paid, cancelled or under way, as the API does. */
export function requireConfirmable(intent: Stripe.PaymentIntent): void {
  if (confirmable.includes(intent.status)) return;
  throw stateConflict(
    intent.status === "succeeded"
      ? "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
      : `You cannot confirm this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with ` +
          `one of the following statuses may be confirmed: ${confirmable.join(", ")}.`,
    { code: "payment_intent_unexpected_state", payment_intent: intent },
  );
}

/** The answer to a declined confirmation: 402 with the whole intent, kept under the idempotency key. */
export function declinedAnswer(error: StripeErrorBody): StripeApiError {
  return new StripeApiError(402, error, true);
}

function rememberMethod(account: Account, method: TestPaymentMethod): string {
  const id = newStripeId("pm");
  account.store.paymentMethods.set(id, method);
  return id;
}

function succeed(account: Account, cause: Cause, intent: Stripe.PaymentIntent, charge: Stripe.Charge): void {
  intent.status = "succeeded";
  intent.amount_received = intent.amount;
  intent.latest_charge = charge.id;
  intent.last_payment_error = null;
  emitCharge(account, cause, charge);
  account.emit(cause, "payment_intent.succeeded", intent);
}

function refuse(
  account: Account,
  cause: Cause,
  intent: Stripe.PaymentIntent,
  decline: Decline,
  charge: Stripe.Charge | null,
): StripeErrorBody {
  const shared = {
    type: decline.declineCode === null ? ("invalid_request_error" as const) : ("card_error" as const),
    message: decline.message,
    ...(charge === null ? {} : { charge: charge.id }),
    ...(decline.declineCode === null ? {} : { decline_code: decline.declineCode }),
  };
  intent.status = "requires_payment_method";
  intent.payment_method = null;
  if (charge !== null) intent.latest_charge = charge.id;
  intent.last_payment_error = { ...shared, code: decline.code };
  if (charge !== null) emitCharge(account, cause, charge);
  account.emit(cause, "payment_intent.payment_failed", intent);
  return { ...shared, code: decline.code, payment_intent: structuredClone(intent) };
}
