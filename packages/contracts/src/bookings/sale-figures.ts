import type { EventId } from "@foyer/kernel/ids";
import type { Money } from "@foyer/kernel/money";

/** What an event has sold and holds at this moment; all zero for an event that was never prepared. */
export interface SaleTally {
  /** Orders whose tickets stand, all or some of them. */
  readonly confirmedOrders: number;
  /** Orders that wait for their payment. */
  readonly openOrders: number;
  readonly activeReservations: number;
  /** Tickets that admit somebody, or have. */
  readonly validTickets: number;
}

/** What was sold and not taken back. */
export interface SalesFigures {
  /** Orders whose tickets stand, all or some of them. */
  readonly ordersConfirmed: number;
  readonly ticketsSold: number;
  /** What these orders came to less what was refunded of them, by currency in its order; a currency with nothing in it is left out. */
  readonly revenue: readonly Money[];
}

export interface SalesSummary {
  /** One for each event that was asked for, in that order. */
  readonly events: readonly (SalesFigures & { readonly eventId: EventId })[];
  /** Of the whole organization. */
  readonly totals: SalesFigures;
}
