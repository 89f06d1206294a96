import type { SaleTally } from "@foyer/contracts/bookings/sale-figures";
import type { EventFacts } from "@foyer/contracts/events/rpc";
import type { EventId, OrganizationId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import { admits } from "../../domain/access.ts";
import { availabilityOf, type TypeAvailability } from "../../domain/availability.ts";
import { isWindowRelative } from "../../domain/sales-window.ts";
import { isAdmitting } from "../../domain/states.ts";
import type { Office } from "../office.ts";
import { beginCancellation } from "../order-rounds.ts";

/**
 * Makes the event known, or takes newer facts of it. Older facts change nothing. What becomes of a known event, and what its organizer says
 * of that, other news tell: {@link openSale}, {@link closeSale}.
 */
export function prepareSale(office: Office, input: { readonly event: EventFacts }): Result<null> {
  const sale = office.preparedSale;
  if (sale === null) office.putSale({ facts: input.event, status: "draft" }, input.event.version);
  else if (input.event.version > sale.facts.version) {
    const { status, note } = sale.facts;
    office.putSale({ facts: { ...input.event, status, note }, status: sale.status }, office.statusVersion);
    // Windows that move with the event may be elsewhere now.
    if ([...office.catalog.types.values()].some(isWindowRelative)) office.catalog.changed();
  }
  return ok(null);
}

/** Starts the sale, unless newer news closed it or the event is cancelled: then only what it says of the event may be taken. */
export function openSale(office: Office, input: { readonly event: EventFacts }): Result<null> {
  const sale = office.preparedSale;
  const { version, status, note } = input.event;
  if (sale !== null && (isCancelled(office) || version < office.statusVersion)) return prepareSale(office, input);
  const newest = sale !== null && sale.facts.version > version ? sale.facts : input.event;
  office.putSale({ facts: { ...newest, status, note }, status: "open" }, version);
  office.catalog.changed();
  return ok(null);
}

/** Why a sale is closed, as far as buyers are told; see {@link EventFacts}. */
export type ClosingStatus = Extract<EventFacts["status"], "postponed" | "cancelled" | "completed">;

/**
 * Stops new reservations. Of an event that was never prepared there is nothing to stop. The version is kept even where the
 * sale is closed already: an older opening that comes late must not sell. `status` and `note` say why, where that is known. A cancellation is
 * final, so it holds however late it comes, and begins the round that cancels every order.
 */
export function closeSale(
  office: Office,
  input: { readonly version: number; readonly status?: ClosingStatus | null; readonly note?: string | null },
): Result<null> {
  const sale = office.preparedSale;
  if (sale === null || isCancelled(office)) return ok(null);
  const cancels = input.status === "cancelled";
  if (input.version < office.statusVersion && !cancels) return ok(null);
  const { facts } = sale;
  const status = input.status ?? facts.status;
  const note = input.note ?? (status === facts.status ? facts.note : null);
  const statusVersion = Math.max(input.version, office.statusVersion);
  const after = {
    facts: { ...facts, status, note },
    status: sale.status === "open" ? ("closed" as const) : sale.status,
  };
  const isKnown =
    statusVersion === office.statusVersion &&
    after.status === sale.status &&
    status === facts.status &&
    note === facts.note;
  if (!isKnown) office.putSale(after, statusVersion);
  if (cancels) beginCancellation(office, input.version);
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
