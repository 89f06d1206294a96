import type { SeriesView } from "@foyer/contracts/events/series";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { newMessage } from "@foyer/messaging/message";
import type { Deps } from "../deps.ts";
import type { Series } from "../domain/series.ts";

/** A series as members see it: its rule with all exceptions, and how far the work on its dates has come. */
export interface SeriesState {
  readonly series: Series;
  /** Recurrence ids that were called off or deleted one by one. */
  readonly excepted: readonly string[];
  readonly progress: NonNullable<SeriesView["progress"]>;
}

/** Reads how a series stands. */
export async function stateOf(deps: Pick<Deps, "series">, series: Series): Promise<SeriesState> {
  const [excepted, progress] = await Promise.all([deps.series.excepted(series.id), deps.series.progress(series.id)]);
  return { series, excepted, progress };
}

/** Says that dates of a series are to be worked on. */
export function wakeFor(series: Pick<Series, "id">, call: Pick<CallContext, "requestId">, nowMs: number) {
  const from = { source: "events", requestId: call.requestId, nowMs };
  return newMessage("event.series_due", { seriesId: series.id }, from);
}
