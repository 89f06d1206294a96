import { requireIdentity } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { Permission } from "@foyer/contracts/shared/permissions";
import type { Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { Venue } from "../domain/venue.ts";
import { authorizeIn } from "./access.ts";

/** A venue that the caller may do this with, or `events.venue_not_found`. */
export async function openVenue(
  deps: Pick<Deps, "users" | "venues">,
  call: CallContext,
  id: Id<"venue">,
  permission: Permission,
): Promise<Result<Venue>> {
  const identity = requireIdentity(call.actor);
  if (!identity.ok) return identity;
  const venue = await deps.venues.find(id);
  if (venue === null) return fail("events.venue_not_found", "No such venue.");
  const { organizationId } = venue;
  const allowed = await authorizeIn(deps, call, { organizationId, permission, absentCode: "events.venue_not_found" });
  return allowed.ok ? ok(venue) : allowed;
}
