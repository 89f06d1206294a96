import { fail } from "@foyer/kernel/result";
import type { Sale } from "./model.ts";

/** Whether a sale lets in who has shown a grant of this access version, or none; see `@foyer/auth/event-access`. */
export function admits(sale: Sale, accessVersion: number | null | undefined): boolean {
  const wanted = sale.facts.accessVersion;
  return wanted === null || wanted === accessVersion;
}

/** The answer to a buyer without a grant that holds. */
export function accessRequired(): ReturnType<typeof fail> {
  return fail("bookings.access_required", "Show a grant to this event as X-Event-Access.");
}
