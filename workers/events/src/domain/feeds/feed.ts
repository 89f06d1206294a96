import { toRfc3339 } from "@foyer/kernel/clock";
import { toZonedTime } from "@foyer/kernel/time-zones";
import { canonicalPath } from "../addresses.ts";
import type { Event } from "../event.ts";
import { placeOf } from "../facts.ts";
import { element, xmlDeclaration, xmlText } from "./xml.ts";

/** What a feed says of itself. */
export interface FeedOptions {
  readonly title: string;
  /** Where the platform is reached from outside. */
  readonly publicUrl: string;
  /** Path and query of the feed itself, and of the list that it is made of. */
  readonly feedPath: string;
  readonly listPath: string;
}

/** When and where, in one line: `2026-11-23 20:00 (Europe/Berlin), Town Hall, Berlin`. */
function whenAndWhere(event: Event): string {
  const { startsAtMs, timezone } = event;
  const place = placeOf(event.location);
  if (startsAtMs === null) return place;
  const local = toZonedTime(startsAtMs, timezone).local;
  const when = event.allDay ? local.slice(0, 10) : `${local.slice(0, 16).replace("T", " ")} (${timezone})`;
  return place === "" ? when : `${when}, ${place}`;
}

function textOf(event: Event): string {
  return event.summary === "" ? whenAndWhere(event) : `${whenAndWhere(event)}\n\n${event.summary}`;
}

function coverUrl(event: Event, publicUrl: string): string | null {
  return event.cover === null ? null : `${publicUrl}/v1/media/${event.cover.mediaId}`;
}

/** Events as a JSON Feed (https://www.jsonfeed.org/version/1.1/). Texts are plain, so readers show them as they are. */
export function toJsonFeed(events: readonly Event[], options: FeedOptions): string {
  const { title, publicUrl, feedPath, listPath } = options;
  return JSON.stringify({
    version: "https://jsonfeed.org/version/1.1",
    title,
    home_page_url: `${publicUrl}${listPath}`,
    feed_url: `${publicUrl}${feedPath}`,
    items: events.map((event) => {
      const image = coverUrl(event, publicUrl);
      return {
        id: `${publicUrl}/v1/events/${event.id}`,
        url: `${publicUrl}${canonicalPath(event)}`,
        title: event.title,
        content_text: textOf(event),
        ...(event.summary === "" ? {} : { summary: event.summary }),
        ...(image === null ? {} : { image }),
        ...(event.publishedAtMs === null ? {} : { date_published: toRfc3339(event.publishedAtMs) }),
        date_modified: toRfc3339(event.updatedAtMs),
        authors: [{ name: event.organizationName }],
        ...(event.tags.length === 0 ? {} : { tags: event.tags }),
        language: event.locale,
        _event: {
          starts_at: event.startsAtMs === null ? null : toRfc3339(event.startsAtMs),
          ends_at: event.endsAtMs === null ? null : toRfc3339(event.endsAtMs),
          timezone: event.timezone,
          all_day: event.allDay,
        },
      };
    }),
  });
}

/**
 * Events as RSS 2.0 (https://www.rssboard.org/rss-specification). A description is HTML by custom, so its text is escaped twice:
 * once for HTML and once for XML.
 */
export function toRss(events: readonly Event[], options: FeedOptions): string {
  const { title, publicUrl, feedPath, listPath } = options;
  const items = events.map((event) => {
    const image = coverUrl(event, publicUrl);
    return [
      "<item>",
      element("title", event.title),
      element("link", `${publicUrl}${canonicalPath(event)}`),
      `<guid isPermaLink="false">${xmlText(event.id)}</guid>`,
      event.publishedAtMs === null ? "" : element("pubDate", new Date(event.publishedAtMs).toUTCString()),
      element("description", xmlText(textOf(event)).replaceAll("\n", "<br>")),
      element("dc:creator", event.organizationName),
      ...event.tags.map((tag) => element("category", tag)),
      image === null ? "" : `<media:content medium="image" url="${xmlText(image)}"/>`,
      "</item>",
    ].join("");
  });
  return [
    xmlDeclaration,
    '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"><channel>',
    element("title", title),
    element("link", `${publicUrl}${listPath}`),
    element("description", title),
    `<atom:link rel="self" type="application/rss+xml" href="${xmlText(publicUrl + feedPath)}"/>`,
    ...items,
    "</channel></rss>\n",
  ].join("\n");
}
