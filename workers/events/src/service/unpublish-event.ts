import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { EventWithText } from "../domain/event.ts";
import { toFacts } from "../domain/facts.ts";
import { moveFrom } from "../domain/lifecycle.ts";
import { newsOfChange } from "../domain/news.ts";
import { isSold, revisionMarks } from "../domain/plan-changes.ts";
import { asSystem, openToMove } from "./access.ts";
import { noteOf, untilStored, wrapNews } from "./change.ts";

/**
 * Takes an event back to a draft: a scheduled one at any time, a published one while nobody holds or is buying a ticket
 * (`events.tickets_sold`; it can be cancelled). Whether somebody is, is asked before and after the sale is closed, so that nobody buys in between; a
 * sale that was closed in vain is opened again. `platform.unavailable` where the box office does not answer.
 */
export async function unpublishEvent(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId },
): Promise<Result<EventWithText>> {
  const { eventId } = input;
  let isSaleClosed = false;
  const result = await untilStored(async () => {
    const opened = await openToMove(deps, call, eventId);
    if (!opened.ok) return opened;
    const before = opened.value;
    const status = moveFrom(before.status, "unpublish", call.actor.kind);
    if (!status.ok) return status;
    const version = before.version + 1;
    if (before.status === "published") {
      const unsold = await requireUnsold(deps, call, eventId);
      if (!unsold.ok) return unsold;
      isSaleClosed = true; // also where the answer is lost
      const closed = await deps.bookings.closeSale(asSystem(call), { eventId, version });
      if (!closed.ok) return closed;
      const stillUnsold = await requireUnsold(deps, call, eventId);
      if (!stillUnsold.ok) return stillUnsold;
    }
    const nowMs = deps.clock.nowMs();
    const draft: EventWithText = {
      ...before,
      status: status.value,
      version,
      updatedAtMs: nowMs,
      publishAtMs: null,
      statusNote: null,
    };
    const after = { ...draft, ...revisionMarks(before, draft) };
    const news = wrapNews(newsOfChange(before, after), call, nowMs);
    if ((await deps.events.save(after, noteOf(call, "unpublish", nowMs), news)) === "overtaken") return "overtaken";
    deps.pages.forget(after);
    return ok(after);
  });
  if (!result.ok && isSaleClosed) await reopenSale(deps, call, eventId);
  return result;
}

async function requireUnsold(deps: Deps, call: CallContext, eventId: EventId): Promise<Result<null>> {
  const tally = await deps.bookings.getSaleTally(asSystem(call), { eventId });
  if (!tally.ok) return tally;
  const { validTickets, openOrders, activeReservations } = tally.value;
  if (!isSold(tally.value) && activeReservations === 0) return ok(null);
  return fail("events.tickets_sold", "Tickets are out or being bought; the event can be postponed or cancelled.", {
    extra: { tickets: validTickets, openOrders, reservations: activeReservations },
  });
}

/**
 * Opens the sale of an event that stayed published. The closing used up a version at the box office, so this makes one as well; the message
 * opens the sale for certain, the call at once.
 */
async function reopenSale(deps: Deps, call: CallContext, eventId: EventId): Promise<void> {
  const reopened = await untilStored(async () => {
    const before = await deps.events.find(eventId);
    if (before === null || before.status !== "published") return ok(null);
    const nowMs = deps.clock.nowMs();
    const after = { ...before, version: before.version + 1, updatedAtMs: nowMs };
    const opening = newsOfChange({ ...before, status: "draft" }, after).map((told) => ({
      ...told,
      only: ["bookings" as const],
    }));
    const note = noteOf(asSystem(call), "reopen_sale", nowMs);
    if ((await deps.events.save(after, note, wrapNews(opening, call, nowMs))) === "overtaken") return "overtaken";
    deps.pages.forget(after);
    return deps.bookings.openSale(asSystem(call), { event: toFacts(after) });
  });
  if (!reopened.ok) deps.log.warn("sale left to the outbox", { eventId, refusal: reopened.error.code });
}
