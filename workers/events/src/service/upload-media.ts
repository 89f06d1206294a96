import type { CallContext } from "@foyer/contracts/shared/actor";
import { hourMs } from "@foyer/kernel/clock";
import { type EventId, newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, type Result } from "@foyer/kernel/result";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import { openEditableEvent } from "./access.ts";
import { discardFile, showMedia, tooManyMedia, type Uploaded } from "./show-media.ts";

/** An upload that takes longer than this has died. */
export const uploadMaxMs = hourMs;

/**
 * Takes one file for an event; the first image becomes its cover. The bytes go to the bucket first and become visible with their
 * row; whatever fails on the way leaves neither.
 */
export async function uploadMedia(
  deps: Deps,
  call: CallContext,
  input: {
    readonly eventId: EventId;
    readonly body: ReadableStream<Uint8Array> | null;
    readonly declaredBytes: number | null;
    /** Of the body, lower-case hex. */
    readonly sha256: string | null;
  },
): Promise<Result<Uploaded>> {
  const opened = await openEditableEvent(deps, call, input.eventId);
  if (!opened.ok) return opened;
  if (input.body === null) return fail("events.unsupported_media", "Send the file as the body.");
  if ((await deps.media.listOfEvent(input.eventId)).length >= limits.mediaPerEventMax) return tooManyMedia();

  const startedMs = deps.clock.nowMs();
  const id = newId("media", startedMs);
  await deps.media.beginUpload(id, startedMs + uploadMaxMs);
  let stored: Awaited<ReturnType<Deps["mediaStore"]["store"]>>;
  try {
    stored = await deps.mediaStore.store(id, deps.mediaStore.receive(input.body), {
      sizeBytes: input.declaredBytes,
      sha256: input.sha256,
    });
  } catch (thrown) {
    deps.log.error("media store failed", { mediaId: id, ...describeError(thrown) });
    stored = fail("platform.unavailable", "The file could not be stored right now.");
  }
  const result = stored.ok
    ? await showMedia(deps, call, input.eventId, { id, stored: stored.value, alt: "", uploadId: null })
    : stored;
  if (!result.ok) await discardFile(deps, id);
  return result;
}
