import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId, Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import { nextCover } from "../domain/media.ts";
import { newsOfChange } from "../domain/news.ts";
import { openEditableEvent } from "./access.ts";
import { noteOf, untilStored, wrapNews } from "./change.ts";

/**
 * Removes one image, video or document; its bytes stay while others of the organization show the same. Where it was the cover, the first
 * other image in the order takes its place.
 */
export async function removeMedia(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly mediaId: Id<"media"> },
): Promise<Result<null>> {
  const { eventId, mediaId } = input;
  const result = await untilStored<string>(async () => {
    const opened = await openEditableEvent(deps, call, eventId);
    if (!opened.ok) return opened;
    const before = opened.value;
    const all = await deps.media.listOfEvent(eventId);
    const media = all.find(({ id }) => id === mediaId);
    if (media === undefined) return fail("events.media_not_found", "No such image, video or document.");

    if (before.cover?.mediaId !== mediaId)
      return (await deps.media.remove(mediaId, null)) === "overtaken" ? "overtaken" : ok(media.objectKey);
    const nowMs = deps.clock.nowMs();
    const cover = nextCover(all, mediaId);
    const after = { ...before, cover, version: before.version + 1, updatedAtMs: nowMs };
    const news = wrapNews(newsOfChange(before, after), call, nowMs);
    const note = noteOf(call, "change_cover", nowMs);
    if ((await deps.media.remove(mediaId, { after, note, news })) === "overtaken") return "overtaken";
    deps.pages.forget(after);
    return ok(media.objectKey);
  });
  if (!result.ok) return result;
  try {
    if (!(await deps.media.hasObject(result.value))) {
      await deps.mediaStore.remove([result.value]);
      await deps.media.endRemovals([result.value], deps.clock.nowMs());
    }
  } catch (thrown) {
    deps.log.warn("object left to the sweep", { mediaId, ...describeError(thrown) });
  }
  return ok(null);
}
