import { ticketStatuses } from "@foyer/contracts/bookings/api";
import { orderStatuses } from "@foyer/contracts/bookings/rpc";
import type { Schema } from "@foyer/sdk";
import { expect, test } from "vitest";
import { formatPrice, orderText, ticketText } from "../browser/order-texts.ts";
import { formatTime } from "../browser/times.ts";

const eur = (amount: number): Schema<"Money"> => ({ amount, currency: "EUR" });

function newOrder(fields: Partial<Schema<"Order">>): Schema<"Order"> {
  return {
    id: `ord_${"0".repeat(46)}`,
    eventId: `evt_${"0".repeat(26)}`,
    reservationId: `rsv_${"0".repeat(46)}`,
    status: "confirmed",
    items: [],
    subtotal: eur(9_000),
    discount: eur(0),
    tax: eur(0),
    fees: eur(0),
    total: eur(9_000),
    refunded: eur(0),
    buyer: { name: "Buyer One", email: "buyer@example.com" },
    answers: {},
    expiresAt: null,
    createdAt: "2026-11-23T18:50:00.000Z",
    confirmedAt: null,
    ...fields,
  };
}

test("every status of an order has words of its own", () => {
  const titles = orderStatuses.map((status) => orderText(newOrder({ status })).title);
  expect(new Set(titles).size).toBe(orderStatuses.length);
  for (const title of titles) expect(title).toMatch(/^[A-Z][a-z ]+$/);
});

test("every status of a ticket has words of its own", () => {
  expect(new Set(ticketStatuses.map(ticketText)).size).toBe(ticketStatuses.length);
});

test("an order that waits for its payment says until when", () => {
  const order = newOrder({ status: "pending_payment", expiresAt: "2026-11-23T19:00:00.000Z" });
  expect(orderText(order, "Europe/Berlin").detail.replaceAll("\u202f", " ")).toContain("until Nov 23, 2026, 8:00 PM");
  expect(formatTime("2026-11-23T19:00:00.000Z", "UTC").replaceAll("\u202f", " ")).toBe("Nov 23, 2026, 7:00 PM");
});

test("a partial refund says how much of how much went back", () => {
  const order = newOrder({ status: "partially_refunded", refunded: eur(4_500) });
  expect(orderText(order).detail).toContain("€45.00 of €90.00");
});

test.each([
  [{ amount: 2_500, currency: "USD" }, "$25.00"],
  [{ amount: 2_500, currency: "JPY" }, "¥2,500"],
  [{ amount: 2_500, currency: "KWD" }, "KWD 2.500"],
  [{ amount: 0, currency: "EUR" }, "Free"],
] as const)("a price of %o is written with the decimals of its currency", (price, text) => {
  expect(formatPrice(price).replaceAll("\u00a0", " ")).toBe(text);
});
