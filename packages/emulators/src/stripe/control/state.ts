import type Stripe from "stripe";
import type { Account, StripeEvent } from "../account.ts";
import type { Deliveries, Delivery } from "../webhooks/deliveries.ts";
import type { Fault, FaultPlan } from "./faults.ts";

/** Everything the emulated account holds, oldest first. Secrets are left out. */
export interface StripeState {
  readonly paymentIntents: readonly Stripe.PaymentIntent[];
  readonly charges: readonly Stripe.Charge[];
  readonly refunds: readonly Stripe.Refund[];
  readonly disputes: readonly Stripe.Dispute[];
  readonly sessions: readonly Stripe.Checkout.Session[];
  readonly balanceTransactions: readonly Stripe.BalanceTransaction[];
  readonly events: readonly StripeEvent[];
  /** What became of each event on its way to each receiver. */
  readonly deliveries: readonly Delivery[];
  /** Faults that are still to strike, with how often. */
  readonly faults: readonly (Fault & { readonly left: number })[];
}

/** The account as it is now. */
export function readState(account: Account, deliveries: Deliveries, faults: FaultPlan): StripeState {
  const { store } = account;
  return {
    paymentIntents: [...store.paymentIntents.values()],
    charges: [...store.charges.values()],
    refunds: [...store.refunds.values()],
    disputes: [...store.disputes.values()],
    sessions: [...store.sessions.values()],
    balanceTransactions: [...store.balanceTransactions.values()],
    events: [...store.events.values()],
    deliveries: deliveries.list(),
    faults: faults.list(),
  };
}
