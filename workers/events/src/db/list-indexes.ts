import { type SQL, sql } from "drizzle-orm";
import { type AnySQLiteColumn, index } from "drizzle-orm/sqlite-core";

type Name =
  | "id"
  | "organizationId"
  | "startsAtMs"
  | "startOrderMs"
  | "endsAtMs"
  | "updatedAtMs"
  | "publishedAtMs"
  | "seriesId"
  | "venueId"
  | "city";

/**
 * What lists and feeds walk, in the order that they show: no list sorts, and none reads rows that another filter's index would have passed over.
 * Which list walks which is told in `repository/list-queries.ts`. The end is in the indexes of what is to come, so
 * that what is over is skipped without a row read.
 */
export function listIndexes(table: Readonly<Record<Name, AnySQLiteColumn>>) {
  const {
    id,
    organizationId,
    startsAtMs,
    startOrderMs,
    endsAtMs,
    updatedAtMs,
    publishedAtMs,
    seriesId,
    venueId,
    city,
  } = table;
  const listed = sql`status = 'published' AND visibility = 'public'`;
  const shown = (statuses: SQL) =>
    sql`visibility = 'public' AND published_at_ms IS NOT NULL AND status IN (${statuses})`;
  return [
    index("events_listed_by_venue").on(venueId, startsAtMs, id, endsAtMs).where(listed),
    index("events_listed_by_series").on(seriesId, startsAtMs, id, endsAtMs).where(listed),
    index("events_listed_by_city").on(city, startsAtMs, id, endsAtMs).where(listed),
    index("events_listed_online").on(startsAtMs, id, endsAtMs).where(sql`${listed} AND online = 1`),
    // Newest publication first, for feeds.
    index("events_listed_by_publication").on(publishedAtMs, id).where(listed),
    index("events_listed_by_organization_and_publication").on(organizationId, publishedAtMs, id).where(listed),
    // The sitemap's order; nothing else must be read to cut it into files.
    index("events_listed_by_id").on(id).where(listed),
    // What a calendar shows though no list does, so that whoever subscribed learns of it.
    index("events_called_off").on(startsAtMs, id).where(shown(sql`'postponed', 'cancelled'`)),
    index("events_in_calendar_of_organization")
      .on(organizationId, startsAtMs, id)
      .where(shown(sql`'published', 'postponed', 'cancelled', 'completed'`)),
    index("events_of_organization_by_start").on(organizationId, startOrderMs, id),
    index("events_of_organization_by_update").on(organizationId, updatedAtMs, id),
  ];
}
