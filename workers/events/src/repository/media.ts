import type { EventStatus, Visibility } from "@foyer/contracts/events/api";
import type { EventId, Id, OrganizationId } from "@foyer/kernel/ids";
import type { EventWithText } from "../domain/event.ts";
import type { Media } from "../domain/media.ts";
import { updateStatement } from "./columns.ts";
import { type ChangeNote, claimVersion, newsStatements, type OutgoingNews } from "./events.ts";
import { isOvertaken } from "./rows.ts";

const columns = `m.id, m.event_id AS eventId, m.content_type AS contentType, m.size_bytes AS sizeBytes, m.width, m.height,
  m.sha256, m.created_at_ms AS createdAtMs`;

/** The next version of an event, where a change of its images shows in it. */
export interface EventChange {
  readonly after: EventWithText;
  readonly note: ChangeNote;
  readonly news: readonly OutgoingNews[];
}

/** An image with what decides who may see it. */
export interface MediaOfEvent extends Media {
  readonly organizationId: OrganizationId;
  readonly status: EventStatus;
  readonly publishedAtMs: number | null;
  readonly visibility: Visibility;
  readonly accessVersion: number;
  readonly title: string;
}

function insertMedia(db: D1Database, media: Media, slot: number): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO media (id, event_id, slot, content_type, size_bytes, width, height, sha256, created_at_ms)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
    )
    .bind(
      media.id,
      media.eventId,
      slot,
      media.contentType,
      media.sizeBytes,
      media.width,
      media.height,
      media.sha256,
      media.createdAtMs,
    );
}

/** Takes an object from those that are to be removed: it has a row. */
function strikeOut(db: D1Database, mediaId: Id<"media">): D1PreparedStatement {
  return db.prepare("DELETE FROM media_removals WHERE media_id = ?1").bind(mediaId);
}

/** Images' rows in the worker's own database; their bytes are in the bucket. */
export function createMediaRepository(db: D1Database) {
  const changeStatements = (change: EventChange | null): D1PreparedStatement[] =>
    change === null
      ? []
      : [
          claimVersion(db, change.after, change.note),
          updateStatement(db, change.after),
          ...newsStatements(db, change.news, change.note.atMs),
        ];

  async function unlessOvertaken(statements: D1PreparedStatement[]): Promise<"stored" | "overtaken"> {
    try {
      await db.batch(statements);
      return "stored";
    } catch (thrown) {
      if (isOvertaken(thrown)) return "overtaken";
      throw thrown;
    }
  }

  return {
    /** Notes an object that is about to be written, to be swept after `notBeforeMs` unless its upload is completed. */
    async beginUpload(mediaId: Id<"media">, notBeforeMs: number): Promise<void> {
      await db
        .prepare("INSERT INTO media_removals (media_id, not_before_ms) VALUES (?1, ?2)")
        .bind(mediaId, notBeforeMs)
        .run();
    },

    /** Makes an uploaded image visible, and with it the event's change; `overtaken` where its slot or the version is taken. */
    completeUpload(media: Media, slot: number, change: EventChange | null): Promise<"stored" | "overtaken"> {
      return unlessOvertaken([insertMedia(db, media, slot), strikeOut(db, media.id), ...changeStatements(change)]);
    },

    /** Statements that give an event images whose objects are in the bucket: in the order given, the first slots first. */
    addCopies(images: readonly Media[]): D1PreparedStatement[] {
      return images.flatMap((media, slot) => [insertMedia(db, media, slot), strikeOut(db, media.id)]);
    },

    /** Removes an image's row and leaves its object to the sweep. */
    remove(mediaId: Id<"media">, nowMs: number, change: EventChange | null): Promise<"stored" | "overtaken"> {
      return unlessOvertaken([
        ...changeStatements(change),
        db.prepare("DELETE FROM media WHERE id = ?1").bind(mediaId),
        db
          .prepare("INSERT OR REPLACE INTO media_removals (media_id, not_before_ms) VALUES (?1, ?2)")
          .bind(mediaId, nowMs),
      ]);
    },

    /** All images of an event with their slots, oldest first; there are few, see `limits.mediaPerEventMax`. */
    async listOfEvent(eventId: EventId): Promise<(Media & { readonly slot: number })[]> {
      const { results } = await db
        .prepare(`SELECT ${columns}, m.slot FROM media m WHERE m.event_id = ?1 ORDER BY m.id`)
        .bind(eventId)
        .all<Media & { slot: number }>();
      return results;
    },

    /** One image with its event's state; one round trip. */
    async find(mediaId: Id<"media">): Promise<MediaOfEvent | null> {
      return db
        .prepare(
          `SELECT ${columns}, e.organization_id AS organizationId, e.status, e.published_at_ms AS publishedAtMs,
             e.visibility, e.access_version AS accessVersion, e.title
           FROM media m JOIN events e ON e.id = m.event_id WHERE m.id = ?1`,
        )
        .bind(mediaId)
        .first<MediaOfEvent>();
    },

    /** Ids of objects that are due for removal. */
    async dueRemovals(nowMs: number, max: number): Promise<string[]> {
      const { results } = await db
        .prepare("SELECT media_id AS id FROM media_removals WHERE not_before_ms <= ?1 ORDER BY not_before_ms LIMIT ?2")
        .bind(nowMs, max)
        .all<{ id: string }>();
      return results.map((row) => row.id);
    },

    /** Strikes out objects that are gone. */
    async endRemovals(mediaIds: readonly string[]): Promise<void> {
      await db
        .prepare("DELETE FROM media_removals WHERE media_id IN (SELECT value FROM json_each(?1))")
        .bind(JSON.stringify(mediaIds))
        .run();
    },
  };
}

export type MediaRepository = ReturnType<typeof createMediaRepository>;
