import type { Accessibility, RoomView } from "@foyer/contracts/events/venues";
import type { EventId, Id, OrganizationId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { type Venue, venueSearchText } from "../domain/venue.ts";

const columns = `id, organization_id AS organizationId, version, revision, name, address, city, region, postal_code AS postalCode,
  country, latitude, longitude, capacity, accessibility, rooms, notes, created_at_ms AS createdAtMs,
  updated_at_ms AS updatedAtMs`;

interface VenueRow extends Omit<Venue, "accessibility" | "rooms"> {
  readonly accessibility: string;
  readonly rooms: string;
}

function venueFromRow(row: VenueRow): Venue {
  // Nobody but this file writes here, and what it writes went through the contract's schemas.
  const accessibility: Accessibility = JSON.parse(row.accessibility);
  const rooms: RoomView[] = JSON.parse(row.rooms);
  return { ...row, accessibility, rooms };
}

const stored: Readonly<Record<string, (venue: Venue) => string | number | null>> = {
  version: (venue) => venue.version,
  revision: (venue) => venue.revision,
  name: (venue) => venue.name,
  address: (venue) => venue.address,
  city: (venue) => venue.city,
  region: (venue) => venue.region,
  postal_code: (venue) => venue.postalCode,
  country: (venue) => venue.country,
  latitude: (venue) => venue.latitude,
  longitude: (venue) => venue.longitude,
  capacity: (venue) => venue.capacity,
  accessibility: (venue) => JSON.stringify(venue.accessibility),
  rooms: (venue) => JSON.stringify(venue.rooms),
  notes: (venue) => venue.notes,
  search_text: (venue) => venueSearchText(`${venue.name}\n${venue.address}\n${venue.city}`),
  updated_at_ms: (venue) => venue.updatedAtMs,
};

/** Events that take place at a venue and are not over at a moment; in the words of the index `events_at_venue`. */
const eventsAhead = (venueId: string, nowMs: string): string =>
  `FROM events e WHERE e.venue_id = ${venueId} AND e.venue_id IS NOT NULL
   AND e.status IN ('draft', 'scheduled', 'published', 'postponed') AND (e.ends_at_ms IS NULL OR e.ends_at_ms > ${nowMs})`;
const isBehind = (revision: string): string => `json_extract(e.location, '$.venueRevision') < ${revision}`;

/** Venues in the worker's own database. */
export function createVenueRepository(db: D1Database) {
  return {
    async find(id: Id<"venue">): Promise<Venue | null> {
      const row = await db.prepare(`SELECT ${columns} FROM venues WHERE id = ?1`).bind(id).first<VenueRow>();
      return row === null ? null : venueFromRow(row);
    },

    /** An organization's venues, newest first; with a text, those whose name, address or city has it. */
    async list(
      organizationId: OrganizationId,
      text: string | undefined,
      page: { readonly limit: number; readonly before: string | null },
    ): Promise<Venue[]> {
      const { results } = await db
        .prepare(
          `SELECT ${columns} FROM venues WHERE organization_id = ?1 AND (?2 IS NULL OR id < ?2)
             AND (?3 IS NULL OR instr(search_text, ?3) > 0) ORDER BY id DESC LIMIT ?4`,
        )
        .bind(organizationId, page.before, text === undefined ? null : venueSearchText(text), page.limit)
        .all<VenueRow>();
      return results.map(venueFromRow);
    },

    /** Stores a new venue unless its organization has as many as it can have. */
    async insert(venue: Venue): Promise<"stored" | "full"> {
      const names = Object.keys(stored);
      const { meta } = await db
        .prepare(
          `INSERT INTO venues (id, organization_id, created_at_ms, pending, ${names.join(", ")})
           SELECT ?1, ?2, ?3, 0, ${names.map((_, index) => `?${index + 5}`).join(", ")}
           WHERE (SELECT count(*) FROM venues WHERE organization_id = ?2) < ?4`,
        )
        .bind(
          venue.id,
          venue.organizationId,
          venue.createdAtMs,
          limits.venuesPerOrganizationMax,
          ...Object.values(stored).map((read) => read(venue)),
        )
        .run();
      return meta.changes === 0 ? "full" : "stored";
    },

    /** Stores the next version, and that copies of an earlier revision are to follow; `overtaken` where that version exists already. */
    async save(venue: Venue): Promise<"stored" | "overtaken"> {
      const names = Object.keys(stored);
      const { meta } = await db
        .prepare(
          `UPDATE venues SET pending = pending OR revision < ?3, ${names.map((name, index) => `${name} = ?${index + 2}`).join(", ")}
           WHERE id = ?1 AND version = ?2 - 1`,
        )
        .bind(venue.id, ...Object.values(stored).map((read) => read(venue)))
        .run();
      return meta.changes === 0 ? "overtaken" : "stored";
    },

    /** Removes a venue in this version that no event ahead takes place at. */
    async remove({ id, version }: Pick<Venue, "id" | "version">, nowMs: number): Promise<"stored" | "overtaken"> {
      const { meta } = await db
        .prepare(
          `DELETE FROM venues WHERE id = ?1 AND version = ?2 AND NOT EXISTS (SELECT 1 ${eventsAhead("?1", "?3")})`,
        )
        .bind(id, version, nowMs)
        .run();
      return meta.changes === 0 ? "overtaken" : "stored";
    },

    /** Whether events ahead take place at a venue; where rooms are named, in one of these. */
    async isInUse(id: Id<"venue">, roomIds: readonly Id<"room">[] | null, nowMs: number): Promise<boolean> {
      const found = await db
        .prepare(
          `SELECT 1 ${eventsAhead("?1", "?2")}
           AND (?3 IS NULL OR json_extract(e.location, '$.roomId') IN (SELECT value FROM json_each(?3))) LIMIT 1`,
        )
        .bind(id, nowMs, roomIds === null ? null : JSON.stringify(roomIds))
        .first();
      return found !== null;
    },

    /** Events ahead at a venue that people outside know of. */
    async announcedEvents(id: Id<"venue">, nowMs: number, max: number): Promise<EventId[]> {
      const { results } = await db
        .prepare(`SELECT e.id ${eventsAhead("?1", "?2")} AND e.published_at_ms IS NOT NULL
          AND e.status IN ('published', 'postponed') ORDER BY e.id LIMIT ?3`)
        .bind(id, nowMs, max)
        .all<{ id: EventId }>();
      return results.map((row) => row.id);
    },

    /** Events ahead whose copy of their venue is of an earlier revision than the venue. */
    async eventsBehind(nowMs: number, max: number): Promise<EventId[]> {
      const { results } = await db
        .prepare(
          `SELECT e.id FROM venues v CROSS JOIN events e ON e.venue_id = v.id AND e.venue_id IS NOT NULL
             AND e.status IN ('draft', 'scheduled', 'published', 'postponed')
             AND (e.ends_at_ms IS NULL OR e.ends_at_ms > ?1) AND ${isBehind("v.revision")}
           WHERE v.pending = 1 LIMIT ?2`,
        )
        .bind(nowMs, max)
        .all<{ id: EventId }>();
      return results.map((row) => row.id);
    },

    /** Strikes out venues that no event ahead is behind any more. A trigger enters one again when an event is. */
    async settle(nowMs: number): Promise<void> {
      await db
        .prepare(
          `UPDATE venues SET pending = 0 WHERE pending = 1
             AND NOT EXISTS (SELECT 1 ${eventsAhead("venues.id", "?1")} AND ${isBehind("venues.revision")})`,
        )
        .bind(nowMs)
        .run();
    },
  };
}

export type VenueRepository = ReturnType<typeof createVenueRepository>;
