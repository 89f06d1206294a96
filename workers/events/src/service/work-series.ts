import type { CallContext } from "@foyer/contracts/shared/actor";
import { secondMs } from "@foyer/kernel/clock";
import type { Id } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { Result } from "@foyer/kernel/result";
import { backoffSeconds } from "@foyer/messaging/queues";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import type { SeriesDate } from "../domain/series.ts";
import { inLanes } from "./lanes.ts";
import { followSeries } from "./occurrences/follow-series.ts";
import { leaveSeries } from "./occurrences/leave-series.ts";
import { makeOccurrence } from "./occurrences/make-occurrence.ts";
import { publishOccurrence } from "./occurrences/publish-occurrence.ts";
import type { Round } from "./occurrences/round.ts";
import { wakeFor } from "./series-progress.ts";

/**
 * Works on the next dates of a series: makes, publishes, changes or takes away their events, each in a batch of its own, so that whoever does it
 * again, or at the same time, finds it done. Dates that fail for want of somebody else are tried again with growing delay; what a date refuses
 * for good is noted with it. True where there is more to do at once.
 */
export async function workSeries(deps: Deps, call: CallContext, seriesId: Id<"series">): Promise<boolean> {
  const nowMs = deps.clock.nowMs();
  const claimed = await deps.seriesWork.claim(seriesId, nowMs, nowMs + limits.seriesLeaseSeconds * secondMs);
  if (claimed === null) return false;
  const { attempts, ...series } = claimed;
  const dates = await deps.seriesWork.unfinished(seriesId, limits.occurrencesPerRoundMax);
  const oldest = Math.min(series.change, ...dates.map(({ change }) => change + 1));
  const [changes, sourceId] = await Promise.all([
    deps.seriesWork.changesAfter(seriesId, oldest - 1),
    deps.seriesWork.source(series),
  ]);
  const source = sourceId === null ? null : await deps.events.find(sourceId);
  const { categoryId } = series.template;
  const category = categoryId === null ? null : await deps.categories.find(categoryId);
  const round: Round = {
    call,
    series,
    changes,
    actor: changes.at(-1)?.actor ?? "events",
    source,
    category: category === null ? null : { id: category.id, name: category.name },
  };

  let failed = 0;
  await inLanes(dates, limits.occurrencesAtOnceMax, async (date) => {
    const refused = await tryDate(deps, round, date);
    if (refused === null) return;
    if (refused === "platform.unavailable") failed += 1;
    else await deps.seriesWork.markProblem(date.eventId, refused);
  });
  const backOffMs = failed === 0 ? 0 : backoffSeconds(attempts + 1, limits.retryDelaySecondsMax) * secondMs;
  if (failed > 0) deps.log.warn("series held up", { seriesId, failed, attempts: attempts + 1 });
  return deps.seriesWork.settle(seriesId, deps.clock.nowMs(), backOffMs);
}

/** Works on every series that is due and whose message got lost, or that had to wait. Run by the cron. */
export async function workDueSeries(deps: Deps, call: CallContext): Promise<number> {
  const nowMs = deps.clock.nowMs();
  const due = await deps.seriesWork.due(nowMs, limits.seriesPerSweepMax);
  for (const id of due) {
    try {
      if (await workSeries(deps, call, id)) await deps.seriesWork.wake(wakeFor({ id }, call, nowMs), nowMs);
    } catch (thrown) {
      // Its lease ends and it comes again; the others do not wait for it.
      deps.log.error("series not worked on", { seriesId: id, requestId: call.requestId, ...describeError(thrown) });
    }
  }
  return due.length;
}

/** Does what a date is waiting for; null where it is done, or was overtaken and comes again, else the code of what keeps it. */
async function tryDate(deps: Deps, round: Round, date: SeriesDate): Promise<string | null> {
  try {
    const result = await workDate(deps, round, date);
    return result.ok ? null : result.error.code;
  } catch (thrown) {
    // One date must not keep the others from being worked on.
    deps.log.error("date of a series failed", { eventId: date.eventId, ...describeError(thrown) });
    return "platform.unavailable";
  }
}

function workDate(deps: Deps, round: Round, date: SeriesDate): Promise<Result<null>> {
  if (date.state === "leaving" || date.state === "ending") return leaveSeries(deps, round, date);
  if (date.state === "pending") return makeOccurrence(deps, round, date);
  if (date.change < round.series.change) return followSeries(deps, round, date);
  return publishOccurrence(deps, round, date);
}
