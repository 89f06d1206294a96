import type { CallContext } from "@foyer/contracts/shared/actor";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { EventWithText } from "../domain/event.ts";
import { holderNews, type News } from "../domain/news.ts";
import { isSold, noticeOf, planChanges, revisionMarks } from "../domain/plan-changes.ts";
import { asSystem } from "./access.ts";

/**
 * What a change of an event's content does to those who count on it: the event with its marks of having been changed, and what holders
 * of tickets are to be told. While tickets are out, another time or place is `events.confirmation_required` unless it is confirmed. A postponed
 * event has no date that holds: its holders are told when it is published again. `platform.unavailable` where the box office does not answer.
 */
export async function confirmChanges(
  deps: Pick<Deps, "bookings">,
  call: CallContext,
  change: { readonly before: EventWithText; readonly after: EventWithText; readonly confirm: boolean },
): Promise<Result<{ readonly after: EventWithText; readonly notices: readonly News[] }>> {
  const { before, confirm } = change;
  const after = { ...change.after, ...revisionMarks(before, change.after) };
  const changes = planChanges(before, after);
  const notice = noticeOf(changes);
  if (notice === null) return ok({ after, notices: [] });
  const tally = await deps.bookings.getSaleTally(asSystem(call), { eventId: after.id });
  if (!tally.ok) return tally;
  if (!isSold(tally.value)) return ok({ after, notices: [] });
  if (!confirm) {
    const { validTickets, confirmedOrders, openOrders } = tally.value;
    return fail("events.confirmation_required", "Holders of tickets would be told of this; repeat it with confirm.", {
      extra: { tickets: validTickets, orders: confirmedOrders + openOrders, changes },
    });
  }
  return ok({ after, notices: after.status === "published" ? [holderNews(notice, after)] : [] });
}
