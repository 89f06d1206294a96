import { assert, required } from "@foyer/kernel/assert";
import type Stripe from "stripe";
import {
  type Account,
  type Cause,
  type IntentInput,
  idOf,
  newStripeId,
  nowSeconds,
  type WireLineItem,
} from "./account.ts";
import { stateConflict } from "./api/errors.ts";
import type { Payer } from "./charges.ts";
import type { TestPaymentMethod } from "./payment-methods.ts";
import { cancelIntent, confirmIntent, createIntent, type PaymentResult } from "./payments.ts";

export interface SessionInput {
  readonly lineItems: readonly LineItemInput[];
  readonly currency: string;
  readonly successUrl: string;
  readonly cancelUrl: string | null;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  readonly metadata: Record<string, string>;
  readonly clientReferenceId: string | null;
  readonly customer: string | null;
  readonly customerEmail: string | null;
  readonly locale: Stripe.Checkout.Session.Locale | null;
  readonly submitType: Stripe.Checkout.Session.SubmitType | null;
  readonly intent: IntentInput;
}

export interface LineItemInput {
  readonly name: string;
  readonly unitAmount: number;
  readonly currency: string;
  readonly quantity: number;
  readonly metadata: Record<string, string>;
}

/** Opens a hosted page on which a buyer can pay. The PaymentIntent is made when the buyer tries to, as at Stripe. */
export function createSession(account: Account, input: SessionInput): Stripe.Checkout.Session {
  const id = newStripeId("cs_test");
  const total = input.intent.amount;
  const session: Stripe.Checkout.Session = {
    id,
    object: "checkout.session",
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: null,
    amount_subtotal: total,
    amount_total: total,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: input.cancelUrl,
    client_reference_id: input.clientReferenceId,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: nowSeconds(account),
    currency: input.currency,
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: input.customer,
    customer_account: null,
    customer_creation: "if_required",
    customer_details: null,
    customer_email: input.customerEmail,
    discounts: [],
    expires_at: input.expiresAt,
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: input.locale,
    managed_payments: null,
    metadata: input.metadata,
    mode: "payment",
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: "if_required",
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: input.intent.paymentMethodTypes ?? ["card", "us_bank_account"],
    payment_status: "unpaid",
    permissions: null,
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: "open",
    submit_type: input.submitType,
    subscription: null,
    success_url: input.successUrl,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: "hosted_page",
    url: `${account.pagesUrl()}/c/pay/${id}`,
    wallet_options: null,
  };
  account.store.sessions.set(id, session);
  account.store.sessionIntents.set(id, input.intent);
  account.store.lineItems.set(
    id,
    input.lineItems.map((item) => lineItemOf(account, item)),
  );
  return session;
}

/** The buyer presses "Pay". What comes of it is on the session, on its intent, and in the events. */
export function paySession(
  account: Account,
  cause: Cause,
  session: Stripe.Checkout.Session,
  how: { readonly method: TestPaymentMethod; readonly payer: Payer },
): PaymentResult {
  assert(session.status === "open", "the page takes payments for open sessions only");
  const payer = { ...how.payer, email: how.payer.email ?? session.customer_email };
  const intent = intentOf(account, session) ?? startIntent(account, cause, session, payer);
  session.payment_intent = intent.id;
  session.customer_details = {
    address: null,
    business_name: null,
    email: payer.email,
    individual_name: null,
    name: payer.name,
    phone: null,
    tax_exempt: "none",
    tax_ids: [],
  };
  const result = confirmIntent(account, cause, intent, { method: how.method, payer, returnUrl: session.success_url });
  followPayment(account, cause, session, result);
  return result;
}

/** Brings the session of an intent up to what its payment came to. */
export function followPayment(
  account: Account,
  cause: Cause,
  session: Stripe.Checkout.Session,
  result: PaymentResult,
): void {
  const waiting = session.status === "complete" && session.payment_status === "unpaid";
  if (waiting) {
    if (result.kind === "succeeded") {
      session.payment_status = "paid";
      account.emit(cause, "checkout.session.async_payment_succeeded", session);
    } else if (result.kind === "declined") {
      account.emit(cause, "checkout.session.async_payment_failed", session);
    }
    return;
  }
  if (result.kind !== "succeeded" && result.kind !== "processing") return;
  session.status = "complete";
  session.payment_status = result.kind === "succeeded" ? "paid" : "unpaid";
  session.url = null;
  account.emit(cause, "checkout.session.completed", session);
}

/** Closes an open session: nobody can pay it any more, and an attempt under way is given up. */
export function expireSession(account: Account, cause: Cause, session: Stripe.Checkout.Session): void {
  if (session.status !== "open") {
    throw stateConflict(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ` +
        `${session.status}.`,
    );
  }
  session.status = "expired";
  session.url = null;
  const intent = intentOf(account, session);
  if (intent !== undefined) cancelIntent(account, cause, intent, "expired");
  account.emit(cause, "checkout.session.expired", session);
}

/** The session that an intent was made by, if any. */
export function sessionOfIntent(account: Account, intentId: string): Stripe.Checkout.Session | undefined {
  return [...account.store.sessions.values()].find((session) => session.payment_intent === intentId);
}

/** Where the buyer is sent after paying, with the session's id filled in. */
export function successUrlOf(session: Stripe.Checkout.Session): string {
  const template = required(session.success_url, "a hosted session has a success_url");
  return template.replaceAll("{CHECKOUT_SESSION_ID}", session.id);
}

function intentOf(account: Account, session: Stripe.Checkout.Session): Stripe.PaymentIntent | undefined {
  return account.store.paymentIntents.get(idOf(session.payment_intent) ?? "");
}

function startIntent(
  account: Account,
  cause: Cause,
  session: Stripe.Checkout.Session,
  payer: Payer,
): Stripe.PaymentIntent {
  const input = required(account.store.sessionIntents.get(session.id), "every session was made with its intent's data");
  return createIntent(account, cause, { ...input, receiptEmail: input.receiptEmail ?? payer.email });
}

function lineItemOf(account: Account, item: LineItemInput): WireLineItem {
  const amount = item.unitAmount * item.quantity;
  return {
    id: newStripeId("li"),
    object: "item",
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: item.currency,
    description: item.name,
    metadata: item.metadata,
    quantity: item.quantity,
    price: {
      id: newStripeId("price"),
      object: "price",
      active: false,
      billing_scheme: "per_unit",
      created: nowSeconds(account),
      currency: item.currency,
      custom_unit_amount: null,
      livemode: false,
      lookup_key: null,
      metadata: {},
      nickname: null,
      product: newStripeId("prod"),
      recurring: null,
      tax_behavior: "unspecified",
      tiers_mode: null,
      transform_quantity: null,
      type: "one_time",
      unit_amount: item.unitAmount,
      unit_amount_decimal: String(item.unitAmount),
    },
  };
}
