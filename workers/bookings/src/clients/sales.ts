import type { EventId, OrganizationId } from "@foyer/kernel/ids";
import type { BoxOffices } from "./box-offices.ts";

/** Whose events are whose. */
export interface Sales {
  /** The organization of an event; null for an event that was never prepared. */
  organizationOf(eventId: EventId, requestId: string): Promise<OrganizationId | null>;
}

const rememberedMax = 10_000;

/** Asks the event's object once an isolate: an event never changes its organization. */
export function createSales(offices: BoxOffices): Sales {
  const known = new Map<EventId, OrganizationId>();
  return {
    async organizationOf(eventId, requestId) {
      const remembered = known.get(eventId);
      if (remembered !== undefined) return remembered;
      const { result } = await offices.run(eventId, "getSale", {}, { requestId });
      if (!result.ok || result.value === null) return null;
      if (known.size >= rememberedMax) known.clear();
      known.set(eventId, result.value.organizationId);
      return result.value.organizationId;
    },
  };
}
