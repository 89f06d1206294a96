import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId, Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import { isEditable } from "../domain/event.ts";
import { newsOfChange } from "../domain/news.ts";
import { openEvent } from "./access.ts";
import { noteOf, untilStored, wrapNews } from "./change.ts";

/** Removes one image. Where it was the cover, the oldest of the others takes its place. */
export async function removeMedia(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly mediaId: Id<"media"> },
): Promise<Result<null>> {
  const { eventId, mediaId } = input;
  const result = await untilStored<null>(async () => {
    const opened = await openEvent(deps, call, eventId, "events.write");
    if (!opened.ok) return opened;
    const before = opened.value;
    if (!isEditable(before.status))
      return fail("events.not_editable", `An event that is ${before.status} stays as it is.`);
    const images = await deps.media.listOfEvent(eventId);
    if (!images.some((image) => image.id === mediaId)) return fail("events.media_not_found", "No such image.");

    const nowMs = deps.clock.nowMs();
    if (before.cover?.mediaId !== mediaId) {
      return (await deps.media.remove(mediaId, nowMs, null)) === "overtaken" ? "overtaken" : ok(null);
    }
    const next = images.find((image) => image.id !== mediaId);
    const cover =
      next === undefined
        ? null
        : { mediaId: next.id, contentType: next.contentType, width: next.width, height: next.height };
    const after = { ...before, cover, version: before.version + 1, updatedAtMs: nowMs };
    const news = wrapNews(newsOfChange(before, after), call, nowMs);
    const note = noteOf(call, "change_cover", nowMs);
    if ((await deps.media.remove(mediaId, nowMs, { after, note, news })) === "overtaken") return "overtaken";
    deps.pages.forget(after);
    return ok(null);
  });
  if (result.ok) {
    try {
      await deps.images.remove([mediaId]);
      await deps.media.endRemovals([mediaId]);
    } catch (thrown) {
      deps.log.warn("image left to the sweep", { mediaId, ...describeError(thrown) });
    }
  }
  return result;
}
