import type Stripe from "stripe";
import {
  type Account,
  type Cause,
  type EventObject,
  idOf,
  newStripeId,
  nowSeconds,
  type StripeEvent,
} from "../account.ts";
import { apiVersion } from "../api-version.ts";
import type { Deliveries } from "./deliveries.ts";

/** Records what happened, and starts telling every endpoint that asked for it. */
export class EventLog {
  readonly #account: Pick<Account, "clock" | "store">;
  readonly #deliveries: Deliveries;

  constructor(account: Pick<Account, "clock" | "store">, deliveries: Deliveries) {
    this.#account = account;
    this.#deliveries = deliveries;
  }

  emit(cause: Cause, type: Stripe.Event["type"], object: EventObject): void {
    const endpoints = this.#endpointsFor(type);
    const event: StripeEvent = {
      id: newStripeId("evt"),
      object: "event",
      api_version: apiVersion,
      created: nowSeconds(this.#account),
      data: { object: structuredClone(object) },
      livemode: false,
      pending_webhooks: endpoints.length,
      request: { id: cause.requestId, idempotency_key: cause.idempotencyKey },
      type,
    };
    this.#account.store.events.set(event.id, event);
    this.#deliver(event, endpoints);
  }

  /** Sends a recorded event once more, as `stripe events resend` does. */
  resend(event: StripeEvent): void {
    this.#deliver(event, this.#endpointsFor(event.type));
  }

  #deliver(event: StripeEvent, endpoints: readonly { readonly url: string; readonly secret: string }[]): void {
    for (const endpoint of endpoints) {
      const receiver = { url: endpoint.url, secret: endpoint.secret };
      this.#deliveries.start(event, receiver, `${endpoint.url} ${paymentOf(event.data.object)}`);
    }
  }

  #endpointsFor(type: string) {
    return [...this.#account.store.webhookEndpoints.values()].filter(
      ({ enabled_events: wanted, status }) => status === "enabled" && (wanted.includes("*") || wanted.includes(type)),
    );
  }
}

/** The payment that an object is part of; its events keep their order. */
function paymentOf(object: EventObject): string {
  return object.object === "payment_intent" ? object.id : (idOf(object.payment_intent) ?? object.id);
}
