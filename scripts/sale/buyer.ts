import { createFoyer, FoyerProblem } from "@foyer/sdk";
import type { Stack } from "../platform/stack.ts";
import { until } from "./mails.ts";

/** A reservation that was won. */
export interface Held {
  readonly reservationId: string;
  readonly secret: string;
}

/** How one attempt at a reservation ended. */
export type Attempt =
  | { readonly won: true; readonly held: Held }
  | { readonly won: false; readonly code: string; readonly left: number | null };

/** An order as its buyer knows it. */
export interface Bought {
  readonly orderId: string;
  readonly orderSecret: string;
  readonly email: string;
  readonly totalMinor: number;
}

/** Tries to reserve tickets of one type, without an account. */
export async function reserve(stack: Stack, eventId: string, ticketTypeId: string, quantity = 1): Promise<Attempt> {
  const foyer = createFoyer({ baseUrl: stack.url });
  try {
    const { data } = await foyer.post("/v1/events/{id}/reservations", {
      params: { path: { id: eventId } },
      body: { items: [{ ticketTypeId, quantity }] },
    });
    return { won: true, held: { reservationId: data.id, secret: data.secret } };
  } catch (thrown) {
    if (!(thrown instanceof FoyerProblem)) throw thrown;
    const left = (thrown.document.available as { available: number }[] | undefined)?.[0]?.available;
    return { won: false, code: thrown.code, left: left ?? null };
  }
}

/** Turns a reservation into an order. */
export async function order(
  stack: Stack,
  held: Held,
  buyer: { readonly name: string; readonly email: string },
): Promise<Bought> {
  const foyer = createFoyer({ baseUrl: stack.url });
  const { data } = await foyer.post("/v1/orders", {
    reservationSecret: held.secret,
    body: { reservationId: held.reservationId, buyer },
  });
  return { orderId: data.order.id, orderSecret: data.secret, email: buyer.email, totalMinor: data.order.total.amount };
}

/** Opens the payment of an order, or finds the one that is open. */
export async function openPayment(stack: Stack, bought: Bought, method: "checkout" | "intent") {
  const foyer = createFoyer({ baseUrl: stack.url });
  const { data } = await foyer.post("/v1/orders/{id}/payment", {
    params: { path: { id: bought.orderId } },
    orderSecret: bought.orderSecret,
    body: { method, returnUrl: "http://localhost:8787/return" },
  });
  return data.payment;
}

/** What the buyer's return page asks: the payment, compared with the provider while it is open. */
export async function readPayment(stack: Stack, bought: Bought) {
  const foyer = createFoyer({ baseUrl: stack.url });
  const { data } = await foyer.get("/v1/orders/{id}/payment", {
    params: { path: { id: bought.orderId } },
    orderSecret: bought.orderSecret,
  });
  return data.payment;
}

/** Opens the payment and pays on the provider's page, as a browser would; the webhook does the rest. */
export async function pay(stack: Stack, bought: Bought, paymentMethod?: string): Promise<void> {
  const { checkoutUrl } = await openPayment(stack, bought, "checkout");
  await stack.emulators.stripe.payCheckout(
    sessionOf(checkoutUrl),
    paymentMethod === undefined ? {} : { paymentMethod },
  );
}

/** The id of a checkout session, from the address of its page. */
export function sessionOf(checkoutUrl: string | null): string {
  return new URL(checkoutUrl ?? "").pathname.split("/").at(-1) ?? "";
}

/** Confirms a PaymentIntent with its client secret's intent, as the provider's elements would in the client's page. */
export async function confirmIntent(
  stack: Stack,
  clientSecret: string | null,
  paymentMethod = "pm_card_visa",
): Promise<number> {
  const [intentId] = (clientSecret ?? "").split("_secret_");
  const answer = await fetch(`${stack.emulators.stripe.url}/v1/payment_intents/${intentId}/confirm`, {
    method: "POST",
    headers: { authorization: "Bearer sk_test_buyer", "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ payment_method: paymentMethod, return_url: "http://localhost:8787/return" }),
  });
  await answer.body?.cancel();
  return answer.status;
}

/** Reads an order as its buyer. */
export async function readOrder(stack: Stack, bought: Bought) {
  const foyer = createFoyer({ baseUrl: stack.url });
  const { data } = await foyer.get("/v1/orders/{id}", {
    params: { path: { id: bought.orderId } },
    orderSecret: bought.orderSecret,
  });
  return data;
}

/** Waits until an order has a status. */
export function untilOrder(stack: Stack, bought: Bought, status: string, deadlineMs?: number) {
  return until(
    `order to be ${status}`,
    async () => {
      const read = await readOrder(stack, bought);
      return read.status === status ? read : null;
    },
    deadlineMs,
  );
}

/** The tickets of an order, with their codes. */
export async function ticketsOf(stack: Stack, bought: Bought) {
  const foyer = createFoyer({ baseUrl: stack.url });
  const { data } = await foyer.get("/v1/orders/{id}/tickets", {
    params: { path: { id: bought.orderId } },
    orderSecret: bought.orderSecret,
  });
  return data.data;
}
