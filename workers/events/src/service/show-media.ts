import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId, Id } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { describeError } from "@foyer/telemetry/logger";
import type { StoredMedia } from "../clients/media-store.ts";
import type { Deps } from "../deps.ts";
import type { EventWithText } from "../domain/event.ts";
import { coverOf, freeSlot, type Media } from "../domain/media.ts";
import { newsOfChange } from "../domain/news.ts";
import type { EventChange } from "../repository/media.ts";
import { noteOf, untilStored, wrapNews } from "./change.ts";

/** New media, whether they became their event's cover, and the event as it is now. */
export interface Uploaded {
  readonly media: Media;
  readonly event: EventWithText;
}

/** A file in the bucket that an event is to show. */
export interface Arrived {
  readonly id: Id<"media">;
  readonly stored: StoredMedia;
  readonly alt: string;
  readonly uploadId: Id<"upload"> | null;
}

/**
 * Makes a file that is in the bucket visible; the first image becomes its event's cover. Fails with `events.too_many_media`,
 * `events.media_quota_exceeded`, `events.upload_over`, and leaves the file to its caller then.
 */
export async function showMedia(
  deps: Deps,
  call: CallContext,
  eventId: EventId,
  file: Arrived,
): Promise<Result<Uploaded>> {
  const result = await untilStored<Uploaded>(async () => {
    const before = await deps.events.find(eventId);
    if (before === null) return fail("events.not_found", "No such event.");
    if (file.uploadId !== null) {
      const known = await deps.uploads.find(eventId, file.uploadId);
      if (known?.upload.status !== "open") return fail("events.upload_over", "The upload is not open any more.");
    }
    const taken = (await deps.media.listOfEvent(eventId)).map((known) => known.slot);
    const slot = freeSlot(taken, limits.mediaPerEventMax, file.id);
    if (slot === null) return tooManyMedia();
    const nowMs = deps.clock.nowMs();
    const media = { ...file.stored, id: file.id, objectKey: file.id, eventId, alt: file.alt, createdAtMs: nowMs };
    const cover = before.cover === null ? coverOf({ ...media, position: 0 }) : null;
    const after = { ...before, cover, version: before.version + 1, updatedAtMs: nowMs };
    const change: EventChange | null =
      cover === null
        ? null
        : {
            after,
            note: noteOf(call, "set_cover", nowMs),
            news: wrapNews(newsOfChange(before, after), call, nowMs),
          };
    const { organizationId } = before;
    const outcome = await deps.media.completeUpload(
      { media, organizationId, slot, quotaBytes: deps.mediaQuotaBytes, uploadId: file.uploadId },
      change,
    );
    if (outcome === "overtaken") return "overtaken";
    if (outcome === "quota_exceeded") return quotaExceeded(deps);
    if (change !== null) deps.pages.forget(after);
    return ok({ media: outcome, event: change === null ? before : after });
  });
  // The organization had the same bytes, and the row shows those.
  if (result.ok && result.value.media.objectKey !== file.id) await discardFile(deps, file.id);
  return result;
}

/** Removes what an upload that failed, or was not needed, has left: at once where that is possible; the sweep sees to the rest. */
export async function discardFile(
  deps: Pick<Deps, "mediaStore" | "media" | "log">,
  key: Id<"media"> | Id<"upload">,
): Promise<void> {
  try {
    await deps.mediaStore.remove([key]);
    await deps.media.endRemovals([key], Number.MAX_SAFE_INTEGER);
  } catch (thrown) {
    deps.log.warn("object left to the sweep", { key, ...describeError(thrown) });
  }
}

/** The answer to one more than an event may have. */
export function tooManyMedia() {
  return fail("events.too_many_media", `An event has at most ${limits.mediaPerEventMax} images, videos and documents.`);
}

/** The answer to more bytes than an organization may have. */
export function quotaExceeded(deps: Pick<Deps, "mediaQuotaBytes">) {
  return fail("events.media_quota_exceeded", "Remove media that are not needed any more, or ask for more room.", {
    extra: { quotaBytes: deps.mediaQuotaBytes },
  });
}
