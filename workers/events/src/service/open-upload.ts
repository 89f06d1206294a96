import type { OpenUpload } from "@foyer/contracts/events/media";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { bytesMaxOf } from "@foyer/images/media";
import { secondMs } from "@foyer/kernel/clock";
import { type EventId, newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { Upload, UploadPart } from "../domain/upload.ts";
import { openEditableEvent } from "./access.ts";
import { quotaExceeded, tooManyMedia } from "./show-media.ts";
import { uploadMaxMs } from "./upload-media.ts";

/** An upload with the parts that have arrived. */
export interface UploadState {
  readonly upload: Upload;
  readonly parts: readonly UploadPart[];
}

/**
 * Opens an upload in parts. Its whole size counts as taken until it is completed, given up or has expired. Fails with
 * `events.media_too_large`, `events.too_many_media`, `events.too_many_uploads`, `events.media_quota_exceeded`.
 */
export async function openUpload(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly wanted: OpenUpload },
): Promise<Result<UploadState>> {
  const { eventId, wanted } = input;
  const opened = await openEditableEvent(deps, call, eventId);
  if (!opened.ok) return opened;
  const bytesMax = bytesMaxOf(wanted.contentType);
  if (wanted.sizeBytes > bytesMax)
    return fail("events.media_too_large", `Such a file has at most ${bytesMax} bytes.`, { extra: { bytesMax } });
  if ((await deps.media.listOfEvent(eventId)).length >= limits.mediaPerEventMax) return tooManyMedia();

  const createdAtMs = deps.clock.nowMs();
  const upload: Upload = {
    id: newId("upload", createdAtMs),
    organizationId: opened.value.organizationId,
    eventId,
    status: "open",
    contentType: wanted.contentType,
    sizeBytes: wanted.sizeBytes,
    sha256: wanted.sha256 ?? null,
    alt: wanted.alt,
    mediaId: null,
    createdAtMs,
    expiresAtMs: createdAtMs + limits.uploadTtlSeconds * secondMs,
  };
  // A part that is on its way when the upload expires may come a while later.
  switch (await deps.uploads.open(upload, deps.mediaQuotaBytes, upload.expiresAtMs + uploadMaxMs)) {
    case "stored":
      return ok({ upload, parts: [] });
    case "quota_exceeded":
      return quotaExceeded(deps);
    case "too_many":
      return fail(
        "events.too_many_uploads",
        `An organization has at most ${limits.uploadsOpenPerOrganizationMax} uploads under way; complete or abort one.`,
      );
    case "overtaken":
      return fail("events.not_found", "No such event.");
  }
}
