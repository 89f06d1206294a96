import type { CallContext } from "@foyer/contracts/shared/actor";
import { hourMs } from "@foyer/kernel/clock";
import { type EventId, newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import { isEditable } from "../domain/event.ts";
import { freeSlot, type Media } from "../domain/media.ts";
import { newsOfChange } from "../domain/news.ts";
import { openEvent } from "./access.ts";
import { noteOf, untilStored, wrapNews } from "./change.ts";

/** An upload that takes longer than this has died. */
const uploadMaxMs = hourMs;

/** A new image, and whether it became its event's cover. */
export interface Uploaded {
  readonly media: Media;
  readonly cover: boolean;
}

/**
 * Takes one image for an event; the first becomes its cover. The bytes go to the bucket first and become visible with their
 * row; whatever fails on the way leaves neither.
 */
export async function uploadMedia(
  deps: Deps,
  call: CallContext,
  input: {
    readonly eventId: EventId;
    readonly body: ReadableStream<Uint8Array> | null;
    readonly declaredBytes: number | null;
  },
): Promise<Result<Uploaded>> {
  const opened = await openEvent(deps, call, input.eventId, "events.write");
  if (!opened.ok) return opened;
  if (!isEditable(opened.value.status))
    return fail("events.not_editable", `An event that is ${opened.value.status} stays as it is.`);
  if (input.body === null) return fail("events.unsupported_media", "Send the image as the body.");
  if ((await deps.media.listOfEvent(input.eventId)).length >= limits.mediaPerEventMax) return tooMany();

  const startedMs = deps.clock.nowMs();
  const id = newId("media", startedMs);
  await deps.media.beginUpload(id, startedMs + uploadMaxMs);
  let stored: Awaited<ReturnType<Deps["images"]["store"]>>;
  try {
    stored = await deps.images.store(id, input.body, input.declaredBytes);
  } catch (thrown) {
    deps.log.error("image store failed", { mediaId: id, ...describeError(thrown) });
    stored = fail("platform.unavailable", "The image could not be stored right now.");
  }
  const result = stored.ok ? await show(deps, call, input.eventId, { id, ...stored.value }) : stored;
  if (!result.ok) await discard(deps, id);
  return result;
}

function tooMany() {
  return fail("events.too_many_media", `An event has at most ${limits.mediaPerEventMax} images.`);
}

async function show(
  deps: Deps,
  call: CallContext,
  eventId: EventId,
  image: Omit<Media, "eventId" | "createdAtMs">,
): Promise<Result<Uploaded>> {
  return untilStored<Uploaded>(async () => {
    const before = await deps.events.find(eventId);
    if (before === null) return fail("events.not_found", "No such event.");
    const slot = freeSlot(
      (await deps.media.listOfEvent(eventId)).map((known) => known.slot),
      limits.mediaPerEventMax,
      image.id,
    );
    if (slot === null) return tooMany();
    const nowMs = deps.clock.nowMs();
    const media: Media = { ...image, eventId, createdAtMs: nowMs };
    if (before.cover !== null) {
      return (await deps.media.completeUpload(media, slot, null)) === "overtaken"
        ? "overtaken"
        : ok({ media, cover: false });
    }
    const { id: mediaId, contentType, width, height } = media;
    const cover = { mediaId, contentType, width, height };
    const after = { ...before, cover, version: before.version + 1, updatedAtMs: nowMs };
    const news = wrapNews(newsOfChange(before, after), call, nowMs);
    const note = noteOf(call, "set_cover", nowMs);
    if ((await deps.media.completeUpload(media, slot, { after, note, news })) === "overtaken") return "overtaken";
    deps.pages.forget(after);
    return ok({ media, cover: true });
  });
}

/** Removes what an upload that failed has left, at once where that is possible; the sweep sees to the rest. */
async function discard(deps: Deps, id: Media["id"]): Promise<void> {
  try {
    await deps.images.remove([id]);
    await deps.media.endRemovals([id]);
  } catch (thrown) {
    deps.log.warn("image left to the sweep", { mediaId: id, ...describeError(thrown) });
  }
}
