import type { LocationInput } from "@foyer/contracts/events/locations";
import { required } from "@foyer/kernel/assert";
import type { OrganizationId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { copyOfVenue, isCopy, type StoredLocation } from "../domain/venue.ts";

/**
 * Where an event takes place, from what its organizer says: the address as it is given, or a copy of one of the organization's venues. Another tenant's
 * venue is as unknown as one that does not exist: `request.invalid` at `location.venueId`, or `location.roomId`.
 */
export async function resolveLocation(
  deps: Pick<Deps, "venues">,
  organizationId: OrganizationId,
  input: LocationInput | null,
): Promise<Result<StoredLocation | null>> {
  if (input === null || input.kind === "online") return ok(input);
  const { venueId, roomId } = input;
  if (venueId === undefined) {
    const { name, address, city, country, venueId: _venue, roomId: _id, room: _room, ...further } = input;
    const because = "the contract asks for an address where no venue is named";
    return ok({
      ...further,
      name: required(name, because),
      address: required(address, because),
      city: required(city, because),
      country: required(country, because),
    });
  }
  const venue = await deps.venues.find(venueId);
  if (venue === null || venue.organizationId !== organizationId) return unknownVenue();
  if (roomId !== undefined && !venue.rooms.some(({ id }) => id === roomId))
    return fault("location.roomId", "events.room_not_found", "No such room at this venue");
  return ok(copyOfVenue(venue, input));
}

/**
 * The place of an event for another event of its organization: a fresh copy of its venue. Where that was deleted since, the address is what is left,
 * and names no venue any more.
 */
export async function renewLocation(
  deps: Pick<Deps, "venues">,
  location: StoredLocation | null,
): Promise<StoredLocation | null> {
  if (!isCopy(location)) return location;
  const venue = await deps.venues.find(location.venueId);
  if (venue !== null) return copyOfVenue(venue, location);
  const { venueId: _venue, venueRevision: _revision, roomId: _id, room: _room, ...address } = location;
  return address;
}

/** The answer to a venue that does not exist, or not in this organization. */
export function unknownVenue() {
  return fault("location.venueId", "events.venue_not_found", "No such venue");
}

function fault(path: string, code: string, message: string) {
  return fail("request.invalid", "Some fields are not valid; see errors.", { errors: [{ path, code, message }] });
}
