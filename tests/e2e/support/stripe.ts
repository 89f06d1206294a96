import { createHmac } from "node:crypto";
import { required } from "@foyer/kernel/assert";
import { localWebhookSecret } from "../../../scripts/platform/secrets.ts";
import type { Bought } from "../../../scripts/sale/buyer.ts";
import type { World } from "./world.ts";

/** Payments of an order that went through at Stripe. */
export async function chargesOf(world: World, { orderId }: Bought) {
  const { charges, paymentIntents } = await world.emulators.stripe.state();
  const own = paymentIntents.filter(({ metadata }) => metadata.foyer_order_id === orderId).map(({ id }) => id);
  return charges.filter((charge) => charge.paid && own.includes(String(charge.payment_intent)));
}

/** Checkout sessions that were opened for an order. */
export async function sessionsOf(world: World, { orderId }: Bought) {
  const { sessions } = await world.emulators.stripe.state();
  return sessions.filter(({ metadata }) => metadata?.foyer_order_id === orderId);
}

/** The event that tells that an order's checkout was paid. */
export async function completedEventOf(world: World, bought: Bought) {
  const [session] = await sessionsOf(world, bought);
  const { events } = await world.emulators.stripe.state();
  return required(
    events.find(
      ({ type, data }) =>
        type === "checkout.session.completed" && "id" in data.object && data.object.id === session?.id,
    ),
    "the checkout was paid",
  );
}

/** Hands a webhook to the platform, as Stripe would. */
export function deliver(world: World, body: string, signature: string): Promise<Response> {
  return fetch(`${world.url}/v1/webhooks/stripe`, {
    method: "POST",
    headers: { "content-type": "application/json", "stripe-signature": signature },
    body,
  });
}

/** A `Stripe-Signature` over a body (https://docs.stripe.com/webhooks#verify-manually). */
export function sign(body: string, how: { readonly secret?: string; readonly ageSeconds?: number } = {}): string {
  const seconds = Math.floor(Date.now() / 1_000) - (how.ageSeconds ?? 0);
  const digest = createHmac("sha256", how.secret ?? localWebhookSecret)
    .update(`${seconds}.${body}`)
    .digest("hex");
  return `t=${seconds},v1=${digest}`;
}
