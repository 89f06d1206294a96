import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId, Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import { partBytesOf } from "../domain/media.ts";
import { isOpen, partKeyOf, type UploadPart } from "../domain/upload.ts";
import { findUpload } from "./find-upload.ts";

/**
 * Takes one part of an upload, in any order, in place of what came as this part before. One that fails leaves what was there. Fails with
 * `events.upload_over`, `events.upload_incomplete`, `events.upload_checksum_mismatch`.
 */
export async function sendPart(
  deps: Deps,
  call: CallContext,
  input: {
    readonly eventId: EventId;
    readonly uploadId: Id<"upload">;
    readonly number: number;
    readonly body: ReadableStream<Uint8Array> | null;
    readonly declaredBytes: number | null;
    /** Of the part, lower-case hex. */
    readonly sha256: string | null;
  },
): Promise<Result<UploadPart>> {
  const found = await findUpload(deps, call, input);
  if (!found.ok) return found;
  const { upload } = found.value;
  if (!isOpen(upload, deps.clock.nowMs())) return over();
  const partBytes = partBytesOf(upload.sizeBytes, input.number);
  if (partBytes === null) return fail("events.upload_not_found", "The upload has no such part.");
  if (input.body === null || (input.declaredBytes !== null && input.declaredBytes !== partBytes))
    return fail("events.upload_incomplete", `This part has ${partBytes} bytes.`, { extra: { partBytes } });

  const key = partKeyOf(upload.id, input.number);
  let stored: Awaited<ReturnType<Deps["mediaStore"]["storePart"]>>;
  try {
    stored = await deps.mediaStore.storePart(key, deps.mediaStore.receive(input.body), partBytes, input.sha256);
  } catch (thrown) {
    deps.log.error("media store failed", { uploadId: upload.id, ...describeError(thrown) });
    return fail("platform.unavailable", "The part could not be stored right now.");
  }
  if (!stored.ok) return stored;
  const part = { number: input.number, ...stored.value };
  if (await deps.uploads.notePart(upload.id, part, deps.clock.nowMs())) return ok(part);
  await deps.mediaStore.removeOne(key); // the upload ended meanwhile, and may have been swept already
  return over();
}

function over() {
  return fail("events.upload_over", "The upload was completed, given up or has expired; open another.");
}
