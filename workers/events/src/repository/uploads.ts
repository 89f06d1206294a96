import type { EventId, Id } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { Upload, UploadPart } from "../domain/upload.ts";
import { isQuotaExceeded, takenBytes } from "./media.ts";
import { isOvertaken } from "./rows.ts";

const columns = `u.id, u.organization_id AS organizationId, u.event_id AS eventId, u.status, u.content_type AS contentType,
  u.size_bytes AS sizeBytes, u.sha256, u.alt, u.media_id AS mediaId, u.created_at_ms AS createdAtMs, u.expires_at_ms AS expiresAtMs`;

/** Files that come in parts, in the worker's own database; what has arrived of them is in the bucket. */
export function createUploadRepository(db: D1Database) {
  return {
    /** Opens an upload, its size taken from now on; its key is swept after `notBeforeMs` unless it is completed before. */
    async open(
      upload: Upload,
      quotaBytes: number,
      notBeforeMs: number,
    ): Promise<"stored" | "quota_exceeded" | "too_many" | "overtaken"> {
      try {
        await db.batch([
          db
            .prepare(
              `INSERT INTO media_uploads (organization_id, created_at_ms, id, event_id, status, content_type, size_bytes, sha256, alt, expires_at_ms)
               SELECT ?1, CASE WHEN (SELECT count(*) FROM media_uploads
                   WHERE organization_id = ?1 AND status = 'open' AND expires_at_ms > ?2) < ?11 THEN ?2 END,
                 ?3, ?4, ?5, ?6, CASE WHEN ?7 + ${takenBytes} <= ?12 THEN ?7 END, ?8, ?9, ?10`,
            )
            .bind(
              upload.organizationId,
              upload.createdAtMs,
              upload.id,
              upload.eventId,
              upload.status,
              upload.contentType,
              upload.sizeBytes,
              upload.sha256,
              upload.alt,
              upload.expiresAtMs,
              limits.uploadsOpenPerOrganizationMax,
              quotaBytes,
            ),
          db
            .prepare("INSERT INTO media_removals (media_id, not_before_ms) VALUES (?1, ?2)")
            .bind(upload.id, notBeforeMs),
        ]);
        return "stored";
      } catch (thrown) {
        if (isQuotaExceeded(thrown)) return "quota_exceeded";
        if (thrown instanceof Error && thrown.message.includes("media_uploads.created_at_ms")) return "too_many";
        if (isOvertaken(thrown)) return "overtaken";
        throw thrown;
      }
    },

    /** An upload of an event with the parts that have arrived. */
    async find(
      eventId: EventId,
      uploadId: Id<"upload">,
    ): Promise<{ readonly upload: Upload; readonly parts: UploadPart[] } | null> {
      const [uploads, parts] = await db.batch<unknown>([
        db
          .prepare(`SELECT ${columns} FROM media_uploads u WHERE u.id = ?1 AND u.event_id = ?2`)
          .bind(uploadId, eventId),
        db
          .prepare(
            `SELECT number, size_bytes AS sizeBytes, sha256, etag FROM media_upload_parts WHERE upload_id = ?1 ORDER BY number`,
          )
          .bind(uploadId),
      ]);
      // The columns are selected under the names of the types' members.
      const upload = uploads?.results[0] as Upload | undefined;
      return upload === undefined ? null : { upload, parts: (parts?.results ?? []) as UploadPart[] };
    },

    /** Notes that a part has arrived, in place of what came as this part before; false where the upload is open no more. */
    async notePart(uploadId: Id<"upload">, part: UploadPart, nowMs: number): Promise<boolean> {
      const { meta } = await db
        .prepare(
          `INSERT INTO media_upload_parts (upload_id, number, size_bytes, sha256, etag)
           SELECT id, ?2, ?3, ?4, ?5 FROM media_uploads WHERE id = ?1 AND status = 'open' AND expires_at_ms > ?6
           ON CONFLICT (upload_id, number) DO UPDATE SET size_bytes = ?3, sha256 = ?4, etag = ?5`,
        )
        .bind(uploadId, part.number, part.sizeBytes, part.sha256, part.etag, nowMs)
        .run();
      return meta.changes > 0;
    },

    /** Forgets parts that are not in the bucket as they were noted. */
    async forgetParts(uploadId: Id<"upload">, parts: readonly UploadPart[]): Promise<void> {
      await db.batch(
        parts.map(({ number, etag }) =>
          db
            .prepare("DELETE FROM media_upload_parts WHERE upload_id = ?1 AND number = ?2 AND etag = ?3")
            .bind(uploadId, number, etag),
        ),
      );
    },

    /** Gives an open upload up; its parts are swept from `notBeforeMs` on, when none can be on its way any more. */
    async abort(uploadId: Id<"upload">, notBeforeMs: number): Promise<void> {
      await db.batch([
        db.prepare("UPDATE media_uploads SET status = 'aborted' WHERE id = ?1 AND status = 'open'").bind(uploadId),
        db
          .prepare(
            `INSERT OR REPLACE INTO media_removals (media_id, not_before_ms)
             SELECT id, ?2 FROM media_uploads WHERE id = ?1 AND status = 'aborted'`,
          )
          .bind(uploadId, notBeforeMs),
      ]);
    },

    /** Forgets uploads that ended before this, with their parts' rows. */
    async forgetOld(beforeMs: number): Promise<void> {
      await db
        .prepare(
          "DELETE FROM media_uploads WHERE id IN (SELECT id FROM media_uploads WHERE expires_at_ms < ?1 LIMIT ?2)",
        )
        .bind(beforeMs, limits.mediaSweepMax)
        .run();
    },
  };
}

export type UploadRepository = ReturnType<typeof createUploadRepository>;
