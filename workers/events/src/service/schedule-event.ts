import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { EventWithText } from "../domain/event.ts";
import { moveFrom } from "../domain/lifecycle.ts";
import { missingForPublishing } from "../domain/publishing.ts";
import { openToMove } from "./access.ts";
import { noteOf, untilStored } from "./change.ts";
import { notPublishable } from "./publish-event.ts";

/**
 * Has an event become public by itself at a later moment, or at another one than was said before. What its page needs at that
 * moment it must have already and may not lose; what its sale needs is looked at when it is due. Fails with `request.invalid` where the moment is not
 * ahead, `events.invalid_transition`, or `events.not_publishable` and all that is missing.
 */
export async function scheduleEvent(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly publishAtMs: number },
): Promise<Result<EventWithText>> {
  const { eventId, publishAtMs } = input;
  return untilStored(async () => {
    const opened = await openToMove(deps, call, eventId);
    if (!opened.ok) return opened;
    const before = opened.value;
    const nowMs = deps.clock.nowMs();
    if (publishAtMs <= nowMs) {
      const fault = { path: "publishAt", code: "events.publish_at_in_past", message: "The moment must lie ahead" };
      return fail("request.invalid", "Some fields are not valid; see errors.", { errors: [fault] });
    }
    const status = moveFrom(before.status, "schedule", call.actor.kind);
    if (!status.ok) return status;
    const missing = missingForPublishing(before, [], publishAtMs);
    if (missing.length > 0)
      return notPublishable("The event lacks what it needs to be published at that moment; see missing.", missing);
    const after = {
      ...before,
      status: status.value,
      version: before.version + 1,
      updatedAtMs: nowMs,
      publishAtMs,
      statusNote: null,
    };
    const note = noteOf(call, "schedule", nowMs);
    if ((await deps.events.save(after, note, [])) === "overtaken") return "overtaken";
    deps.pages.forget(after);
    return ok(after);
  });
}
