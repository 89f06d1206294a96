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

/** Opens the payment and pays on the provider's page, as a browser would; the webhook does the rest. */
export async function pay(stack: Stack, bought: Bought, paymentMethod?: string): Promise<void> {
  const foyer = createFoyer({ baseUrl: stack.url });
  const { data } = await foyer.post("/v1/orders/{id}/payment", {
    params: { path: { id: bought.orderId } },
    orderSecret: bought.orderSecret,
    body: { method: "checkout", returnUrl: "http://localhost:8787/return" },
  });
  const session = new URL(data.payment.checkoutUrl ?? "").pathname.split("/").at(-1) ?? "";
  await stack.emulators.stripe.payCheckout(session, paymentMethod === undefined ? {} : { paymentMethod });
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
