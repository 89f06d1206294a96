import type { UpdateVenue } from "@foyer/contracts/events/venues";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { checkIfMatch, etagOf } from "@foyer/http/etag";
import { type EventId, type Id, newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { isElsewhere, patchVenue, roomFaults, settleRooms, type Venue } from "../domain/venue.ts";
import { asSystem } from "./access.ts";
import { untilStored } from "./change.ts";
import { followVenuesSoon } from "./follow-venues.ts";
import { openVenue } from "./open-venue.ts";

/**
 * Changes what is named, as the next version; events ahead follow, the first at once and the rest by cron. Fails with `events.venue_not_found`,
 * `request.precondition_failed`, `request.invalid`, `events.venue_in_use` where a room is taken away that an event ahead is in, and
 * `events.confirmation_required` where the venue would be elsewhere, somebody has a ticket, and it is not confirmed that they may be told.
 */
export async function updateVenue(
  deps: Deps,
  call: CallContext,
  input: { readonly id: Id<"venue">; readonly ifMatch: string | undefined; readonly patch: UpdateVenue },
): Promise<Result<Venue>> {
  const { confirm, rooms: wanted, ...patch } = input.patch;
  const result = await untilStored<Venue>(async () => {
    const opened = await openVenue(deps, call, input.id, "events.write");
    if (!opened.ok) return opened;
    const before = opened.value;
    const current = checkIfMatch(input.ifMatch, etagOf(before.version));
    if (!current.ok) return current;
    const errors = wanted === undefined ? [] : roomFaults(wanted, before.rooms);
    if (errors.length > 0) return fail("request.invalid", "Some fields are not valid; see errors.", { errors });

    const nowMs = deps.clock.nowMs();
    const rooms = wanted === undefined ? before.rooms : settleRooms(wanted, () => newId("room", nowMs));
    const after = patchVenue(before, patch, rooms, nowMs);
    if (after === before) return ok(before);
    const gone = before.rooms.filter(({ id }) => !rooms.some((room) => room.id === id)).map(({ id }) => id);
    if (gone.length > 0 && (await deps.venues.isInUse(before.id, gone, nowMs)))
      return fail("events.venue_in_use", "Events that are not over take place in a room that would be gone.");
    const agreed = confirm === true || !isElsewhere(before, after) ? ok(null) : await askHolders(deps, call, before.id);
    if (!agreed.ok) return agreed;
    return (await deps.venues.save(after)) === "overtaken" ? "overtaken" : ok(after);
  });
  if (result.ok) await followVenuesSoon(deps, call);
  return result;
}

/** `events.confirmation_required` where tickets of an event there are sold. A box office that does not answer may have sold some. */
async function askHolders(deps: Deps, call: CallContext, id: Id<"venue">): Promise<Result<null>> {
  const ahead = await deps.venues.announcedEvents(id, deps.clock.nowMs(), limits.venueTalliesMax + 1);
  const asked = ahead.slice(0, limits.venueTalliesMax);
  let sold = ahead.length - asked.length;
  for (let index = 0; index < asked.length; index += limits.boxOfficesAtOnceMax) {
    const some = asked.slice(index, index + limits.boxOfficesAtOnceMax);
    const answers = await Promise.all(some.map((eventId) => isSold(deps, call, eventId)));
    for (const answer of answers) {
      if (!answer.ok) return answer;
      sold += Number(answer.value);
    }
  }
  if (sold === 0) return ok(null);
  return fail("events.confirmation_required", "Holders of tickets would be told of this; repeat it with confirm.", {
    extra: { events: sold },
  });
}

async function isSold(deps: Deps, call: CallContext, eventId: EventId): Promise<Result<boolean>> {
  const tally = await deps.bookings.getSaleTally(asSystem(call), { eventId });
  if (!tally.ok) return tally;
  const { validTickets, confirmedOrders, openOrders } = tally.value;
  return ok(validTickets + confirmedOrders + openOrders > 0);
}
