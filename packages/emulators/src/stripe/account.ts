import { randomBytes } from "node:crypto";
import type { Clock } from "@foyer/kernel/clock";
import type Stripe from "stripe";
import type { TestPaymentMethod } from "./payment-methods.ts";

/** A price as it travels: the SDK turns `unit_amount_decimal` into a Decimal after reading, on the wire it is a text. */
export type WirePrice = Omit<Stripe.Price, "unit_amount_decimal"> & { unit_amount_decimal: string | null };
export type WireLineItem = Omit<Stripe.LineItem, "price"> & { price: WirePrice };

/** An event as it is sent and read back. Its object is the state at that moment, never changed afterwards. */
export interface StripeEvent {
  readonly id: string;
  readonly object: "event";
  readonly api_version: Stripe.LatestApiVersion;
  readonly created: number;
  readonly data: { readonly object: EventObject };
  readonly livemode: false;
  readonly pending_webhooks: number;
  readonly request: { readonly id: string | null; readonly idempotency_key: string | null };
  readonly type: Stripe.Event["type"];
}

/** Everything that events are about. */
export type EventObject =
  | Stripe.PaymentIntent
  | Stripe.Charge
  | Stripe.Refund
  | Stripe.Dispute
  | Stripe.Checkout.Session;

/** All objects of the emulated account, in order of making. Objects refer to each other by id; expansion is for answers. */
export interface Store {
  readonly paymentIntents: Map<string, Stripe.PaymentIntent>;
  readonly charges: Map<string, Stripe.Charge>;
  readonly refunds: Map<string, Stripe.Refund>;
  readonly disputes: Map<string, Stripe.Dispute>;
  readonly sessions: Map<string, Stripe.Checkout.Session>;
  /** By id of their session. */
  readonly lineItems: Map<string, readonly WireLineItem[]>;
  /** What `payment_intent_data` asked for; the intent itself is made when the buyer pays, as at Stripe. */
  readonly sessionIntents: Map<string, IntentInput>;
  readonly balanceTransactions: Map<string, Stripe.BalanceTransaction>;
  /** What each `pm_...` handed out by a confirmation does when it is used again. */
  readonly paymentMethods: Map<string, TestPaymentMethod>;
  readonly webhookEndpoints: Map<string, Stripe.WebhookEndpoint & { readonly secret: string }>;
  readonly events: Map<string, StripeEvent>;
}

/** What a PaymentIntent is made from, beside its state. */
export interface IntentInput {
  readonly amount: number;
  readonly currency: string;
  readonly metadata: Record<string, string>;
  readonly description: string | null;
  readonly receiptEmail: string | null;
  readonly customer: string | null;
  readonly statementDescriptor: string | null;
  readonly statementDescriptorSuffix: string | null;
  readonly applicationFeeAmount: number | null;
  readonly onBehalfOf: string | null;
  readonly transferDestination: string | null;
  readonly transferGroup: string | null;
  readonly paymentMethodTypes: string[] | null;
  readonly allowRedirects: "always" | "never";
}

/** Which call brought a change about; both null where the buyer, the bank or time did. */
export interface Cause {
  readonly requestId: string | null;
  readonly idempotencyKey: string | null;
}

export const noCall: Cause = { requestId: null, idempotencyKey: null };

/** The emulated account: its objects, its time, and the way to tell the world of a change. */
export interface Account {
  readonly clock: Clock;
  readonly store: Store;
  /** Where the hosted pages are, without a slash at the end. */
  readonly pagesUrl: () => string;
  /** Records an event about the object as it is now, and hands it to the webhooks. */
  readonly emit: (cause: Cause, type: Stripe.Event["type"], object: EventObject) => void;
}

export function emptyStore(): Store {
  return {
    paymentIntents: new Map(),
    charges: new Map(),
    refunds: new Map(),
    disputes: new Map(),
    sessions: new Map(),
    lineItems: new Map(),
    sessionIntents: new Map(),
    balanceTransactions: new Map(),
    paymentMethods: new Map(),
    webhookEndpoints: new Map(),
    events: new Map(),
  };
}

/** A new id such as `pi_3f...`. */
export function newStripeId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString("hex")}`;
}

/** Now, in Stripe's unit: whole seconds since the epoch. */
export function nowSeconds(account: Pick<Account, "clock">): number {
  return Math.floor(account.clock.nowMs() / 1_000);
}

/** The id behind a field that may hold an id or the expanded object. */
export function idOf(reference: string | { readonly id: string } | null): string | null {
  return reference === null || typeof reference === "string" ? reference : reference.id;
}
