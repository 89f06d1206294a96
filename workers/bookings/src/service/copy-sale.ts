import type { EventFacts } from "@foyer/contracts/events/rpc";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import { fail, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";

/**
 * Prepares an event's sale with the offer of another of the same organization's. The other is only read. An event that has an offer keeps it, so that
 * repeating this changes nothing. `bookings.event_not_found` where the other is unknown, or not this organization's.
 */
export async function copySale(
  deps: Pick<Deps, "offices">,
  call: CallContext,
  input: { readonly fromEventId: EventId; readonly to: EventFacts },
): Promise<Result<null>> {
  const { fromEventId, to } = input;
  const { result: found } = await deps.offices.run(fromEventId, "getOffer", {}, call);
  if (!found.ok) return found;
  const offer = found.value;
  if (offer === null || offer.organizationId !== to.organizationId) {
    return fail("bookings.event_not_found", "There is no such event to copy from.");
  }
  return (await deps.offices.run(to.eventId, "takeOffer", { event: to, offer }, call)).result;
}
