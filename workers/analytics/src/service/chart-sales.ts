import type { SalesQuery, SalesSeries, SeriesInterval } from "@foyer/contracts/analytics/api";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { type Clock, dayMs } from "@foyer/kernel/clock";
import type { EventId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { stepsOf, toSeries } from "../domain/summary.ts";
import { authorizeEventReading } from "./authorize-reading.ts";
import type { Figures, Peers } from "./ports.ts";

const spanDefaultMs: Readonly<Record<SeriesInterval, number>> = { hour: 7 * dayMs, day: 30 * dayMs };

/** Sales of an event over time. `request.invalid` for a span that is empty or has more than `seriesBucketsMax` steps. */
export async function chartSales(
  deps: { readonly peers: Peers; readonly figures: Figures; readonly clock: Clock },
  call: CallContext,
  input: { readonly eventId: EventId; readonly query: SalesQuery },
): Promise<Result<SalesSeries>> {
  const allowed = await authorizeEventReading(deps, call, input.eventId);
  if (!allowed.ok) return allowed;
  const { interval } = input.query;
  const toMs = input.query.to ?? deps.clock.nowMs();
  const fromMs = input.query.from ?? toMs - spanDefaultMs[interval];
  const steps = stepsOf(interval, fromMs, toMs);
  if (fromMs >= toMs || steps.count > limits.seriesBucketsMax) {
    const message = fromMs >= toMs ? "Must be before `to`" : `At most ${limits.seriesBucketsMax} steps at once`;
    return fail("request.invalid", "The span of time is not valid; see errors.", {
      errors: [{ path: "query.from", code: "invalid_span", message }],
    });
  }
  const sums = await deps.figures.salesBySteps(input.eventId, steps);
  return ok({ eventId: input.eventId, interval, data: toSeries(sums, steps) });
}
