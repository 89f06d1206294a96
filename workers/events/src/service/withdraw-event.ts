import { requireFresh } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { EventWithText } from "../domain/event.ts";
import { type Move, moveFrom } from "../domain/lifecycle.ts";
import { holderNews, newsOfChange } from "../domain/news.ts";
import { isSold, revisionMarks } from "../domain/plan-changes.ts";
import { asSystem, openToMove } from "./access.ts";
import { noteOf, untilStored, wrapNews } from "./change.ts";

/**
 * Postpones an event, calls it off, or puts it away, with what the organizer says of it. The outbox is what ends the sale for certain; the
 * call to bookings ends it at once, and its failure is no reason to keep the sale open. Cancelling moves money back, so whoever does it proves who
 * they are: `auth.step_up_required`.
 */
export async function withdrawEvent(
  deps: Deps,
  call: CallContext,
  input: {
    readonly eventId: EventId;
    readonly move: Extract<Move, "postpone" | "cancel" | "archive">;
    readonly note: string | null;
  },
): Promise<Result<EventWithText>> {
  const { eventId, move } = input;
  return untilStored(async () => {
    const opened = await openToMove(deps, call, eventId);
    if (!opened.ok) return opened;
    const before = opened.value;
    const nowMs = deps.clock.nowMs();
    const fresh = move === "cancel" ? requireFresh(call.actor, nowMs) : ok(call.actor);
    if (!fresh.ok) return fresh;
    const status = moveFrom(before.status, move, call.actor.kind);
    if (!status.ok) return status;
    const withdrawn: EventWithText = {
      ...before,
      status: status.value,
      version: before.version + 1,
      updatedAtMs: nowMs,
      // What was said of a cancellation stays with the event when it is put away.
      statusNote: move === "archive" ? before.statusNote : input.note,
    };
    const after = { ...withdrawn, ...revisionMarks(before, withdrawn) };
    const notices =
      move === "postpone" && (await mayBeSold(deps, call, eventId)) ? [holderNews("postponed", after)] : [];
    const news = wrapNews([...newsOfChange(before, after), ...notices], call, nowMs);
    if ((await deps.events.save(after, noteOf(call, move, nowMs), news)) === "overtaken") return "overtaken";
    deps.pages.forget(after);
    if (news.length > 0) await deps.bookings.closeSale(asSystem(call), { eventId, version: after.version });
    return ok(after);
  });
}

/** Whether holders are to be told. A box office that does not answer now will know them when it reads the message. */
async function mayBeSold(deps: Deps, call: CallContext, eventId: EventId): Promise<boolean> {
  const tally = await deps.bookings.getSaleTally(asSystem(call), { eventId });
  return !tally.ok || isSold(tally.value);
}
