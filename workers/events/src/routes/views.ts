import type { EventLocation, EventSummaryView, EventView } from "@foyer/contracts/events/api";
import { toRfc3339 } from "@foyer/kernel/clock";
import { toZonedTime } from "@foyer/kernel/time-zones";
import type { MediaAddresses } from "../clients/media-addresses.ts";
import type { Deps } from "../deps.ts";
import { canonicalPath } from "../domain/addresses.ts";
import type { Event, EventWithText } from "../domain/event.ts";
import { toSafeHtml } from "../domain/markdown.ts";
import { inLocale, localesOf } from "../domain/texts.ts";
import type { StoredLocation } from "../domain/venue.ts";

/** Who looks: members see where to join online, the public does not. */
export interface Viewer {
  readonly member: boolean;
  readonly publicUrl: string;
  readonly mediaAddresses: MediaAddresses;
}

/** A viewer as the views want one. */
export function viewerOf(
  { publicUrl, mediaAddresses }: Pick<Deps, "publicUrl" | "mediaAddresses">,
  member: boolean,
): Viewer {
  return { member, publicUrl, mediaAddresses };
}

function locationView(location: StoredLocation | null, member: boolean): EventLocation | null {
  if (location === null) return null;
  const { venueRevision: _internal, ...shown } = location;
  if (shown.kind === "venue" || member) return shown;
  const { url: _private, ...open } = shown;
  return open;
}

/** An event as a list shows it. */
export function toSummaryView(event: Event, { member, publicUrl, mediaAddresses }: Viewer): EventSummaryView {
  const { timezone, cover } = event;
  return {
    id: event.id,
    slug: event.slug,
    url: `${publicUrl}${canonicalPath(event)}`,
    status: event.status,
    version: event.version,
    organization: { id: event.organizationId, name: event.organizationName },
    locale: event.locale,
    title: event.title,
    summary: event.summary,
    startsAt: event.startsAtMs === null ? null : toZonedTime(event.startsAtMs, timezone),
    endsAt: event.endsAtMs === null ? null : toZonedTime(event.endsAtMs, timezone),
    timezone,
    allDay: event.allDay,
    previousStartsAt: event.previousStartsAtMs === null ? null : toZonedTime(event.previousStartsAtMs, timezone),
    statusNote: event.statusNote,
    location: locationView(event.location, member),
    categoryId: event.categoryId,
    tags: [...event.tags],
    visibility: event.visibility,
    minimumAge: event.minimumAge,
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
    publishAt: event.publishAtMs === null ? null : toRfc3339(event.publishAtMs),
    seriesId: event.seriesId,
    recurrenceId: event.recurrenceId,
  };
}

/** An event alone, with its whole text, in one of its languages. */
export function toEventView(event: EventWithText, viewer: Viewer, language: string = event.locale): EventView {
  const shown = inLocale(event, language);
  const { contact, links, refundPolicy, seo } = event.details;
  return {
    ...toSummaryView(shown, viewer),
    description: shown.description,
    descriptionHtml: toSafeHtml(shown.description),
    locales: localesOf(event),
    contact: contact ?? null,
    links: links ?? [],
    refundPolicy: refundPolicy ?? null,
    seo: seo ?? null,
    ...(viewer.member ? { translations: event.translations } : {}),
  };
}
