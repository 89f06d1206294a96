import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { type EventWithText, isDeletable } from "../../domain/event.ts";
import { lifecycle } from "../../domain/lifecycle.ts";
import { newsOfChange, versionNews } from "../../domain/news.ts";
import { revisionMarks } from "../../domain/plan-changes.ts";
import type { SeriesDate } from "../../domain/series.ts";
import { untilStored, wrapNews } from "../change.ts";
import { type Round, roundNote } from "./round.ts";

/** States in which people outside count on an event. */
const publicStatuses: ReadonlySet<string> = new Set(["published", "postponed"]);

/**
 * Ends the event of a date that the rule has no more: a draft that was never public is removed, any other is cancelled, unless it is over. One
 * that has become public since the rule was changed is left alone, with `events.confirmation_required`: nobody has agreed to cancel it. The date's own
 * row follows by the database's triggers.
 */
export async function leaveSeries(deps: Deps, round: Round, date: SeriesDate): Promise<Result<null>> {
  const { call } = round;
  return untilStored<null>(async () => {
    const nowMs = deps.clock.nowMs();
    const before = await deps.events.find(date.eventId);
    const isOver = before !== null && before.endsAtMs !== null && before.endsAtMs <= nowMs;
    if (before !== null && isDeletable(before)) {
      const last = { ...before, version: before.version + 1 };
      const news = wrapNews([versionNews("event.deleted", last)], call, nowMs);
      const removed = await deps.events.remove(last, roundNote(round, "delete", nowMs), news);
      if (removed === "overtaken") return "overtaken";
      deps.pages.forget(before);
      return ok(null);
    }
    const status = before === null || isOver ? undefined : lifecycle[before.status].cancel;
    if (before === null || status === undefined) {
      await deps.seriesWork.markLeft(date.eventId);
      return ok(null);
    }
    if (date.state === "leaving" && publicStatuses.has(before.status))
      return fail("events.confirmation_required", "The date has become public since; confirm that it is cancelled.");
    const cancelled: EventWithText = { ...before, status, version: before.version + 1, updatedAtMs: nowMs };
    const after = { ...cancelled, ...revisionMarks(before, cancelled) };
    const news = wrapNews(newsOfChange(before, after), call, nowMs);
    if ((await deps.events.save(after, roundNote(round, "cancel", nowMs), news)) === "overtaken") return "overtaken";
    deps.pages.forget(after);
    // The outbox ends the sale for certain; this ends it at once.
    await deps.bookings.closeSale(call, { eventId: after.id, version: after.version });
    return ok(null);
  });
}
