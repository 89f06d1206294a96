import type { EventLocation } from "@foyer/contracts/events/api";
import type { EventFacts } from "@foyer/contracts/events/rpc";
import type { PublicEvent } from "@foyer/contracts/messages/catalog";
import { required } from "@foyer/kernel/assert";
import { limits } from "@foyer/kernel/limits";
import type { Event, EventWithText } from "./event.ts";
import { isGated } from "./reading.ts";

/** One line for mails and tickets: the venue's name and city, or "Online". */
export function placeOf(location: EventLocation | null): string {
  if (location === null) return "";
  return location.kind === "online" ? "Online" : `${location.name}, ${location.city}`;
}

/** The beginning of a description as one line, cut at a word where there is one. */
export function summarize(description: string): string {
  const line = description.replace(/\s+/g, " ").trim();
  const chars = Array.from(line); // by code points, so that no emoji is cut in half
  if (chars.length <= limits.summaryCharsMax) return line;
  const cut = chars.slice(0, limits.summaryCharsMax - 1).join("");
  const lastSpace = cut.lastIndexOf(" ");
  return `${lastSpace > limits.summaryCharsMax / 2 ? cut.slice(0, lastSpace) : cut}…`;
}

/** What a grant must name to open a gated event; null where everybody may buy. */
function accessVersionOf({ visibility, accessVersion }: Event): number | null {
  return isGated(visibility) ? accessVersion : null;
}

/** What other domains need to know of an event. */
export function toFacts(event: Event): EventFacts {
  return {
    eventId: event.id,
    organizationId: event.organizationId,
    version: event.version,
    status: event.status,
    slug: event.slug,
    title: event.title,
    startsAtMs: event.startsAtMs,
    endsAtMs: event.endsAtMs,
    timezone: event.timezone,
    place: placeOf(event.location),
    accessVersion: accessVersionOf(event),
    note: event.statusNote,
  };
}

/** The public face of a published event, as search shows it. Where to join online is not part of it. */
export function toPublicEvent(event: EventWithText): PublicEvent {
  const { location } = event;
  const venue = location !== null && location.kind !== "online" ? location : null;
  return {
    eventId: event.id,
    organizationId: event.organizationId,
    version: event.version,
    slug: event.slug,
    title: event.title,
    summary: event.summary,
    description: event.description,
    startsAtMs: required(event.startsAtMs, "a published event has a start"),
    endsAtMs: required(event.endsAtMs, "a published event has an end"),
    timezone: event.timezone,
    place: placeOf(location),
    online: location?.kind === "online" || location?.kind === "hybrid",
    latitude: venue?.latitude ?? null,
    longitude: venue?.longitude ?? null,
    categoryId: event.categoryId,
    categoryName: event.categoryName,
    tags: [...event.tags],
    organizationName: event.organizationName,
    coverMediaId: event.cover?.mediaId ?? null,
    accessVersion: accessVersionOf(event),
  };
}

/** Slugs to try for a new event, best first: its title's, then one that its id makes unique. */
export function slugCandidates(titleSlug: string, eventId: string): readonly [string, string] {
  const base = titleSlug === "" ? "event" : titleSlug;
  return [base, `${base}-${eventId.slice(-10)}`];
}
