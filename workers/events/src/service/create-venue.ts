import type { CreateVenue } from "@foyer/contracts/events/venues";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { roomFaults, settleRooms, type Venue } from "../domain/venue.ts";
import { authorizeIn } from "./access.ts";

/** Adds a venue to an organization. `events.organization_not_found`, `request.invalid`, `events.too_many_venues`. */
export async function createVenue(
  deps: Pick<Deps, "users" | "venues" | "clock">,
  call: CallContext,
  input: CreateVenue,
): Promise<Result<Venue>> {
  const allowed = await authorizeIn(deps, call, {
    organizationId: input.organizationId,
    permission: "events.write",
    absentCode: "events.organization_not_found",
  });
  if (!allowed.ok) return allowed;
  const errors = roomFaults(input.rooms, []);
  if (errors.length > 0) return fail("request.invalid", "Some fields are not valid; see errors.", { errors });
  const nowMs = deps.clock.nowMs();
  const venue = {
    ...input,
    id: newId("venue", nowMs),
    version: 1,
    revision: 1,
    rooms: settleRooms(input.rooms, () => newId("room", nowMs)),
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
  return (await deps.venues.insert(venue)) === "full"
    ? fail("events.too_many_venues", `An organization has at most ${limits.venuesPerOrganizationMax} venues.`)
    : ok(venue);
}
