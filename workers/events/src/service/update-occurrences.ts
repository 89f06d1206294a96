import type { UpdateEvent } from "@foyer/contracts/events/api";
import type { EditScope } from "@foyer/contracts/events/series";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { EventWithText } from "../domain/event.ts";
import { newsOfChange } from "../domain/news.ts";
import { type Series, timingOf } from "../domain/series.ts";
import { followable, followed, overridesWithout, splitRecurrence, touchesTimes } from "../domain/series-edit.ts";
import { asSystem } from "./access.ts";
import { noteOf, untilStored, wrapNews } from "./change.ts";
import { confirmChanges } from "./confirm-changes.ts";
import { inLanes } from "./lanes.ts";
import { seriesOf } from "./open-series.ts";
import { wakeFor } from "./series-progress.ts";
import { openForUpdate, planUpdate, updateEvent } from "./update-event.ts";

/** A change of one date, and how far it is to reach. */
export interface UpdateOccurrences {
  readonly idOrSlug: string;
  readonly ifMatch: string | undefined;
  readonly patch: UpdateEvent;
  readonly scope: EditScope;
}

/**
 * Changes a date together with its series, or with all of it from this date on, which then becomes a series of its own. The date itself is
 * changed at once; the others follow in the background, in all that they were not given for themselves, unless they are over or called off. A
 * change of time moves every date by as much on its own clock. Fails as `updateEvent` does, and with `events.not_in_series` and
 * `events.confirmation_required`.
 */
export async function updateOccurrences(
  deps: Deps,
  call: CallContext,
  input: UpdateOccurrences,
): Promise<Result<EventWithText>> {
  if (input.scope === "this") return updateEvent(deps, call, input);
  return untilStored(async () => {
    const opened = await openForUpdate(deps, call, input);
    if (!opened.ok) return opened;
    const found = await seriesOf(deps, opened.value);
    if (!found.ok) return found;
    const { event: before, series, recurrenceId } = found.value;
    const { confirm = false, ...patch } = input.patch;
    if (Object.keys(patch).length === 0) return ok(before);
    if (patch.slug !== undefined)
      return fail("request.invalid", "Some fields are not valid; see errors.", {
        errors: [
          {
            path: "slug",
            code: "events.of_one_event",
            message: "An address is one event's: change it with scope this",
          },
        ],
      });

    const nowMs = deps.clock.nowMs();
    const planned = await planUpdate(deps, before, patch, nowMs);
    if (!planned.ok) return planned;
    if (planned.value.startsAtMs === null || planned.value.endsAtMs === null)
      return fail("events.times_required", "Dates of a series keep a start and an end.");
    const { timezone, allDay } = planned.value;
    const content = followed([patch], [])?.patch ?? {};
    const template = await planUpdate(deps, { ...series.template, status: "draft" }, content, nowMs);
    if (!template.ok) return template;

    const splits =
      input.scope === "following" && (await deps.series.dates(series.id))[0]?.recurrenceId !== recurrenceId;
    const from = input.scope === "following" ? recurrenceId : "";
    const asked = confirm ? ok(null) : await confirmationFor(deps, call, { series, from, patch, nowMs });
    if (!asked.ok) return asked;

    const parts = splits ? splitRecurrence(series, recurrenceId) : null;
    const target = parts === null ? {} : { ...parts.later, id: newId("series", nowMs), patternEventId: before.id };
    const next: Series = {
      ...series,
      ...target,
      template: { ...template.value, ...(touchesTimes(patch) ? { timezone, allDay } : {}) },
      ...(touchesTimes(patch) ? timingOf(planned.value, recurrenceId) : {}),
      change: series.change + 1,
    };
    const wanted: EventWithText = {
      ...planned.value,
      seriesId: next.id,
      overrides: overridesWithout(before.overrides, patch),
    };
    const confirmed = await confirmChanges(deps, call, { before, after: wanted, confirm });
    if (!confirmed.ok) return confirmed;
    const { after, notices } = confirmed.value;
    const change = {
      series: next,
      note: noteOf(call, splits ? "update_following" : "update_all", nowMs),
      patch: followable(patch),
      event: after,
      news: [
        ...wrapNews([...newsOfChange(before, after), ...notices], call, nowMs),
        ...(splits ? [{ message: wakeFor(series, call, nowMs) }] : []),
      ],
      dates: [deps.series.statements.follow(next, after.id)],
      wake: wakeFor(next, call, nowMs),
    };
    const stored =
      parts === null
        ? await deps.series.save(change)
        : await deps.series.split({ ...series, ...parts.earlier, change: next.change }, recurrenceId, change);
    if (stored === "overtaken") return "overtaken";
    deps.pages.forget(after);
    return ok(after);
  });
}

/**
 * Whether a change of time or place needs to be confirmed, because tickets of a date that it reaches are out: asked once, before anything is
 * written. Of many public dates not every box office is asked; then it needs to be in any case.
 */
async function confirmationFor(
  deps: Deps,
  call: CallContext,
  change: { readonly series: Series; readonly from: string; readonly patch: UpdateEvent; readonly nowMs: number },
): Promise<Result<null>> {
  const { series, from, patch, nowMs } = change;
  if (!touchesTimes(patch) && patch.location === undefined) return ok(null);
  const upsetting = touchesTimes(patch) ? patch : { location: patch.location };
  const announced = (await deps.series.announced(series.id, nowMs)).filter(
    ({ recurrenceId, overrides }) => recurrenceId >= from && followed([upsetting], overrides) !== null,
  );
  const needed = (occurrences: readonly { eventId: string; recurrenceId: string }[], count: number) =>
    fail("events.confirmation_required", "Ticket holders would be told of this; confirm it.", {
      extra: { count, occurrences: occurrences.slice(0, limits.seriesProblemsShownMax).map((date) => ({ ...date })) },
    });
  const named = announced.map(({ eventId, recurrenceId }) => ({ eventId, recurrenceId }));
  if (named.length > limits.seriesTalliesAskedMax) return needed(named, named.length);
  const sold: typeof named = [];
  let refusal: Result<null> = ok(null);
  await inLanes(named, limits.occurrencesAtOnceMax, async (date) => {
    const tally = await deps.bookings.getSaleTally(asSystem(call), { eventId: date.eventId });
    if (!tally.ok) refusal = tally;
    else if (tally.value.validTickets + tally.value.openOrders + tally.value.activeReservations > 0) sold.push(date);
  });
  return sold.length > 0 ? needed(sold, sold.length) : refusal;
}
