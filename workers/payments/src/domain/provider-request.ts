import type { PayableOrder } from "@foyer/contracts/bookings/rpc";
import type { OrderId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { ProviderRequest } from "./payment.ts";

const lineNameCharsMax = 200;
/** Time for the call itself, so that a page does not close a moment earlier than the provider allows. */
const sessionSlackSeconds = 30;

/** The provider's idempotency key of one attempt to pay one order. */
export function paymentKey(orderId: OrderId, attempt: number): string {
  return `foyer-payment-${orderId}-${attempt}`;
}

/**
 * Lines that add up to exactly what is owed. Prices are listed as they are; what an order owes beyond them is a line of its
 * own, and where it owes less (a discount), one line says it all, since the provider knows no negative prices.
 */
export function linesOf(order: PayableOrder): ProviderRequest["lines"] {
  const lines = order.items
    .filter((item) => item.unitPrice.amount > 0)
    .map((item) => ({
      name: item.name.slice(0, lineNameCharsMax),
      quantity: item.quantity,
      unitMinor: item.unitPrice.amount,
    }));
  const listed = lines.reduce((sum, line) => sum + line.quantity * line.unitMinor, 0);
  const rest = order.total.amount - listed;
  if (rest === 0) return lines;
  if (rest > 0) return [...lines, { name: "Taxes and fees", quantity: 1, unitMinor: rest }];
  return [{ name: order.eventTitle.slice(0, lineNameCharsMax), quantity: 1, unitMinor: order.total.amount }];
}

/** What the provider is told of an order. */
export function providerRequestOf(
  order: PayableOrder,
  returnUrl: string,
  times: { readonly nowMs: number; readonly expiresAtMs: number },
): ProviderRequest {
  const earliest = Math.floor(times.nowMs / 1000) + limits.checkoutSessionSecondsMin + sessionSlackSeconds;
  return {
    title: order.eventTitle.slice(0, lineNameCharsMax),
    email: order.buyer.email,
    returnUrl,
    lines: linesOf(order),
    sessionExpiresAtSeconds: Math.max(earliest, Math.floor(times.expiresAtMs / 1000)),
  };
}
