import type { CallContext } from "@foyer/contracts/shared/actor";
import type { Permission } from "@foyer/contracts/shared/permissions";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { EventWithText } from "../domain/event.ts";
import type { Series } from "../domain/series.ts";
import { openEvent } from "./access.ts";

/** A date of a series, and the series. */
export interface OpenSeries {
  readonly event: EventWithText;
  readonly recurrenceId: string;
  readonly series: Series;
}

/** The series of an event that the caller may do this with: `events.not_found`, or `events.not_in_series` where it has none. */
export async function openSeries(
  deps: Pick<Deps, "users" | "events" | "series">,
  call: CallContext,
  idOrSlug: string,
  permission: Permission,
): Promise<Result<OpenSeries>> {
  const opened = await openEvent(deps, call, idOrSlug, permission);
  return opened.ok ? seriesOf(deps, opened.value) : opened;
}

/** The series that an event is a date of, or `events.not_in_series`. */
export async function seriesOf(deps: Pick<Deps, "series">, event: EventWithText): Promise<Result<OpenSeries>> {
  const { seriesId, recurrenceId } = event;
  const series = seriesId === null ? null : await deps.series.find(seriesId);
  if (series === null || recurrenceId === null)
    return fail("events.not_in_series", "This event is no part of a series.");
  return ok({ event, recurrenceId, series });
}
