import type { EventLocation, EventStatus } from "@foyer/contracts/events/api";
import { canonicalPath } from "../addresses.ts";
import type { Event } from "../event.ts";
import { parameterValue, textValue, toStream } from "./content-lines.ts";
import { isAmbiguous, type Observance, observancesFor, offsetAt, wallClock, zoneLines } from "./zones.ts";

/** An event as a calendar shows it; `description` and `categoryName` where it was read whole. */
export type CalendarEvent = Event & { readonly description?: string; readonly categoryName?: string | null };

/** A calendar's own name, and where the platform is reached from outside. */
export interface CalendarOptions {
  readonly name: string;
  readonly publicUrl: string;
}

/** How sure it is that an event takes place. Of what was put away it is no longer said. */
const statuses: Readonly<Record<EventStatus, string | null>> = {
  draft: "TENTATIVE",
  scheduled: "TENTATIVE",
  published: "CONFIRMED",
  postponed: "TENTATIVE",
  cancelled: "CANCELLED",
  completed: "CONFIRMED",
  archived: null,
};

/** Zones that are UTC by another name; their times need no zone. */
const universal = new Set(["UTC", "Etc/UTC"]);
/** How often readers are asked to look again. */
const refresh = "PT1H";

interface Dated {
  readonly event: CalendarEvent;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}

/**
 * A calendar of events (RFC 5545, RFC 7986). Those without a start are left out. Where to join online is never in it. The same events
 * give the same text, so that it can be compared by its hash.
 */
export function toCalendar(events: readonly CalendarEvent[], { name, publicUrl }: CalendarOptions): string {
  const dated = events.flatMap((event): Dated[] => {
    const { startsAtMs, endsAtMs } = event;
    return startsAtMs === null ? [] : [{ event, startsAtMs, endsAtMs: endsAtMs ?? startsAtMs }];
  });
  const zones = zonesOf(dated);
  return toStream([
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Foyer//Events//EN",
    "CALSCALE:GREGORIAN",
    "METHOD:PUBLISH",
    `NAME:${textValue(name)}`,
    `X-WR-CALNAME:${textValue(name)}`,
    `REFRESH-INTERVAL;VALUE=DURATION:${refresh}`,
    `X-PUBLISHED-TTL:${refresh}`,
    ...[...zones].flatMap(([timezone, observances]) => zoneLines(timezone, observances)),
    ...dated.flatMap((each) => eventLines(each, publicUrl)),
    "END:VCALENDAR",
  ]);
}

/** What is to be said of each zone that times are given in. */
function zonesOf(dated: readonly Dated[]): Map<string, Observance[]> {
  const instants = new Map<string, number[]>();
  for (const { event, startsAtMs, endsAtMs } of dated) {
    if (event.allDay || universal.has(event.timezone)) continue;
    const known = instants.get(event.timezone) ?? [];
    known.push(startsAtMs, endsAtMs);
    instants.set(event.timezone, known);
  }
  return new Map([...instants].map(([timezone, times]) => [timezone, observancesFor(timezone, times)]));
}

function eventLines({ event, startsAtMs, endsAtMs }: Dated, publicUrl: string): string[] {
  const { host } = new URL(publicUrl);
  const time = (property: string, epochMs: number): string => {
    const local = wallClock(epochMs + offsetAt(event.timezone, epochMs));
    if (event.allDay) return `${property};VALUE=DATE:${local.slice(0, 8)}`;
    if (universal.has(event.timezone) || isAmbiguous(event.timezone, epochMs))
      return `${property}:${wallClock(epochMs)}Z`;
    return `${property};TZID=${event.timezone}:${local}`;
  };
  const status = statuses[event.status];
  const categories = [event.categoryName ?? null, ...event.tags].filter((text) => text !== null);
  const place = placeText(event.location);
  const description = event.description ?? event.summary;
  const organizer = `${publicUrl}/v1/organizations/${event.organizationId}/calendar.ics`;
  return [
    "BEGIN:VEVENT",
    `UID:${event.id}@${host}`,
    // With METHOD a stamp says when this account of the event was made, which is when it last changed.
    `DTSTAMP:${wallClock(event.updatedAtMs)}Z`,
    `CREATED:${wallClock(event.createdAtMs)}Z`,
    `LAST-MODIFIED:${wallClock(event.updatedAtMs)}Z`,
    `SEQUENCE:${event.calendarSequence}`,
    ...(status === null ? [] : [`STATUS:${status}`]),
    time("DTSTART", startsAtMs),
    ...(endsAtMs > startsAtMs ? [time("DTEND", endsAtMs)] : []),
    `SUMMARY:${textValue(event.title)}`,
    ...(description === "" ? [] : [`DESCRIPTION:${textValue(description)}`]),
    ...(event.statusNote === null ? [] : [`COMMENT:${textValue(event.statusNote)}`]),
    ...(place === "" ? [] : [`LOCATION:${textValue(place)}`]),
    ...geoLines(event.location),
    ...(categories.length === 0 ? [] : [`CATEGORIES:${categories.map(textValue).join(",")}`]),
    `ORGANIZER;CN=${parameterValue(event.organizationName)}:${organizer}`,
    ...(event.seriesId === null ? [] : [`RELATED-TO:${event.seriesId}@${host}`]),
    `URL:${publicUrl}${canonicalPath(event)}`,
    "END:VEVENT",
  ];
}

function placeText(location: EventLocation | null): string {
  if (location === null) return "";
  if (location.kind === "online") return "Online";
  const { name, address, city, country } = location;
  return [name, address, city, country].join(", ");
}

function geoLines(location: EventLocation | null): string[] {
  if (location === null || location.kind === "online") return [];
  const { latitude, longitude } = location;
  return latitude === undefined || longitude === undefined ? [] : [`GEO:${latitude};${longitude}`];
}
