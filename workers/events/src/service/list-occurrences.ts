import type { CallContext } from "@foyer/contracts/shared/actor";
import { decodeCursor, toPage } from "@foyer/http/cursor";
import type { EventId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import * as z from "zod";
import type { Deps } from "../deps.ts";
import type { Event } from "../domain/event.ts";
import { getEvent } from "./get-event.ts";
import { type SeriesState, stateOf } from "./series-progress.ts";

const cursorSchema = z.tuple([z.int(), z.string().max(64)]);

/** One page of a series' dates, and whether it was made for a member of its organization. */
export interface OccurrenceList {
  readonly state: SeriesState;
  readonly data: readonly Event[];
  readonly nextCursor: string | null;
  readonly member: boolean;
}

/**
 * Lists the dates of the series that an event belongs to, by their start: for members all that have been made, whatever their status, for the
 * public those that lists may show. Fails with `events.not_found`, `events.not_in_series`, or `request.invalid` for a foreign cursor.
 */
export async function listOccurrences(
  deps: Deps,
  call: CallContext,
  input: {
    readonly eventId: EventId;
    readonly limit: number;
    readonly cursor: string | undefined;
    readonly grant: string | undefined;
  },
): Promise<Result<OccurrenceList>> {
  const read = await getEvent(deps, call, { idOrSlug: input.eventId, grant: input.grant });
  if (!read.ok) return read;
  const { event, member } = read.value;
  const series = event.seriesId === null ? null : await deps.series.find(event.seriesId);
  if (series === null) return fail("events.not_in_series", "This event is no part of a series.");
  const cursor = input.cursor === undefined ? ok(null) : decodeCursor(input.cursor, cursorSchema);
  if (!cursor.ok) return cursor;
  const [rows, state] = await Promise.all([
    deps.series.listEvents(series.id, { member, limit: input.limit + 1, after: cursor.value }),
    stateOf(deps, series),
  ]);
  return ok({ ...toPage(rows, input.limit, (row) => [row.startsAtMs ?? 0, row.id]), state, member });
}
