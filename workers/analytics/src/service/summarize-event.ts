import type { EventSummary } from "@foyer/contracts/analytics/api";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import { summarize } from "../domain/summary.ts";
import { authorizeEventReading } from "./authorize-reading.ts";
import type { Figures, Peers } from "./ports.ts";

/** Figures of one event, for those who may read them. `analytics.event_not_found`, `auth.forbidden`. */
export async function summarizeEvent(
  deps: { readonly peers: Peers; readonly figures: Figures },
  call: CallContext,
  input: { readonly eventId: EventId },
): Promise<Result<EventSummary>> {
  const allowed = await authorizeEventReading(deps, call, input.eventId);
  if (!allowed.ok) return allowed;
  return ok({ eventId: input.eventId, ...summarize(await deps.figures.ofEvent(input.eventId)) });
}
