import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId, Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { newsOfChange } from "../domain/news.ts";
import { openEvent } from "./access.ts";
import { noteOf, untilStored, wrapNews } from "./change.ts";

/**
 * Takes a guest off an event's list. All grants to the event are void from then on, since nobody knows whose is whose; the others' invitations let them in
 * again.
 */
export async function removeGuest(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly guestId: Id<"guest"> },
): Promise<Result<null>> {
  const { eventId, guestId } = input;
  return untilStored(async () => {
    const opened = await openEvent(deps, call, eventId, "events.write");
    if (!opened.ok) return opened;
    const before = opened.value;
    if ((await deps.guests.find(eventId, guestId)) === null) return fail("events.guest_not_found", "No such guest.");
    const nowMs = deps.clock.nowMs();
    const after = {
      ...before,
      version: before.version + 1,
      accessVersion: before.accessVersion + 1,
      updatedAtMs: nowMs,
    };
    const news = wrapNews(newsOfChange(before, after), call, nowMs);
    const note = noteOf(call, "remove_guest", nowMs);
    if ((await deps.events.save(after, note, news, [deps.guests.removal(guestId)])) === "overtaken") return "overtaken";
    deps.pages.forget(after);
    return ok(null);
  });
}
