import type { EventLocation, EventStatus } from "@foyer/contracts/events/api";
import { minuteMs, toRfc3339 } from "@foyer/kernel/clock";
import type { JsonValue } from "@foyer/kernel/result";
import { toZonedTime } from "@foyer/kernel/time-zones";
import type { EventWithText } from "./event.ts";
import { toPlainText } from "./markdown.ts";

type Thing = { readonly [key: string]: JsonValue };

const schema = (name: string): string => `https://schema.org/${name}`;

/** The wall clock in a zone with its offset from UTC, `2026-11-23T20:00:00+01:00` (RFC 3339). */
function toOffsetTime(epochMs: number, timezone: string): string {
  const { local } = toZonedTime(epochMs, timezone);
  const offsetMinutes = Math.round((Date.parse(`${local}Z`) - epochMs) / minuteMs);
  const size = Math.abs(offsetMinutes);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${local}${offsetMinutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/**
 * An event as schema.org/Event, for search engines and assistants. Where to join online is not part of it. Dates are wall-clock times at the event with
 * their offset, as Google's guide for events asks for.
 */
export function toJsonLd(
  event: EventWithText,
  { url, imageUrl }: { readonly url: string; readonly imageUrl: string | null },
): Thing {
  const { startsAtMs, endsAtMs, previousStartsAtMs, timezone, location, minimumAge, details } = event;
  const time = (atMs: number): string =>
    event.allDay ? toOffsetTime(atMs, timezone).slice(0, 10) : toOffsetTime(atMs, timezone);
  const { status, previous } = statusOf(event.status, previousStartsAtMs, startsAtMs);
  return {
    "@context": "https://schema.org",
    "@type": "Event",
    "@id": url,
    url,
    name: event.title,
    description: details.seo?.description ?? toPlainText(event.description).trim(),
    inLanguage: event.locale,
    ...(startsAtMs === null ? {} : { startDate: time(startsAtMs) }),
    // The end of an all-day event is the midnight after its last day.
    ...(endsAtMs === null ? {} : { endDate: time(event.allDay ? endsAtMs - 1 : endsAtMs) }),
    eventStatus: schema(status),
    ...(previous === null ? {} : { previousStartDate: time(previous) }),
    ...placeOf(location, url),
    ...(imageUrl === null ? {} : { image: [imageUrl] }),
    organizer: {
      "@type": "Organization",
      name: event.organizationName,
      ...(details.contact?.url === undefined ? {} : { url: details.contact.url }),
    },
    offers: offerOf(event, url),
    ...(minimumAge === null ? {} : { typicalAgeRange: `${minimumAge}-` }),
    ...(event.tags.length === 0 ? {} : { keywords: event.tags.join(", ") }),
  };
}

/** schema.org's words for what has become of it. A new date after an old one is a rescheduling. */
function statusOf(status: EventStatus, previousStartsAtMs: number | null, startsAtMs: number | null) {
  if (status === "cancelled") return { status: "EventCancelled", previous: null };
  if (status === "postponed") return { status: "EventPostponed", previous: previousStartsAtMs };
  if (previousStartsAtMs !== null && previousStartsAtMs !== startsAtMs)
    return { status: "EventRescheduled", previous: previousStartsAtMs };
  return { status: "EventScheduled", previous: null };
}

function offerOf(event: EventWithText, url: string): Thing {
  return {
    "@type": "Offer",
    url,
    ...(event.publishedAtMs === null ? {} : { validFrom: toRfc3339(event.publishedAtMs) }),
    ...(event.status === "published" ? {} : { availability: schema("Discontinued") }),
  };
}

const modes = {
  venue: "OfflineEventAttendanceMode",
  online: "OnlineEventAttendanceMode",
  hybrid: "MixedEventAttendanceMode",
} as const;

function placeOf(location: EventLocation | null, url: string): Thing {
  if (location === null) return {};
  const virtual = { "@type": "VirtualLocation", url };
  const eventAttendanceMode = schema(modes[location.kind]);
  if (location.kind === "online") return { eventAttendanceMode, location: virtual };
  const { name, address, city, country, latitude, longitude } = location;
  const place = {
    "@type": "Place",
    name,
    address: { "@type": "PostalAddress", streetAddress: address, addressLocality: city, addressCountry: country },
    ...(latitude === undefined || longitude === undefined
      ? {}
      : { geo: { "@type": "GeoCoordinates", latitude, longitude } }),
  };
  return { eventAttendanceMode, location: location.kind === "hybrid" ? [place, virtual] : place };
}

/** JSON that may stand in a script element of a page: nothing in it can end that element, or a line. */
export function toEmbeddableJson(value: JsonValue): string {
  return JSON.stringify(value)
    .replaceAll("<", "\\u003c")
    .replaceAll(">", "\\u003e")
    .replaceAll("&", "\\u0026")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}
