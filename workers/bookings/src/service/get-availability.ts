import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Availability } from "../clients/availability-cache.ts";
import type { Deps } from "../deps.ts";

/** What is left of an event's public ticket types, at most a second old. */
export async function getAvailability(
  deps: Pick<Deps, "availability">,
  call: CallContext,
  input: { readonly eventId: EventId },
): Promise<Result<NonNullable<Availability>>> {
  const found = await deps.availability.get(input.eventId, call.requestId);
  if (!found.ok) return found;
  return found.value === null ? fail("bookings.event_not_found", "There is no such event.") : ok(found.value);
}
