import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { EventWithText } from "../domain/event.ts";
import { type Move, moveFrom } from "../domain/lifecycle.ts";
import { newsOfChange } from "../domain/news.ts";
import { asSystem, openEvent } from "./access.ts";
import { noteOf, untilStored, wrapNews } from "./change.ts";

/**
 * Takes an event from the public: back to a draft, cancelled, or archived. The outbox is what ends the sale for certain; the
 * call to bookings ends it at once, and its failure is no reason to keep the event public.
 */
export async function withdrawEvent(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly move: Exclude<Move, "publish"> },
): Promise<Result<EventWithText>> {
  const { eventId, move } = input;
  return untilStored(async () => {
    const opened = await openEvent(deps, call, eventId, "events.publish");
    if (!opened.ok) return opened;
    const before = opened.value;
    const status = moveFrom(before.status, move);
    if (!status.ok) return status;
    const nowMs = deps.clock.nowMs();
    const after = { ...before, status: status.value, version: before.version + 1, updatedAtMs: nowMs };
    const news = wrapNews(newsOfChange(before, after), call, nowMs);
    if ((await deps.events.save(after, noteOf(call, move, nowMs), news)) === "overtaken") return "overtaken";
    deps.pages.forget(after);
    if (news.length > 0) await deps.bookings.closeSale(asSystem(call), { eventId, version: after.version });
    return ok(after);
  });
}
