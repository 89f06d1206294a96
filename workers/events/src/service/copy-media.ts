import { hourMs } from "@foyer/kernel/clock";
import { type EventId, newId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import type { Cover } from "../domain/event.ts";
import type { Media } from "../domain/media.ts";

/** Copying that takes longer than this has died. */
const copyMaxMs = hourMs;

/** Images that are in the bucket and wait for their rows; until these are stored, the sweep knows of the objects. */
export interface CopiedMedia {
  readonly images: readonly Media[];
  readonly cover: Cover | null;
}

/** Copies an event's images for another event, in their order, and says which of them is its cover. `platform.unavailable` where the bucket fails. */
export async function copyMedia(
  deps: Pick<Deps, "media" | "images" | "clock" | "log">,
  from: { readonly eventId: EventId; readonly coverId: string | null },
  toEventId: EventId,
): Promise<Result<CopiedMedia>> {
  const images: Media[] = [];
  let cover: Cover | null = null;
  try {
    // One after the other: an invocation opens six connections at most, and each copy holds two.
    for (const { slot: _taken, ...original } of await deps.media.listOfEvent(from.eventId)) {
      const nowMs = deps.clock.nowMs();
      const image: Media = { ...original, id: newId("media", nowMs), eventId: toEventId, createdAtMs: nowMs };
      await deps.media.beginUpload(image.id, nowMs + copyMaxMs);
      if (!(await deps.images.copy(original.id, image.id))) continue; // removed since it was listed
      images.push(image);
      const { id: mediaId, contentType, width, height } = image;
      if (original.id === from.coverId) cover = { mediaId, contentType, width, height };
    }
  } catch (thrown) {
    deps.log.error("images not copied", { eventId: from.eventId, ...describeError(thrown) });
    return fail("platform.unavailable", "The images could not be copied right now.");
  }
  return ok({ images, cover });
}
