import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { EventWithText } from "../domain/event.ts";
import { isOrderOf, type Media } from "../domain/media.ts";
import { openEditableEvent } from "./access.ts";
import { untilStored } from "./change.ts";

/** Puts an event's media in order; every one must be named once (`events.media_order_mismatch`). The cover stays what it is. */
export async function orderMedia(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly mediaIds: readonly string[] },
): Promise<Result<{ readonly media: readonly Media[]; readonly event: EventWithText }>> {
  return untilStored(async () => {
    const opened = await openEditableEvent(deps, call, input.eventId);
    if (!opened.ok) return opened;
    const mismatch = () => fail("events.media_order_mismatch", "Name each of the event's media once.");
    if (!isOrderOf(await deps.media.listOfEvent(input.eventId), input.mediaIds)) return mismatch();
    // One that came meanwhile undoes the order, and the fresh reading finds it unnamed.
    if ((await deps.media.order(input.eventId, input.mediaIds)) === "overtaken") return "overtaken";
    return ok({ media: await deps.media.listOfEvent(input.eventId), event: opened.value });
  });
}
