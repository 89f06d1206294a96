import type { SalesSummary } from "@foyer/contracts/bookings/sale-figures";
import type { EventId, OrganizationId } from "@foyer/kernel/ids";
import type { Deps } from "../deps.ts";
import { figuresOf } from "../domain/sales-summary.ts";

/** What an organization has sold, and of these events what each has; another organization's event has sold nothing. One round trip. */
export async function getSalesSummary(
  deps: Pick<Deps, "orders">,
  input: { readonly organizationId: OrganizationId; readonly eventIds: readonly EventId[] },
): Promise<SalesSummary> {
  const { ofOrganization, ofEvents } = await deps.orders.sumUp(input.organizationId, input.eventIds);
  const byEvent = Map.groupBy(ofEvents, ({ eventId }) => eventId);
  return {
    events: input.eventIds.map((eventId) => ({ eventId, ...figuresOf(byEvent.get(eventId) ?? []) })),
    totals: figuresOf(ofOrganization),
  };
}
