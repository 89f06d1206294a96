import type { EventLocation, EventSummaryView, EventView } from "@foyer/contracts/events/api";
import { toRfc3339 } from "@foyer/kernel/clock";
import { toZonedTime } from "@foyer/kernel/time-zones";
import type { MediaAddresses } from "../clients/media-addresses.ts";
import type { Deps } from "../deps.ts";
import type { Event, EventWithText } from "../domain/event.ts";

/** Who looks: members see where to join online, the public does not. */
export interface Viewer {
  readonly member: boolean;
  readonly mediaAddresses: MediaAddresses;
}

/** A viewer as the views want one. */
export function viewerOf({ mediaAddresses }: Pick<Deps, "mediaAddresses">, member: boolean): Viewer {
  return { member, mediaAddresses };
}

function locationView(location: EventLocation | null, member: boolean): EventLocation | null {
  if (location === null || location.kind === "venue" || member) return location;
  const { url: _private, ...open } = location;
  return open;
}

/** An event as a list shows it. */
export function toSummaryView(event: Event, { member, mediaAddresses }: Viewer): EventSummaryView {
  const { timezone, cover } = event;
  return {
    id: event.id,
    slug: event.slug,
    status: event.status,
    version: event.version,
    organization: { id: event.organizationId, name: event.organizationName },
    title: event.title,
    summary: event.summary,
    startsAt: event.startsAtMs === null ? null : toZonedTime(event.startsAtMs, timezone),
    endsAt: event.endsAtMs === null ? null : toZonedTime(event.endsAtMs, timezone),
    timezone,
    location: locationView(event.location, member),
    categoryId: event.categoryId,
    tags: [...event.tags],
    visibility: event.visibility,
    cover:
      cover === null
        ? null
        : {
            mediaId: cover.mediaId,
            url: mediaAddresses.of(event, cover.mediaId),
            contentType: cover.contentType,
            width: cover.width,
            height: cover.height,
            alt: cover.alt,
          },
    createdAt: toRfc3339(event.createdAtMs),
    updatedAt: toRfc3339(event.updatedAtMs),
    publishedAt: event.publishedAtMs === null ? null : toRfc3339(event.publishedAtMs),
  };
}

/** An event alone, with its whole text. */
export function toEventView(event: EventWithText, viewer: Viewer): EventView {
  return { ...toSummaryView(event, viewer), description: event.description };
}
