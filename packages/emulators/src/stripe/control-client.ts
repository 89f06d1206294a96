import type Stripe from "stripe";
import * as z from "zod";
import type { ApiEffect, WebhookEffect } from "./control/faults.ts";
import type { StripeState } from "./control/state.ts";
import type { Delivery } from "./webhooks/deliveries.ts";

export interface WebhookFaultOptions {
  /** How many events it hits, 1 where left out. `out_of_order` collects so many and sends them in reverse. */
  readonly count?: number;
  /** How late "late" is, and how long `out_of_order` waits for further events. Milliseconds, 500 where left out. */
  readonly delayMs?: number;
  /** Only events of these types. */
  readonly eventTypes?: readonly string[];
}

export interface ApiFaultOptions {
  /** How many calls it hits, 1 where left out. */
  readonly count?: number;
  /** How long a call goes unanswered, in milliseconds. Where left out: a minute for a timeout, a moment for "slow". */
  readonly delayMs?: number;
  /** Only this route, such as `POST /v1/refunds`. */
  readonly route?: string;
}

/** Orders damage. */
export interface StripeFaults {
  readonly webhooks: (effect: WebhookEffect, options?: WebhookFaultOptions) => Promise<void>;
  readonly api: (effect: ApiEffect, options?: ApiFaultOptions) => Promise<void>;
  /** Takes back whatever has not struck yet. */
  readonly clear: () => Promise<void>;
}

/** What the hosted page answered to the buyer. */
export interface CheckoutAnswer {
  /** 303 where the buyer was sent on, 402 where the payment was declined. */
  readonly status: number;
  /** Where the buyer was sent to. */
  readonly location: string | null;
}

/** What a test, the demo or a developer may do with a running Stripe beside calling its API. */
export interface StripeControl {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly faults: StripeFaults;
  readonly state: () => Promise<StripeState>;
  /** Waits until no webhook is under way, and answers what became of all of them. */
  readonly waitForDeliveries: () => Promise<readonly Delivery[]>;
  /** Plays the buyer on the hosted page of a session; pays with `pm_card_visa` where no method is named. */
  readonly payCheckout: (
    sessionId: string,
    buyer?: { readonly paymentMethod?: string; readonly email?: string },
  ) => Promise<CheckoutAnswer>;
  /** Ends the waiting of a payment that requires action or is processing. */
  readonly settlePayment: (paymentIntentId: string, outcome: "succeeded" | "failed") => Promise<void>;
  /** Says what became of a refund: a pending one arrives or fails, one that had succeeded comes back. */
  readonly settleRefund: (refundId: string, outcome: "succeeded" | "failed") => Promise<void>;
  /** Lets the buyer's bank dispute a payment, and answers the dispute's id. */
  readonly dispute: (paymentIntentId: string) => Promise<string>;
  readonly closeDispute: (disputeId: string, outcome: "won" | "lost") => Promise<void>;
  /** Lets a session's time run out now. */
  readonly expireCheckout: (sessionId: string) => Promise<void>;
  /** Sends an event once more. */
  readonly resendEvent: (eventId: string) => Promise<void>;
  /** Points the configured webhook at another address. */
  readonly setWebhookUrl: (url: string) => Promise<void>;
  /** Forgets all objects, events, faults and idempotency keys. */
  readonly reset: () => Promise<void>;
}

const identified: z.ZodType<Pick<Stripe.Dispute, "id">> = z.object({ id: z.string() });

/** The control over a Stripe emulator at this address, which may run in another process. */
export function createStripeControl(url: string): StripeControl {
  const send = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/_emulator${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} /_emulator${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  };
  const post = async (path: string, body?: unknown): Promise<void> => {
    await send("POST", path, body);
  };
  return {
    url,
    faults: {
      webhooks: (effect, options = {}) => post("/faults", { on: "webhooks", effect, ...options }),
      api: (effect, options = {}) => post("/faults", { on: "api", effect, ...options }),
      clear: async () => {
        await send("DELETE", "/faults");
      },
    },
    // Both ends are this package: what readState and Deliveries.list return is what arrives.
    state: async () => (await send("GET", "/state")) as StripeState,
    waitForDeliveries: async () => (await send("POST", "/deliveries/wait")) as readonly Delivery[],
    payCheckout: (sessionId, buyer = {}) => payCheckout(url, sessionId, buyer),
    settlePayment: (id, outcome) => post(`/payment_intents/${id}/settle`, { outcome }),
    settleRefund: (id, outcome) => post(`/refunds/${id}/settle`, { outcome }),
    dispute: async (id) => identified.parse(await send("POST", `/payment_intents/${id}/dispute`)).id,
    closeDispute: (id, outcome) => post(`/disputes/${id}/close`, { outcome }),
    expireCheckout: (id) => post(`/sessions/${id}/expire`),
    resendEvent: (id) => post(`/events/${id}/resend`),
    setWebhookUrl: (next) => post("/webhook", { url: next }),
    reset: () => post("/reset"),
  };
}

async function payCheckout(
  url: string,
  sessionId: string,
  buyer: { readonly paymentMethod?: string; readonly email?: string },
): Promise<CheckoutAnswer> {
  const form = new URLSearchParams({ action: "pay", payment_method: buyer.paymentMethod ?? "pm_card_visa" });
  if (buyer.email !== undefined) form.set("email", buyer.email);
  const response = await fetch(`${url}/c/pay/${sessionId}`, { method: "POST", body: form, redirect: "manual" });
  await response.body?.cancel();
  return { status: response.status, location: response.headers.get("location") };
}
