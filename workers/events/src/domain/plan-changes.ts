import type { SaleTally } from "@foyer/contracts/bookings/sale-figures";
import type { EventLocation, EventStatus } from "@foyer/contracts/events/api";
import type { HolderNotice } from "@foyer/contracts/messages/catalog";
import { type Event, isAnnounced } from "./event.ts";

/** What whoever has a ticket has planned for, by its path in the API. */
export type PlanField = "startsAt" | "endsAt" | "location";

type Planned = Pick<Event, "status" | "startsAtMs" | "endsAtMs" | "location">;

/** A place as somebody finds it. Where to join online and coordinates are looked up when it is time, so they may be corrected freely. */
function placeName(location: EventLocation | null): string {
  if (location === null || location.kind === "online") return JSON.stringify(location?.kind ?? null);
  return JSON.stringify([location.kind, location.name, location.address, location.city, location.country]);
}

/** Which changes of an announced event upset plans. The same values, said again, do not, nor does another name for the same instants' zone. */
export function planChanges(before: Planned, after: Planned): PlanField[] {
  if (!isAnnounced(before.status) || !isAnnounced(after.status)) return [];
  const changes: PlanField[] = [];
  if (before.startsAtMs !== after.startsAtMs) changes.push("startsAt");
  if (before.endsAtMs !== after.endsAtMs) changes.push("endsAt");
  if (placeName(before.location) !== placeName(after.location)) changes.push("location");
  return changes;
}

/** What holders are told of such changes; where time and place change at once, the time is what the mail is about. */
export function noticeOf(changes: readonly PlanField[]): HolderNotice | null {
  if (changes.length === 0) return null;
  return changes.includes("startsAt") || changes.includes("endsAt") ? "rescheduled" : "relocated";
}

type Revised = Planned & Pick<Event, "publishedAtMs" | "previousStartsAtMs" | "calendarSequence">;

/**
 * What a change does to an event's marks of having been changed: `previousStartsAtMs` keeps the first start that was announced, until the event is
 * moved back to it or is withdrawn; `calendarSequence` grows with whatever a calendar must learn (RFC 5545 section 3.8.7.4).
 */
export function revisionMarks(before: Revised, after: Revised): Pick<Event, "previousStartsAtMs" | "calendarSequence"> {
  const changes = planChanges(before, after);
  // A calendar shows neither that an event is over nor that it was put away; before its first publication none shows it at all.
  const isShown = (status: EventStatus): boolean => isAnnounced(status) || status === "cancelled";
  const showsOtherwise =
    before.publishedAtMs !== null &&
    before.status !== after.status &&
    (isShown(after.status) || (isAnnounced(before.status) && after.status !== "completed"));
  const isWithdrawn = isAnnounced(before.status) && (after.status === "draft" || after.status === "scheduled");
  const firstStartsAtMs = before.previousStartsAtMs ?? before.startsAtMs;
  const movedFromMs = changes.includes("startsAt") ? firstStartsAtMs : before.previousStartsAtMs;
  return {
    previousStartsAtMs: isWithdrawn || movedFromMs === after.startsAtMs ? null : movedFromMs,
    calendarSequence: before.calendarSequence + Number(changes.length > 0 || showsOtherwise),
  };
}

/** Whether somebody has bought, or has ordered and is about to pay. */
export function isSold(tally: SaleTally): boolean {
  return tally.validTickets + tally.confirmedOrders + tally.openOrders > 0;
}
