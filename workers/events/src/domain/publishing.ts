import { dayMs } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import type { FieldFault } from "@foyer/kernel/result";
import { type Event, type EventWithText, isAnnounced } from "./event.ts";

/** One thing that keeps an event from being published. */
export interface Missing {
  readonly code: string;
  /** The field to see to, as a JSON path. */
  readonly path: string;
}

type Checked = Pick<
  Event,
  "status" | "title" | "startsAtMs" | "endsAtMs" | "location" | "publishedAtMs" | "visibility"
> &
  Pick<EventWithText, "passwordHash">;

/** What a page cannot do without; holds for an event that is or was announced at every moment. */
export function missingContent(event: Checked): Missing[] {
  const missing: Missing[] = [];
  if (event.title.trim() === "") missing.push({ code: "events.title_required", path: "title" });
  if (event.startsAtMs === null) missing.push({ code: "events.start_required", path: "startsAt" });
  if (event.endsAtMs === null) missing.push({ code: "events.end_required", path: "endsAt" });
  if (event.location === null) missing.push({ code: "events.location_required", path: "location" });
  if (event.visibility === "password" && event.passwordHash === null)
    missing.push({ code: "events.password_missing", path: "password" });
  return missing;
}

/**
 * Everything that keeps the event from being published at a moment, at once: now, or when it is due. An event that was public before may be
 * published again while it runs; a new one, and one that was postponed, must lie ahead. `saleMissing` are bookings' own codes.
 */
export function missingForPublishing(event: Checked, saleMissing: readonly string[], atMs: number): Missing[] {
  const missing = missingContent(event);
  const mustLieAhead = event.publishedAtMs === null || event.status === "postponed";
  if (event.startsAtMs !== null && event.startsAtMs <= atMs && mustLieAhead)
    missing.push({ code: "events.start_in_past", path: "startsAt" });
  if (event.endsAtMs !== null && event.endsAtMs <= atMs) missing.push({ code: "events.end_in_past", path: "endsAt" });
  for (const code of saleMissing) missing.push({ code, path: "ticketTypes" });
  return missing;
}

/** What an event may not lose by a change: what it has been announced with, or is to be published with by itself. */
export function missingAfterChange(event: Checked & Pick<Event, "publishAtMs">): Missing[] {
  if (event.status === "scheduled" && event.publishAtMs !== null) {
    return missingForPublishing(event, [], event.publishAtMs);
  }
  return isAnnounced(event.status) ? missingContent(event) : [];
}

/** Faults of a pair of times: an end before its start, or an event longer than the platform carries. */
export function timeFaults(startsAtMs: number | null, endsAtMs: number | null): FieldFault[] {
  if (startsAtMs === null || endsAtMs === null) return [];
  if (endsAtMs <= startsAtMs)
    return [{ path: "endsAt", code: "events.end_before_start", message: "The end must be after the start" }];
  if (endsAtMs - startsAtMs > limits.eventDurationDaysMax * dayMs)
    return [
      {
        path: "endsAt",
        code: "events.too_long",
        message: `An event lasts at most ${limits.eventDurationDaysMax} days`,
      },
    ];
  return [];
}
