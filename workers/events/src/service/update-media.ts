import type { UpdateMedia } from "@foyer/contracts/events/media";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId, Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { coverOf } from "../domain/media.ts";
import { newsOfChange } from "../domain/news.ts";
import { openEditableEvent } from "./access.ts";
import { noteOf, untilStored, wrapNews } from "./change.ts";
import type { Uploaded } from "./show-media.ts";

/** Says what media show, and makes an image the cover (`events.media_not_cover` for what is none). What shows in the event is a new version of it. */
export async function updateMedia(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly mediaId: Id<"media">; readonly patch: UpdateMedia },
): Promise<Result<Uploaded>> {
  const { eventId, mediaId, patch } = input;
  return untilStored<Uploaded>(async () => {
    const opened = await openEditableEvent(deps, call, eventId);
    if (!opened.ok) return opened;
    const before = opened.value;
    const known = (await deps.media.listOfEvent(eventId)).find(({ id }) => id === mediaId);
    if (known === undefined) return fail("events.media_not_found", "No such image, video or document.");

    const media = { ...known, alt: patch.alt ?? known.alt };
    const makesCover = patch.cover === true && before.cover?.mediaId !== mediaId;
    if (makesCover && coverOf(media) === null) return fail("events.media_not_cover", "Only an image can be the cover.");
    const showsAlt = before.cover?.mediaId === mediaId && media.alt !== known.alt;
    if (!makesCover && !showsAlt) {
      if (media.alt === known.alt) return ok({ media, event: before });
      return (await deps.media.describe(mediaId, media.alt, null)) === "overtaken"
        ? "overtaken"
        : ok({ media, event: before });
    }
    const nowMs = deps.clock.nowMs();
    const after = { ...before, cover: coverOf(media), version: before.version + 1, updatedAtMs: nowMs };
    const news = wrapNews(newsOfChange(before, after), call, nowMs);
    const note = noteOf(call, makesCover ? "change_cover" : "describe_cover", nowMs);
    if ((await deps.media.describe(mediaId, media.alt, { after, note, news })) === "overtaken") return "overtaken";
    deps.pages.forget(after);
    return ok({ media, event: after });
  });
}
