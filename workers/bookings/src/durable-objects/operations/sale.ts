import type { SaleTally } from "@foyer/contracts/bookings/sale-figures";
import type { EventFacts } from "@foyer/contracts/events/rpc";
import type { EventId, OrganizationId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import { admits } from "../../domain/access.ts";
import { availabilityOf, type TypeAvailability } from "../../domain/availability.ts";
import { isWindowRelative } from "../../domain/sales-window.ts";
import { isAdmitting } from "../../domain/states.ts";
import type { Office } from "../office.ts";

/** Makes the event known, or takes newer facts of it. Older facts change nothing. */
export function prepareSale(office: Office, input: { readonly event: EventFacts }): Result<null> {
  const sale = office.preparedSale;
  if (sale !== null && input.event.version <= sale.facts.version) return ok(null);
  office.putSale({ facts: input.event, status: sale?.status ?? "draft" });
  // Windows that move with the event may be elsewhere now.
  if (sale !== null && [...office.catalog.types.values()].some(isWindowRelative)) office.catalog.changed();
  return ok(null);
}

/** Starts the sale. Facts that are older than what is known change nothing: a close that was newer stays. */
export function openSale(office: Office, input: { readonly event: EventFacts }): Result<null> {
  const sale = office.preparedSale;
  if (sale !== null && input.event.version < sale.facts.version) return ok(null);
  office.putSale({ facts: input.event, status: "open" });
  office.catalog.changed();
  return ok(null);
}

/**
 * Stops new reservations. Of an event that was never prepared there is nothing to stop. The version is kept even where the
 * sale is closed already: an older opening that comes late must not sell. `cancelled`, where the event will not take place:
 * nothing is to be paid for it any more, see {@link isCancelled}.
 */
export function closeSale(
  office: Office,
  input: { readonly version: number; readonly cancelled?: boolean },
): Result<null> {
  const sale = office.preparedSale;
  if (sale === null || input.version < sale.facts.version) return ok(null);
  const status = sale.status === "open" ? "closed" : sale.status;
  const eventStatus = input.cancelled === true ? "cancelled" : sale.facts.status;
  const isKnown = input.version === sale.facts.version && status === sale.status && eventStatus === sale.facts.status;
  if (!isKnown) office.putSale({ facts: { ...sale.facts, version: input.version, status: eventStatus }, status });
  return ok(null);
}

/** Whether the event will not take place. There is no way back from that. */
export function isCancelled(office: Office): boolean {
  return office.sale.facts.status === "cancelled";
}

/** Codes of what keeps the event from being sold. */
export function getSaleReadiness(office: Office): Result<{ readonly missing: readonly string[] }> {
  const sellable =
    office.preparedSale !== null &&
    [...office.catalog.types.values()].some((type) =>
      type.poolIds.every((id) => (office.stock.pools.get(id)?.capacity ?? 0) > 0),
    );
  return ok({ missing: sellable ? [] : ["bookings.no_ticket_types"] });
}

/** What the event has sold and holds; nothing where it was never prepared. */
export function getSaleTally(office: Office): Result<SaleTally> {
  if (office.preparedSale === null) {
    return ok({ confirmedOrders: 0, openOrders: 0, activeReservations: 0, validTickets: 0 });
  }
  return ok({
    confirmedOrders: office.orders.countStanding(),
    openOrders: office.orders.countOpen(office.nowMs),
    activeReservations: office.reservations.countActive(office.nowMs),
    validTickets: office.tickets
      .tallies()
      .reduce((sum, { status, count }) => sum + (isAdmitting(status) ? count : 0), 0),
  });
}

/** Whose event this is; null for an event that was never prepared. */
export function getSale(
  office: Office,
): Result<{ readonly eventId: EventId; readonly organizationId: OrganizationId; readonly status: string } | null> {
  const sale = office.preparedSale;
  return ok(sale === null ? null : { ...office.scope, status: sale.status });
}

/**
 * The crowd's view: public ticket types only. Null for an event that was never prepared or is a draft, and for a gated one without a grant that
 * holds.
 */
export function getAvailability(
  office: Office,
  input: { readonly accessVersion?: number },
): Result<{ readonly ticketTypes: readonly TypeAvailability[]; readonly version: number } | null> {
  const sale = office.preparedSale;
  if (sale === null || sale.status === "draft" || !admits(sale, input.accessVersion)) return ok(null);
  const ticketTypes = [...office.catalog.types.values()]
    .filter((type) => type.visibility === "public")
    .map((type) => availabilityOf(sale, type, office.stock.pools, office.nowMs));
  return ok({ ticketTypes, version: office.revision });
}
