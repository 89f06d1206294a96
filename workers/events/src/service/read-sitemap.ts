import { limits } from "@foyer/kernel/limits";
import type { Deps } from "../deps.ts";
import { rangesOf, type SitemapEvent, type SitemapRange } from "../domain/feeds/sitemap.ts";

/** The ranges that all listed events fall into now. */
export async function readSitemapIndex(deps: Pick<Deps, "sitemaps">): Promise<readonly SitemapRange[]> {
  return rangesOf(await deps.sitemaps.rangeEnds(limits.sitemapUrlsPerFile));
}

/** The listed events of one range; none where there is no such. */
export function readSitemap(deps: Pick<Deps, "sitemaps">, range: SitemapRange): Promise<readonly SitemapEvent[]> {
  return deps.sitemaps.listRange(range);
}
