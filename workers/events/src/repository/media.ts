import type { EventStatus, Visibility } from "@foyer/contracts/events/api";
import type { EventId, Id, OrganizationId } from "@foyer/kernel/ids";
import type { EventWithText } from "../domain/event.ts";
import type { Media } from "../domain/media.ts";
import { updateStatement } from "./columns.ts";
import { type ChangeNote, claimVersion, newsStatements, type OutgoingNews } from "./events.ts";
import { isOvertaken } from "./rows.ts";

const columns = `m.id, m.event_id AS eventId, m.object_key AS objectKey, m.content_type AS contentType, m.size_bytes AS sizeBytes,
  NULLIF(m.width, 0) AS width, NULLIF(m.height, 0) AS height, m.sha256, m.alt, m.position, m.created_at_ms AS createdAtMs`;

/** The next version of an event, where a change of its media shows in it. */
export interface EventChange {
  readonly after: EventWithText;
  readonly note: ChangeNote;
  readonly news: readonly OutgoingNews[];
}

/** Media with what decides who may see them. */
export interface MediaOfEvent extends Media {
  readonly organizationId: OrganizationId;
  readonly status: EventStatus;
  readonly visibility: Visibility;
  readonly accessVersion: number;
  readonly publishedAtMs: number | null;
  readonly title: string;
}

/** A file in the bucket that is to be shown. */
export interface NewMedia {
  /** `objectKey` is where its bytes are now; which object it will show is decided by its content. */
  readonly media: Omit<Media, "position">;
  readonly organizationId: OrganizationId;
  readonly slot: number;
  /** What the organization's media may take up, in bytes. */
  readonly quotaBytes: number;
  /** The upload in parts that it came by. */
  readonly uploadId: Id<"upload"> | null;
}

/** Bytes that an organization's media take up: its objects, and what it may still send of uploads that are open (`?1`, now `?2`, but for `?3`). */
export const takenBytes = `COALESCE((SELECT bytes FROM media_usage WHERE organization_id = ?1), 0)
  + COALESCE((SELECT sum(size_bytes) FROM media_uploads
      WHERE organization_id = ?1 AND status = 'open' AND expires_at_ms > ?2 AND id <> ?3), 0)`;

/** Media's rows in the worker's own database; their bytes are in the bucket. */
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
      if (isOvertaken(thrown) || isMediaOvertaken(thrown)) return "overtaken";
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

    /**
     * Makes a file visible, and with it the event's change. Where its organization has the same bytes already it shows those, and its own stay entered for
     * removal. `overtaken` where its slot, its upload or the version is taken.
     */
    async completeUpload(file: NewMedia, change: EventChange | null): Promise<Media | "overtaken" | "quota_exceeded"> {
      const { media, organizationId, slot, quotaBytes, uploadId } = file;
      const statements = [
        db
          .prepare(
            `INSERT INTO media_objects (key, organization_id, sha256, size_bytes, created_at_ms)
             SELECT ?4, ?1, ?5, CASE WHEN ?6 + ${takenBytes} <= ?7 THEN ?6 END, ?2
             WHERE NOT EXISTS (SELECT 1 FROM media_objects WHERE organization_id = ?1 AND sha256 = ?5)`,
          )
          .bind(
            organizationId,
            media.createdAtMs,
            uploadId ?? "",
            media.objectKey,
            media.sha256,
            media.sizeBytes,
            quotaBytes,
          ),
        db
          .prepare(
            `INSERT INTO media (id, event_id, slot, object_key, content_type, size_bytes, width, height, sha256, alt, position, upload_id, created_at_ms)
             SELECT ?1, ?2, ?3, o.key, ?4, ?5, ?6, ?7, ?8, ?9,
               COALESCE((SELECT max(position) + 1 FROM media WHERE event_id = ?2), 0), ?10, ?11
             FROM media_objects o WHERE o.organization_id = ?12 AND o.sha256 = ?8`,
          )
          .bind(
            media.id,
            media.eventId,
            slot,
            media.contentType,
            media.sizeBytes,
            media.width ?? 0,
            media.height ?? 0,
            media.sha256,
            media.alt,
            uploadId,
            media.createdAtMs,
            organizationId,
          ),
        db
          .prepare(
            "DELETE FROM media_removals WHERE media_id = ?1 AND EXISTS (SELECT 1 FROM media_objects WHERE key = ?1)",
          )
          .bind(media.objectKey),
        ...(uploadId === null
          ? []
          : [
              db
                .prepare(
                  "UPDATE media_uploads SET media_id = ?2, status = CASE status WHEN 'open' THEN 'completed' END WHERE id = ?1",
                )
                .bind(uploadId, media.id),
              db
                .prepare("INSERT OR REPLACE INTO media_removals (media_id, not_before_ms) VALUES (?1, ?2)")
                .bind(uploadId, media.createdAtMs),
            ]),
        ...changeStatements(change),
        db.prepare(`SELECT ${columns} FROM media m WHERE m.id = ?1`).bind(media.id),
      ];
      try {
        const results = await db.batch<Media>(statements);
        const stored = results.at(-1)?.results[0];
        if (stored === undefined) throw new Error("a row that was written in this batch is not there");
        return stored;
      } catch (thrown) {
        if (isOvertaken(thrown) || isMediaOvertaken(thrown)) return "overtaken";
        if (isQuotaExceeded(thrown)) return "quota_exceeded";
        throw thrown;
      }
    },

    /**
     * Statements that give an event media whose objects are there, in the order given, the first slots first. One whose object went meanwhile is left
     * out.
     */
    addCopies(copies: readonly Media[]): D1PreparedStatement[] {
      return copies.map((media, slot) =>
        db
          .prepare(
            `INSERT INTO media (id, event_id, slot, object_key, content_type, size_bytes, width, height, sha256, alt, position, created_at_ms)
             SELECT ?1, ?2, ?3, o.key, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 FROM media_objects o WHERE o.key = ?4`,
          )
          .bind(
            media.id,
            media.eventId,
            slot,
            media.objectKey,
            media.contentType,
            media.sizeBytes,
            media.width ?? 0,
            media.height ?? 0,
            media.sha256,
            media.alt,
            media.position,
            media.createdAtMs,
          ),
      );
    },

    /** Removes a row; its object is left to the sweep where no other row shows it. */
    remove(mediaId: Id<"media">, change: EventChange | null): Promise<"stored" | "overtaken"> {
      return unlessOvertaken([
        ...changeStatements(change),
        db.prepare("DELETE FROM media WHERE id = ?1").bind(mediaId),
      ]);
    },

    /** Says what media show, and the event's change where that shows in it. */
    describe(mediaId: Id<"media">, alt: string, change: EventChange | null): Promise<"stored" | "overtaken"> {
      return unlessOvertaken([
        ...changeStatements(change),
        db.prepare("UPDATE media SET alt = ?2 WHERE id = ?1").bind(mediaId, alt),
      ]);
    },

    /** Orders an event's media as their ids are; `overtaken` where it has one that is not named. */
    order(eventId: EventId, ids: readonly string[]): Promise<"stored" | "overtaken"> {
      return unlessOvertaken([
        db
          .prepare(
            "UPDATE media SET position = (SELECT key FROM json_each(?2) WHERE value = media.id) WHERE event_id = ?1",
          )
          .bind(eventId, JSON.stringify(ids)),
      ]);
    },

    /** All media of an event with their slots, in their order; there are few, see `limits.mediaPerEventMax`. */
    async listOfEvent(eventId: EventId): Promise<(Media & { readonly slot: number })[]> {
      const { results } = await db
        .prepare(`SELECT ${columns}, m.slot FROM media m WHERE m.event_id = ?1 ORDER BY m.position, m.id`)
        .bind(eventId)
        .all<Media & { slot: number }>();
      return results;
    },

    /** One row with its event's state; one round trip. */
    async find(mediaId: Id<"media">): Promise<MediaOfEvent | null> {
      return db
        .prepare(
          `SELECT ${columns}, e.organization_id AS organizationId, e.status, e.visibility,
             e.access_version AS accessVersion, e.published_at_ms AS publishedAtMs, e.title
           FROM media m JOIN events e ON e.id = m.event_id WHERE m.id = ?1`,
        )
        .bind(mediaId)
        .first<MediaOfEvent>();
    },

    /** Whether an object is still shown by anything. */
    async hasObject(key: string): Promise<boolean> {
      return (await db.prepare("SELECT 1 FROM media_objects WHERE key = ?1").bind(key).first()) !== null;
    },

    /** Keys of the bucket that are due for removal. */
    async dueRemovals(nowMs: number, max: number): Promise<string[]> {
      const { results } = await db
        .prepare("SELECT media_id AS id FROM media_removals WHERE not_before_ms <= ?1 ORDER BY not_before_ms LIMIT ?2")
        .bind(nowMs, max)
        .all<{ id: string }>();
      return results.map((row) => row.id);
    },

    /** Strikes out keys that are gone, of those that are due by now. */
    async endRemovals(keys: readonly string[], nowMs: number): Promise<void> {
      await db
        .prepare(
          "DELETE FROM media_removals WHERE not_before_ms <= ?2 AND media_id IN (SELECT value FROM json_each(?1))",
        )
        .bind(JSON.stringify(keys), nowMs)
        .run();
    },
  };
}

export type MediaRepository = ReturnType<typeof createMediaRepository>;

/** An order that left one out, or an upload that is not open any more. */
function isMediaOvertaken(thrown: unknown): boolean {
  return (
    thrown instanceof Error &&
    /NOT NULL constraint failed: (?:media\.position|media_uploads\.status)|media without an object/.test(thrown.message)
  );
}

/** Whether a batch was undone because the organization's media would take up more than they may. */
export function isQuotaExceeded(thrown: unknown): boolean {
  return (
    thrown instanceof Error && /NOT NULL constraint failed: media_(?:objects|uploads)\.size_bytes/.test(thrown.message)
  );
}
