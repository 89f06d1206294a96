import type { Clock } from "@foyer/kernel/clock";
import type { EventId } from "@foyer/kernel/ids";
import type { Result } from "@foyer/kernel/result";
import type { OperationValue } from "../durable-objects/operations.ts";
import type { BoxOffices } from "./box-offices.ts";

export type Availability = OperationValue<"getAvailability">;

/** What the crowd asks of all events, at most half a second old: the gateway keeps the answer for as long again. */
export interface AvailabilityCache {
  get(eventId: EventId, requestId: string): Promise<Result<Availability>>;
}

interface Entry {
  readonly value: Availability;
  readonly readAtMs: number;
  refreshing: boolean;
}

const ageMaxMs = 500;
/** From this age on one request reads anew while the others are still served: the crowd does not meet at an empty cache. */
const refreshAfterMs = 250;
const rememberedMax = 5_000;

/**
 * Keeps availability in the isolate. One request may not wait for another's call (the platform forbids it), so single flight
 * is had by refreshing early: who finds an entry a quarter of a second old reads it again, and only that one.
 */
export function createAvailabilityCache(offices: BoxOffices, clock: Clock): AvailabilityCache {
  const entries = new Map<EventId, Entry>();
  return {
    async get(eventId, requestId) {
      const nowMs = clock.nowMs();
      const entry = entries.get(eventId);
      if (entry !== undefined) {
        const ageMs = nowMs - entry.readAtMs;
        const fresh = ageMs < refreshAfterMs || (entry.refreshing && ageMs < ageMaxMs);
        if (fresh) return { ok: true, value: entry.value };
        entry.refreshing = true;
      }
      const { result } = await offices.run(eventId, "getAvailability", {}, { requestId });
      if (!result.ok) {
        if (entry !== undefined) entry.refreshing = false;
        return result;
      }
      if (entries.size >= rememberedMax) entries.clear();
      entries.set(eventId, { value: result.value, readAtMs: nowMs, refreshing: false });
      return result;
    },
  };
}
