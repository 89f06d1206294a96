import type { EventStatus } from "@foyer/contracts/events/api";
import type { AnyEnvelope } from "@foyer/contracts/messages/envelope";
import type { Consumer } from "@foyer/contracts/messages/routing";
import { dayMs } from "@foyer/kernel/clock";
import type { Id, OrganizationId } from "@foyer/kernel/ids";
import { isId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { outboxStatements } from "@foyer/messaging/outbox-d1";
import type { Event, EventWithText } from "../domain/event.ts";
import { insertStatements, updateStatement } from "./columns.ts";
import {
  type EventRow,
  type EventWithTextRow,
  eventColumns,
  eventFromRow,
  eventWithTextColumns,
  eventWithTextFromRow,
  isOvertaken,
  isSlugTaken,
} from "./rows.ts";

/** A message for the outbox, and whom it is for where that is fewer than its route. */
export interface OutgoingNews {
  readonly message: AnyEnvelope;
  readonly only?: readonly Consumer[];
}

/** Who makes a change, for the event's history. */
export interface ChangeNote {
  readonly action: string;
  readonly actor: string;
  readonly atMs: number;
}

/** What narrows a list of events. Times are epoch milliseconds. */
export interface EventFilter {
  readonly organizationId?: OrganizationId | undefined;
  readonly status?: EventStatus | undefined;
  readonly categoryId?: Id<"category"> | undefined;
  readonly seriesId?: Id<"series"> | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** Statements that put news into the outbox. */
export function newsStatements(db: D1Database, news: readonly OutgoingNews[], nowMs: number): D1PreparedStatement[] {
  return news.flatMap(({ message, only }) => outboxStatements(db, [message], nowMs, only));
}

/** Claims the version that a change makes; goes first in its batch, which is undone when the version is taken. */
export function claimVersion(
  db: D1Database,
  event: Pick<Event, "id" | "version">,
  note: ChangeNote,
): D1PreparedStatement {
  return db
    .prepare("INSERT INTO event_changes (event_id, version, action, actor, at_ms) VALUES (?1, ?2, ?3, ?4, ?5)")
    .bind(event.id, event.version, note.action, note.actor, note.atMs);
}

/** Events of an organization, `?1`, that are public and not over at a moment, `?2`. */
const openEvents = "WHERE organization_id = ?1 AND status = 'published' AND (ends_at_ms IS NULL OR ends_at_ms > ?2)";

const one = `SELECT ${eventWithTextColumns}, c.name AS categoryName FROM events e
  LEFT JOIN media m ON m.id = e.cover_media_id LEFT JOIN categories c ON c.id = e.category_id`;

/** Events in the worker's own database. */
export function createEventRepository(db: D1Database) {
  return {
    /** One event by id or slug; one round trip. */
    async find(idOrSlug: string): Promise<EventWithText | null> {
      const where = isId("event", idOrSlug)
        ? "e.id = ?1"
        : "e.id = (SELECT event_id FROM event_slugs WHERE slug = ?1 AND bare = 1)";
      const row = await db.prepare(`${one} WHERE ${where}`).bind(idOrSlug).first<EventWithTextRow>();
      return row === null ? null : eventWithTextFromRow(row);
    },

    /** Whether an event of this organization has or had this slug. */
    async isSlugTaken(organizationId: OrganizationId, slug: string): Promise<boolean> {
      const taken = db.prepare("SELECT 1 FROM event_slugs WHERE organization_id = ?1 AND slug = ?2");
      return (await taken.bind(organizationId, slug).first()) !== null;
    },

    /** Stores a new event; `slug_taken` where another one took the slug meanwhile. */
    async insert(event: EventWithText, note: ChangeNote): Promise<"stored" | "slug_taken"> {
      try {
        await db.batch([...insertStatements(db, event), claimVersion(db, event, note)]);
        return "stored";
      } catch (thrown) {
        if (isSlugTaken(thrown, "event_slugs")) return "slug_taken";
        throw thrown;
      }
    },

    /** Stores the next version of an event with its news, all or nothing; `overtaken` where that version exists already. */
    async save(event: EventWithText, note: ChangeNote, news: readonly OutgoingNews[]): Promise<"stored" | "overtaken"> {
      try {
        await db.batch([
          claimVersion(db, event, note),
          updateStatement(db, event),
          ...newsStatements(db, news, note.atMs),
        ]);
        return "stored";
      } catch (thrown) {
        if (isOvertaken(thrown)) return "overtaken";
        throw thrown;
      }
    },

    /** Removes an event with its history and images; their objects are left to the sweep. */
    async remove(
      event: Pick<Event, "id" | "version">,
      note: ChangeNote,
      news: readonly OutgoingNews[],
    ): Promise<"stored" | "overtaken"> {
      try {
        await db.batch([
          claimVersion(db, event, note),
          db
            .prepare(
              "INSERT INTO media_removals (media_id, not_before_ms) SELECT id, ?2 FROM media WHERE event_id = ?1",
            )
            .bind(event.id, note.atMs),
          db.prepare("DELETE FROM media WHERE event_id = ?1").bind(event.id),
          db.prepare("DELETE FROM events WHERE id = ?1").bind(event.id),
          ...newsStatements(db, news, note.atMs),
        ]);
        return "stored";
      } catch (thrown) {
        if (isOvertaken(thrown)) return "overtaken";
        throw thrown;
      }
    },

    /** Published, public events by their start; without `fromMs`, those that have not ended. One round trip. */
    async listPublic(
      filter: EventFilter,
      page: { readonly limit: number; readonly after: readonly [number, string] | null; readonly nowMs: number },
    ): Promise<Event[]> {
      const { fromMs, ...others } = filter;
      const where = conditions(others);
      if (fromMs === undefined) where.add("e.ends_at_ms > ?", page.nowMs);
      // One lower bound at a time: with two, SQLite may begin at the lesser and walk all earlier pages again.
      const earliestMs = fromMs ?? page.nowMs - limits.eventDurationDaysMax * dayMs;
      if (page.after === null || page.after[0] < earliestMs) where.add("e.starts_at_ms >= ?", earliestMs);
      if (page.after !== null) where.add("(e.starts_at_ms, e.id) > (?, ?)", ...page.after);
      return list(
        `e.status = 'published' AND e.visibility = 'public'${where.sql()}`,
        "e.starts_at_ms, e.id",
        where.values,
        page.limit,
      );
    },

    /** How many of an organization's events are public and not over. */
    async countOpen(organizationId: OrganizationId, nowMs: number): Promise<number> {
      const row = await db
        .prepare(`SELECT count(*) AS open FROM events ${openEvents}`)
        .bind(organizationId, nowMs)
        .first<{ open: number }>();
      return row?.open ?? 0;
    },

    /** Lets an organization have nothing public any more. Ends the commit where it has by now: then it is to be counted again. */
    closeOrganization(organizationId: OrganizationId, nowMs: number): D1PreparedStatement {
      return db
        .prepare(
          `INSERT INTO closed_organizations (organization_id, closed_at_ms)
           SELECT ?1, CASE WHEN NOT EXISTS (SELECT 1 FROM events ${openEvents}) THEN ?2 END WHERE true
           ON CONFLICT (organization_id) DO NOTHING`,
        )
        .bind(organizationId, nowMs);
    },

    /** The statements that tell other workers something. */
    tell(message: AnyEnvelope, nowMs: number): D1PreparedStatement[] {
      return newsStatements(db, [{ message }], nowMs);
    },

    /** All events of an organization, newest first. One round trip. */
    async listOfOrganization(
      organizationId: OrganizationId,
      filter: EventFilter,
      page: { readonly limit: number; readonly before: string | null },
    ): Promise<Event[]> {
      const where = conditions({ ...filter, organizationId });
      if (filter.status !== undefined) where.add("e.status = ?", filter.status);
      if (page.before !== null) where.add("e.id < ?", page.before);
      return list(`1${where.sql()}`, "e.id DESC", where.values, page.limit);
    },
  };

  async function list(where: string, order: string, values: readonly (string | number)[], limit: number) {
    const { results } = await db
      .prepare(
        `SELECT ${eventColumns} FROM events e LEFT JOIN media m ON m.id = e.cover_media_id
         WHERE ${where} ORDER BY ${order} LIMIT ?`,
      )
      .bind(...values, limit)
      .all<EventRow>();
    return results.map(eventFromRow);
  }
}

export type EventRepository = ReturnType<typeof createEventRepository>;

/** Conditions joined by AND, with their values in order. The texts are this file's own; only values come from callers. */
function conditions(filter: EventFilter) {
  const texts: string[] = [];
  const values: (string | number)[] = [];
  const add = (text: string, ...bound: readonly (string | number)[]): void => {
    texts.push(` AND ${text}`);
    values.push(...bound);
  };
  if (filter.organizationId !== undefined) add("e.organization_id = ?", filter.organizationId);
  if (filter.categoryId !== undefined) add("e.category_id = ?", filter.categoryId);
  if (filter.seriesId !== undefined) add("e.series_id = ?", filter.seriesId);
  if (filter.fromMs !== undefined) add("e.starts_at_ms >= ?", filter.fromMs);
  if (filter.toMs !== undefined) add("e.starts_at_ms < ?", filter.toMs);
  return { add, values, sql: () => texts.join("") };
}
