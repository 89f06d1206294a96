import type { EventId } from "@foyer/kernel/ids";
import { idPrefixes } from "@foyer/kernel/ids";
import { type SitemapEvent, type SitemapRange, sitemapUrlsMax } from "../domain/feeds/sitemap.ts";
import { listed } from "./list-queries.ts";

type SitemapRow = Omit<SitemapEvent, "slugIsBare"> & { readonly slugIsBare: number };
const byId = `FROM events e INDEXED BY events_listed_by_id WHERE ${listed}`;

/** The id of every `?1`-th listed event, `?2` of them at most. */
export const rangeEndsQuery = `SELECT id FROM (SELECT e.id, row_number() OVER (ORDER BY e.id) AS place ${byId})
  WHERE place % ?1 = 0 LIMIT ?2`;

/** Listed events in the order of their ids, for sitemaps. */
export function createSitemapRepository(db: D1Database) {
  return {
    /** The id of every so many-th listed event: one walk along an index, without a row read. */
    async rangeEnds(perFile: number): Promise<EventId[]> {
      const { results } = await db
        .prepare(rangeEndsQuery)
        // As many sitemaps as an index may name, but for the one that comes behind the last end.
        .bind(perFile, sitemapUrlsMax - 1)
        .all<{ id: EventId }>();
      return results.map(({ id }) => id);
    },

    /** The listed events of a range. */
    async listRange({ after, upTo }: SitemapRange): Promise<SitemapEvent[]> {
      const { results } = await db
        .prepare(
          `SELECT e.slug, e.slug_is_bare AS slugIsBare, e.organization_id AS organizationId, e.updated_at_ms AS updatedAtMs,
             e.cover_media_id AS coverMediaId ${byId} AND e.id > ?1 AND e.id <= ?2 ORDER BY e.id LIMIT ?3`,
        )
        .bind(`${idPrefixes.event}_${after}`, `${idPrefixes.event}_${upTo}`, sitemapUrlsMax)
        .all<SitemapRow>();
      return results.map((row) => ({ ...row, slugIsBare: row.slugIsBare === 1 }));
    },
  };
}

export type SitemapRepository = ReturnType<typeof createSitemapRepository>;
