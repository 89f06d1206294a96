import type { CallContext } from "@foyer/contracts/shared/actor";
import { checkIfMatch, etagOf } from "@foyer/http/etag";
import type { Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { untilStored } from "./change.ts";
import { openVenue } from "./open-venue.ts";

/**
 * Removes a venue that no event ahead takes place at; those that are over keep their copies. `events.venue_not_found`,
 * `request.precondition_failed`, `events.venue_in_use`.
 */
export async function deleteVenue(
  deps: Pick<Deps, "users" | "venues" | "clock">,
  call: CallContext,
  input: { readonly id: Id<"venue">; readonly ifMatch: string | undefined },
): Promise<Result<null>> {
  return untilStored<null>(async () => {
    const opened = await openVenue(deps, call, input.id, "events.write");
    if (!opened.ok) return opened;
    const current = checkIfMatch(input.ifMatch, etagOf(opened.value.version));
    if (!current.ok) return current;
    const nowMs = deps.clock.nowMs();
    if (await deps.venues.isInUse(input.id, null, nowMs))
      return fail("events.venue_in_use", "Events that are not over take place there.");
    return (await deps.venues.remove(opened.value, nowMs)) === "overtaken" ? "overtaken" : ok(null);
  });
}
