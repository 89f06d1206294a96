import { assert } from "@foyer/kernel/assert";
import { type EventId, idPrefixes } from "@foyer/kernel/ids";
import { canonicalPath } from "../addresses.ts";
import type { Event } from "../event.ts";
import { element, xmlDeclaration, xmlText } from "./xml.ts";

/** A listed event as a sitemap names it. */
export type SitemapEvent = Pick<Event, "slug" | "slugIsBare" | "organizationId" | "updatedAtMs"> & {
  readonly coverMediaId: string | null;
};

/** Events whose ids lie behind the first of these bodies of ids and not behind the second. */
export interface SitemapRange {
  readonly after: string;
  readonly upTo: string;
}

/** Before and behind all ids. */
const first = "0".repeat(26);
const last = "z".repeat(26);
const bodyOf = (id: EventId): string => id.slice(idPrefixes.event.length + 1);

/**
 * Ranges that end at these ids, and one for what comes after. A range is named by its ends, so what it holds does not move to
 * another when events come and go while a crawler reads them one by one.
 */
export function rangesOf(ends: readonly EventId[]): SitemapRange[] {
  const bodies = [first, ...ends.map(bodyOf)];
  return bodies.map((after, index) => ({ after, upTo: bodies[index + 1] ?? last }));
}

/** The index of sitemaps (https://www.sitemaps.org/protocol.html). */
export function toSitemapIndex(ranges: readonly SitemapRange[], publicUrl: string): string {
  const files = ranges.map(({ after, upTo }) => {
    return `<sitemap>${element("loc", `${publicUrl}/sitemaps/events-${after}-${upTo}.xml`)}</sitemap>`;
  });
  const space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"';
  return [xmlDeclaration, `<sitemapindex ${space}>`, ...files, "</sitemapindex>\n"].join("\n");
}

/** The most that the protocol lets stand in one sitemap. */
export const sitemapUrlsMax = 50_000;

/** One sitemap, with the covers that image search may show. */
export function toSitemap(events: readonly SitemapEvent[], publicUrl: string): string {
  assert(events.length <= sitemapUrlsMax, "a sitemap has no more addresses than the protocol allows");
  const urls = events.map((event) => {
    const { coverMediaId } = event;
    const image =
      coverMediaId === null
        ? ""
        : `<image:image><image:loc>${xmlText(`${publicUrl}/v1/media/${coverMediaId}`)}</image:loc></image:image>`;
    const lastmod = element("lastmod", new Date(event.updatedAtMs).toISOString());
    return `<url>${element("loc", `${publicUrl}${canonicalPath(event)}`)}${lastmod}${image}</url>`;
  });
  const spaces =
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"';
  return [xmlDeclaration, `<urlset ${spaces}>`, ...urls, "</urlset>\n"].join("\n");
}
