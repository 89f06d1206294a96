import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { noteOf, untilStored } from "./change.ts";
import { openSeries } from "./open-series.ts";
import { type SeriesState, stateOf, wakeFor } from "./series-progress.ts";

/**
 * Has the drafts of a series published in the background, all of them or those from this date on; with all of them, dates that are added
 * later are published as they are made. What keeps a date from being published is shown with the series. Fails with `events.not_found`,
 * `events.not_in_series`.
 */
export async function publishOccurrences(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly scope: "following" | "all" },
): Promise<Result<SeriesState>> {
  return untilStored(async () => {
    const opened = await openSeries(deps, call, input.eventId, "events.publish");
    if (!opened.ok) return opened;
    const { recurrenceId, series: before } = opened.value;
    const nowMs = deps.clock.nowMs();
    const all = input.scope === "all";
    const series = { ...before, change: before.change + 1, publishes: before.publishes || all };
    const stored = await deps.series.save({
      series,
      note: noteOf(call, "series_publish", nowMs),
      patch: {},
      event: null,
      news: [],
      dates: [deps.series.statements.skip(series), deps.series.statements.publish(series, all ? "" : recurrenceId)],
      wake: wakeFor(series, call, nowMs),
    });
    return stored === "overtaken" ? "overtaken" : ok(await stateOf(deps, series));
  });
}
