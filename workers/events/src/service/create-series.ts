import type { Recurrence } from "@foyer/contracts/events/series";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { type EventId, newId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { isEditable } from "../domain/event.ts";
import { newsOfChange } from "../domain/news.ts";
import { expandRecurrence } from "../domain/recurrence.ts";
import { recurrenceIdOf, type Series, type SeriesDate, timingOf } from "../domain/series.ts";
import { authorizeIn, openEvent } from "./access.ts";
import { noteOf, untilStored, wrapNews } from "./change.ts";
import { type SeriesState, stateOf, wakeFor } from "./series-progress.ts";

/**
 * Makes an event the first of a series and plans its other dates; their events are made in the background. Those of a published event are
 * published as they are made, which the caller must be allowed to. Fails with `events.not_found`, `events.already_in_series`,
 * `events.not_editable`, `events.times_required`, `request.invalid`, `events.too_many_occurrences`.
 */
export async function createSeries(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly recurrence: Recurrence },
): Promise<Result<SeriesState>> {
  return untilStored(async () => {
    const opened = await openEvent(deps, call, input.eventId, "events.write");
    if (!opened.ok) return opened;
    const before = opened.value;
    const { organizationId } = before;
    if (before.seriesId !== null)
      return fail("events.already_in_series", "This event is a date of a series; change that one's rule.", {
        extra: { seriesId: before.seriesId },
      });
    if (!isEditable(before.status))
      return fail("events.not_editable", `An event that is ${before.status} stays as it is.`);
    if (before.startsAtMs === null || before.endsAtMs === null)
      return fail("events.times_required", "Give the event a start and an end first.");
    const publishes = before.status === "published";
    const permitted = publishes
      ? await authorizeIn(deps, call, { organizationId, permission: "events.publish", absentCode: "events.not_found" })
      : ok(null);
    if (!permitted.ok) return permitted;

    const { timezone, allDay } = before;
    const recurrenceId = recurrenceIdOf(before);
    const set = expandRecurrence(input.recurrence, { startsLocal: recurrenceId, timezone, allDay });
    if (!set.ok) return set;
    const { rrule, exceptions, additions, dates } = set.value;
    if (!dates.includes(recurrenceId))
      return fail("request.invalid", "Some fields are not valid; see errors.", {
        errors: [{ path: "exceptions", code: "events.start_excepted", message: "The event itself is the first date" }],
      });

    const nowMs = deps.clock.nowMs();
    const id = newId("series", nowMs);
    const after = { ...before, version: before.version + 1, updatedAtMs: nowMs, seriesId: id, recurrenceId };
    const series: Series = {
      id,
      organizationId,
      rrule,
      exceptions,
      additions,
      startsLocal: recurrenceId,
      ...timingOf(before, recurrenceId),
      template: before,
      patternEventId: before.id,
      publishes,
      change: 1,
    };
    const planned: SeriesDate[] = dates.map((date) =>
      date === recurrenceId
        ? { recurrenceId: date, eventId: before.id, state: "made", publish: false, change: 1 }
        : { recurrenceId: date, eventId: newId("event", nowMs), state: "pending", publish: publishes, change: 1 },
    );
    const stored = await deps.series.create({
      series,
      note: noteOf(call, "series_create", nowMs),
      patch: {},
      event: after,
      news: wrapNews(newsOfChange(before, after), call, nowMs),
      dates: [deps.series.statements.add(series, planned)],
      wake: wakeFor(series, call, nowMs),
    });
    if (stored === "overtaken") return "overtaken";
    deps.pages.forget(after);
    return ok(await stateOf(deps, series));
  });
}
