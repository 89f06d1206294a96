import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Availability } from "../clients/availability-cache.ts";
import type { Deps } from "../deps.ts";
import { accessOf } from "./event-access.ts";

/**
 * What is left of an event's public ticket types, at most a second old. A gated event exists for those alone who show a good grant, and what they are
 * told is kept nowhere.
 */
export async function getAvailability(
  deps: Pick<Deps, "availability" | "offices" | "access">,
  call: CallContext,
  input: { readonly eventId: EventId; readonly grant: string | null },
): Promise<Result<NonNullable<Availability>>> {
  const { eventId } = input;
  const access = input.grant === null ? {} : await accessOf(deps, input);
  const found =
    access.accessVersion === undefined
      ? await deps.availability.get(eventId, call.requestId)
      : (await deps.offices.run(eventId, "getAvailability", access, call)).result;
  if (!found.ok) return found;
  return found.value === null ? fail("bookings.event_not_found", "There is no such event.") : ok(found.value);
}
