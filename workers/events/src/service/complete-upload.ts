import type { CallContext } from "@foyer/contracts/shared/actor";
import { type EventId, type Id, newId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import { isOpen, missingParts, partKeyOf, type UploadPart } from "../domain/upload.ts";
import { openEditableEvent } from "./access.ts";
import type { UploadState } from "./open-upload.ts";
import { discardFile, showMedia, type Uploaded } from "./show-media.ts";
import { uploadMaxMs } from "./upload-media.ts";

/**
 * Makes the parts of an upload one file and shows it: read in order through the same gate as a file that is sent whole. Completed twice, also at
 * once, it is the same media. Fails with `events.upload_parts_missing` and the numbers of what is to be sent, and with what a whole file fails with;
 * the upload stays open then.
 */
export async function completeUpload(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly uploadId: Id<"upload"> },
): Promise<Result<Uploaded>> {
  const opened = await openEditableEvent(deps, call, input.eventId);
  if (!opened.ok) return opened;
  const found = await deps.uploads.find(input.eventId, input.uploadId);
  if (found === null) return fail("events.upload_not_found", "No such upload.");
  const { upload, parts } = found;
  if (upload.status === "completed") return completed(deps, input);
  if (!isOpen(upload, deps.clock.nowMs())) return fail("events.upload_over", "The upload was given up or has expired.");
  const missing = missingParts(upload, parts);
  if (missing.length > 0) return partsMissing(missing);

  const startedMs = deps.clock.nowMs();
  const id = newId("media", startedMs);
  await deps.media.beginUpload(id, startedMs + uploadMaxMs);
  const result = await assemble(deps, call, found, id);
  if (result.ok) {
    await discardFile(deps, upload.id);
    return result;
  }
  await discardFile(deps, id);
  return result.error.code === "events.upload_over" ? completed(deps, input) : result;
}

async function assemble(
  deps: Deps,
  call: CallContext,
  { upload, parts }: UploadState,
  id: Id<"media">,
): Promise<Result<Uploaded>> {
  const { contentType, sizeBytes, sha256 } = upload;
  const keyed = parts.map((part) => ({ key: partKeyOf(upload.id, part.number), etag: part.etag }));
  let stored: Awaited<ReturnType<Deps["mediaStore"]["store"]>>;
  try {
    stored = await deps.mediaStore.store(id, deps.mediaStore.join(keyed), { contentType, sizeBytes, sha256 });
  } catch (thrown) {
    const lost = await lostParts(deps, upload.id, parts);
    if (lost.length > 0) {
      await deps.uploads.forgetParts(upload.id, lost);
      return partsMissing(lost.map(({ number }) => number));
    }
    deps.log.error("media store failed", { uploadId: upload.id, ...describeError(thrown) });
    return fail("platform.unavailable", "The file could not be put together right now.");
  }
  if (!stored.ok) return stored;
  return showMedia(deps, call, upload.eventId, { id, stored: stored.value, alt: upload.alt, uploadId: upload.id });
}

/** Parts that are not in the bucket as they were noted: two different ones were sent under one number at once. */
async function lostParts(deps: Deps, uploadId: Id<"upload">, parts: readonly UploadPart[]): Promise<UploadPart[]> {
  const lost: UploadPart[] = [];
  for (const part of parts)
    if (!(await deps.mediaStore.isAsTagged(partKeyOf(uploadId, part.number), part.etag))) lost.push(part);
  return lost;
}

/** What an upload that is completed became. */
async function completed(
  deps: Deps,
  input: { readonly eventId: EventId; readonly uploadId: Id<"upload"> },
): Promise<Result<Uploaded>> {
  const [found, event] = await Promise.all([
    deps.uploads.find(input.eventId, input.uploadId),
    deps.events.find(input.eventId),
  ]);
  if (found?.upload.status !== "completed" || found.upload.mediaId === null || event === null)
    return fail("events.upload_over", "The upload was given up or has expired.");
  const { mediaId } = found.upload;
  const media = (await deps.media.listOfEvent(input.eventId)).find(({ id }) => id === mediaId);
  return media === undefined
    ? fail("events.media_not_found", "What the upload became has been removed.")
    : ok({ media, event });
}

function partsMissing(missing: readonly number[]) {
  return fail("events.upload_parts_missing", "Send the parts that are missing.", { extra: { missing } });
}
