import type { CallContext } from "@foyer/contracts/shared/actor";
import { limits } from "@foyer/kernel/limits";
import { newMessage } from "@foyer/messaging/message";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import type { EventWithText } from "../domain/event.ts";
import { copyOfVenue, hasMoved, isCopy } from "../domain/venue.ts";
import type { OutgoingNews } from "../repository/events.ts";
import { followAll } from "./follow.ts";

/**
 * Has events ahead follow their venues, a limited number at one run; run by cron. Holders of tickets of a public one that moved are told once, by the batch
 * that moves it. Where it left off is in the database, so it may be run as often as one likes, and side by side. Says how many followed.
 */
export async function followVenues(
  deps: Pick<Deps, "venues" | "events" | "pages" | "clock" | "log">,
  call: CallContext,
): Promise<number> {
  const startedMs = deps.clock.nowMs();
  const eventIds = await deps.venues.eventsBehind(startedMs, limits.eventsFollowingPerRunMax);
  const followed = await followAll(deps, call, eventIds, "follow_venue", async (before, nowMs) => {
    const { location } = before;
    if (!isCopy(location)) return null;
    const venue = await deps.venues.find(location.venueId);
    if (venue === null || venue.revision === location.venueRevision) return null;
    const next = copyOfVenue(venue, location);
    const moved = hasMoved(location, next);
    const after = { ...before, location: next, calendarSequence: before.calendarSequence + Number(moved) };
    const isAnnounced = before.status === "published" || before.status === "postponed";
    if (!moved || !isAnnounced) return { after };
    const news = ({ id: eventId, organizationId, version }: EventWithText): OutgoingNews[] => {
      const payload = { eventId, organizationId, version, notice: "relocated" as const };
      const about = { source: "events", requestId: call.requestId, nowMs } as const;
      return [{ message: newMessage("event.notice_due", payload, about) }];
    };
    return { after, news };
  });
  await deps.venues.settle(startedMs);
  return followed;
}

/** The first run, right after the change that makes it necessary. That is stored already, so a fault here is left to the cron. */
export async function followVenuesSoon(deps: Deps, call: CallContext): Promise<void> {
  try {
    await followVenues(deps, call);
  } catch (thrown) {
    deps.log.warn("venues left to the next run", describeError(thrown));
  }
}
