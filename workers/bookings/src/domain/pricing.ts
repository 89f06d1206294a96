import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Line, TicketType } from "./model.ts";

/** Currency of an event that sells nothing with a price. */
export const defaultCurrency = "USD";

/** An order's amounts in minor units of one currency; `total = subtotal - discount + tax + fees`. */
export interface Amounts {
  readonly subtotalMinor: number;
  readonly discountMinor: number;
  readonly taxMinor: number;
  readonly feesMinor: number;
  readonly totalMinor: number;
}

/** Prices lines. `bookings.total_too_large` where nobody could charge the sum. */
export function priceLines(lines: readonly Line[]): Result<Amounts> {
  const subtotalMinor = lines.reduce((sum, line) => sum + line.unitMinor * line.quantity, 0);
  if (subtotalMinor > limits.amountMinorMax) {
    return fail("bookings.total_too_large", "The total is larger than can be charged at once; buy fewer tickets.");
  }
  return ok({ subtotalMinor, discountMinor: 0, taxMinor: 0, feesMinor: 0, totalMinor: subtotalMinor });
}

/** The currency that an event sells in: that of any of its ticket types. */
export function currencyOf(types: Iterable<TicketType>): string | null {
  for (const type of types) if (type.currency !== null) return type.currency;
  return null;
}
