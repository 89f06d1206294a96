import type { AnyEnvelope } from "@foyer/contracts/messages/envelope";
import type { Consumer } from "@foyer/contracts/messages/routing";
import type { EventId, OrganizationId } from "@foyer/kernel/ids";
import { isId } from "@foyer/kernel/ids";
import { outboxStatements } from "@foyer/messaging/outbox-d1";
import type { Event, EventWithText } from "../domain/event.ts";
import { insertStatements, renameStatements, updateStatement } from "./columns.ts";
import {
  type EventWithTextRow,
  eventWithTextColumns,
  eventWithTextFromRow,
  isIdTaken,
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
  /** Fields that changed, or codes of what was missing. */
  readonly about?: readonly string[];
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
    .prepare(
      "INSERT INTO event_changes (event_id, version, action, actor, at_ms, about) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(event.id, event.version, note.action, note.actor, note.atMs, JSON.stringify(note.about ?? []));
}

/** Events of an organization, `?1`, that are public and not over at a moment, `?2`. One that is postponed is not over, whatever its old date. */
const openEvents = `WHERE organization_id = ?1
  AND ((status = 'published' AND (ends_at_ms IS NULL OR ends_at_ms > ?2)) OR status = 'postponed')`;

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

    /** An event by a slug that it has or had in its organization; one round trip. */
    async findInOrganization(organizationId: OrganizationId, slug: string): Promise<EventWithText | null> {
      const row = await db
        .prepare(`${one} WHERE e.id = (SELECT event_id FROM event_slugs WHERE organization_id = ?1 AND slug = ?2)`)
        .bind(organizationId, slug)
        .first<EventWithTextRow>();
      return row === null ? null : eventWithTextFromRow(row);
    },

    /** Ids of events that bear another name of their organization than this one. */
    async listMisnamed(organizationId: OrganizationId, name: string, limit: number): Promise<EventId[]> {
      const { results } = await db
        .prepare("SELECT id FROM events WHERE organization_id = ?1 AND organization_name <> ?2 ORDER BY id LIMIT ?3")
        .bind(organizationId, name, limit)
        .all<{ id: EventId }>();
      return results.map(({ id }) => id);
    },

    /**
     * Stores a new event, with what is its own, and says whether it has its slug bare; `taken` where another one took the slug meanwhile, or its own id
     * has an event already.
     */
    async insert(
      event: EventWithText,
      note: ChangeNote,
      own: readonly D1PreparedStatement[] = [],
    ): Promise<{ readonly slugIsBare: boolean } | "taken"> {
      try {
        const results = await db.batch<{ bare: number }>([
          ...insertStatements(db, event),
          claimVersion(db, event, note),
          ...own,
          db.prepare("SELECT slug_is_bare AS bare FROM events WHERE id = ?1").bind(event.id),
        ]);
        return { slugIsBare: results.at(-1)?.results[0]?.bare === 1 };
      } catch (thrown) {
        if (isSlugTaken(thrown, "event_slugs") || isIdTaken(thrown)) return "taken";
        throw thrown;
      }
    },

    /**
     * Stores the next version of an event with its news and whatever `more` there is, all or nothing; `overtaken` where that version
     * exists already.
     */
    async save(
      event: EventWithText,
      note: ChangeNote,
      news: readonly OutgoingNews[],
      more: readonly D1PreparedStatement[] = [],
    ): Promise<"stored" | "overtaken"> {
      try {
        await db.batch([
          claimVersion(db, event, note),
          ...more,
          updateStatement(db, event),
          ...newsStatements(db, news, note.atMs),
        ]);
        return "stored";
      } catch (thrown) {
        if (isOvertaken(thrown)) return "overtaken";
        throw thrown;
      }
    },

    /** As `save`, for an event whose slug is another; `slug_taken` where another event of its organization has or had that. */
    async saveRenamed(
      event: EventWithText,
      note: ChangeNote,
      news: readonly OutgoingNews[],
    ): Promise<"stored" | "overtaken" | "slug_taken"> {
      try {
        return await this.save(event, note, news, renameStatements(db, event));
      } catch (thrown) {
        if (isSlugTaken(thrown, "event_slugs")) return "slug_taken";
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

    /** Whether an organization may have nothing public any more. */
    async isClosed(organizationId: OrganizationId): Promise<boolean> {
      const row = db.prepare("SELECT 1 FROM closed_organizations WHERE organization_id = ?1").bind(organizationId);
      return (await row.first()) !== null;
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
  };
}

export type EventRepository = ReturnType<typeof createEventRepository>;
