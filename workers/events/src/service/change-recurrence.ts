import { requireFresh } from "@foyer/auth/guards";
import type { ChangeRecurrence } from "@foyer/contracts/events/series";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { type EventId, newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { expandRecurrence } from "../domain/recurrence.ts";
import { anchorOf, type Series, type SeriesDate } from "../domain/series.ts";
import { authorizeIn } from "./access.ts";
import { noteOf, untilStored } from "./change.ts";
import { openSeries } from "./open-series.ts";
import { type SeriesState, stateOf, wakeFor } from "./series-progress.ts";

/**
 * Gives a series another rule, counted from the same start. New dates are made in the background; of those that fall away, drafts that were
 * never public are deleted and public ones are cancelled, which has to be confirmed and asks for a fresh proof of identity, since it moves
 * money. Fails with `events.not_found`, `events.not_in_series`, `request.invalid`, `events.too_many_occurrences`,
 * `events.confirmation_required` with the dates in question, `auth.step_up_required`.
 */
export async function changeRecurrence(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly recurrence: ChangeRecurrence },
): Promise<Result<SeriesState>> {
  return untilStored(async () => {
    const opened = await openSeries(deps, call, input.eventId, "events.write");
    if (!opened.ok) return opened;
    const { series: before } = opened.value;
    const set = expandRecurrence(input.recurrence, anchorOf(before));
    if (!set.ok) return set;

    const nowMs = deps.clock.nowMs();
    const wanted = new Set(set.value.dates);
    const [dates, announced] = await Promise.all([
      deps.series.dates(before.id),
      deps.series.announced(before.id, nowMs),
    ]);
    const falling = dates.filter(({ recurrenceId }) => !wanted.has(recurrenceId)).map((date) => date.recurrenceId);
    const gone = new Set(falling);
    const calledOff = announced.filter(({ recurrenceId }) => gone.has(recurrenceId));
    const permitted = await mayTouchPublic(deps, call, before, calledOff.length > 0);
    if (!permitted.ok) return permitted;
    if (calledOff.length > 0 && !input.recurrence.confirm) {
      const occurrences = calledOff
        .slice(0, limits.seriesProblemsShownMax)
        .map(({ eventId, recurrenceId }) => ({ eventId, recurrenceId }));
      return fail("events.confirmation_required", "Public dates would be cancelled; confirm it.", {
        extra: { count: calledOff.length, occurrences },
      });
    }
    const proven = calledOff.length > 0 ? requireFresh(call.actor, nowMs) : ok(null);
    if (!proven.ok) return proven;

    const { rrule, exceptions, additions } = set.value;
    const series: Series = { ...before, rrule, exceptions, additions, change: before.change + 1 };
    const stored = await deps.series.save({
      series,
      note: noteOf(call, "series_rule", nowMs),
      patch: {},
      event: null,
      news: [],
      dates: [
        deps.series.statements.skip(series),
        ...deps.series.statements.drop(series, falling, { confirmed: input.recurrence.confirm, nowMs }),
        deps.series.statements.keep(series, set.value.dates),
        deps.series.statements.add(series, newDates(series, dates, set.value.dates, nowMs)),
      ],
      wake: wakeFor(series, call, nowMs),
    });
    return stored === "overtaken" ? "overtaken" : ok(await stateOf(deps, series));
  });
}

/** Whoever has public dates made or called off must be allowed to publish. */
async function mayTouchPublic(deps: Deps, call: CallContext, series: Series, callsOff: boolean): Promise<Result<null>> {
  if (!callsOff && !series.publishes) return ok(null);
  const { organizationId } = series;
  return authorizeIn(deps, call, { organizationId, permission: "events.publish", absentCode: "events.not_found" });
}

/** Dates that a series does not have yet, or had and lost, with ids for their events. */
function newDates(
  series: Series,
  known: readonly SeriesDate[],
  wanted: readonly string[],
  nowMs: number,
): SeriesDate[] {
  const there = new Set(known.filter(({ state }) => state !== "excepted").map(({ recurrenceId }) => recurrenceId));
  return wanted
    .filter((recurrenceId) => !there.has(recurrenceId))
    .map((recurrenceId) => ({
      recurrenceId,
      eventId: newId("event", nowMs),
      state: "pending",
      publish: series.publishes,
      change: series.change,
    }));
}
