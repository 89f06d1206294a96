import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { isEditable } from "../../domain/event.ts";
import { newsOfChange } from "../../domain/news.ts";
import type { SeriesDate } from "../../domain/series.ts";
import { followed, withSeriesTimes } from "../../domain/series-edit.ts";
import { untilStored, wrapNews } from "../change.ts";
import { confirmChanges } from "../confirm-changes.ts";
import { checkContent, planUpdate } from "../update-event.ts";
import { type Round, roundNote } from "./round.ts";

/**
 * Has a date take over what its series was given since it last did: all but what it was given for itself. What is over or called off stays as
 * it is. Fails with what a change of the event alone would fail with.
 */
export async function followSeries(deps: Deps, round: Round, date: SeriesDate): Promise<Result<null>> {
  const { series, changes } = round;
  const patches = changes.filter(({ change }) => change > date.change && change <= series.change);
  return untilStored(async () => {
    const nowMs = deps.clock.nowMs();
    const before = await deps.events.find(date.eventId);
    const isOver = before !== null && before.endsAtMs !== null && before.endsAtMs <= nowMs;
    const following =
      before === null || isOver || !isEditable(before.status)
        ? null
        : followed(
            patches.map(({ patch }) => patch),
            before.overrides,
          );
    if (before === null || following === null) {
      await deps.seriesWork.markFollowed(date.eventId, series.change);
      return ok(null);
    }
    const planned = await planUpdate(deps, before, following.patch, nowMs);
    if (!planned.ok) return planned;
    const moved = following.times ? withSeriesTimes(planned.value, series, date.recurrenceId) : planned.value;
    const checked = checkContent(moved);
    if (!checked.ok) return checked;
    // Whoever changed the series has confirmed it for all of its dates; each date's own holders are told.
    const confirmed = await confirmChanges(deps, round.call, { before, after: checked.value, confirm: true });
    if (!confirmed.ok) return confirmed;
    const { after, notices } = confirmed.value;
    const news = wrapNews([...newsOfChange(before, after), ...notices], round.call, nowMs);
    const note = roundNote(round, "update", nowMs);
    const stored = await deps.seriesWork.saveOccurrence(after, note, news, { change: series.change });
    if (stored === "overtaken") return "overtaken";
    deps.pages.forget(after);
    return ok(null);
  });
}
