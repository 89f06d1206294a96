import type { EventFacts } from "@foyer/contracts/events/rpc";
import type { OrderId, PaymentId, PoolId, ReservationId, TicketId, TicketTypeId, UserId } from "@foyer/kernel/ids";
import type { SalesMoment } from "./sales-window.ts";
import type { OrderStatus, ReservationStatus, TicketStatus } from "./states.ts";

/** The event's sale as a whole. */
export interface Sale {
  readonly facts: EventFacts;
  readonly status: "draft" | "open" | "closed";
}

/** Facts as putSale() wrote them; what was stored before a field was known lacks it. */
export function factsFrom(stored: string): EventFacts {
  return { accessVersion: null, note: null, ...(JSON.parse(stored) as Omit<EventFacts, "accessVersion" | "note">) };
}

/** A stock of places. `free = capacity - held - sold`, and none of the four is ever below zero. */
export interface Pool {
  readonly id: PoolId;
  readonly name: string;
  readonly capacity: number;
  readonly held: number;
  readonly sold: number;
  readonly version: number;
}

export interface TicketType {
  readonly id: TicketTypeId;
  readonly name: string;
  readonly description: string;
  readonly kind: "paid" | "free";
  readonly priceMinor: number;
  /** Null for a free type that names none: it goes with whatever the event sells in. */
  readonly currency: string | null;
  readonly poolIds: readonly PoolId[];
  readonly minPerOrder: number;
  readonly maxPerOrder: number;
  readonly salesStart: SalesMoment | null;
  readonly salesEnd: SalesMoment | null;
  readonly visibility: "public" | "hidden";
  readonly accessCode: string | null;
  readonly version: number;
}

/** One position of a reservation or order, with the price of its moment and the pools that it took from. */
export interface Line {
  readonly ticketTypeId: TicketTypeId;
  readonly name: string;
  readonly quantity: number;
  readonly unitMinor: number;
  readonly poolIds: readonly PoolId[];
}

export interface Reservation {
  readonly id: ReservationId;
  readonly status: ReservationStatus;
  readonly lines: readonly Line[];
  readonly currency: string;
  readonly userId: UserId | null;
  readonly expiresAtMs: number;
  readonly extended: boolean;
  readonly orderId: OrderId | null;
}

export interface Buyer {
  readonly name: string;
  readonly email: string;
}

export interface Attendee {
  readonly name: string;
  readonly email: string | null;
}

export interface Order {
  readonly id: OrderId;
  readonly reservationId: ReservationId;
  readonly status: OrderStatus;
  /** Grows with every change; tells old news from new. */
  readonly sequence: number;
  readonly lines: readonly Line[];
  readonly currency: string;
  readonly subtotalMinor: number;
  readonly discountMinor: number;
  readonly taxMinor: number;
  readonly feesMinor: number;
  readonly totalMinor: number;
  readonly refundedMinor: number;
  readonly buyer: Buyer;
  readonly userId: UserId | null;
  readonly attendees: readonly Attendee[] | null;
  readonly answers: Readonly<Record<string, string>>;
  /** The payment that the tickets were issued for. */
  readonly paymentId: PaymentId | null;
  readonly expiresAtMs: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly confirmedAtMs: number | null;
}

export interface Ticket {
  readonly id: TicketId;
  readonly orderId: OrderId;
  readonly ticketTypeId: TicketTypeId;
  readonly ticketTypeName: string;
  readonly status: TicketStatus;
  /** Part of the signed code: a code of an older version admits nobody. */
  readonly codeVersion: number;
  readonly version: number;
  readonly holder: Attendee;
  readonly checkedInAtMs: number | null;
}

/** Whether a ticket is still good for anything, inside or outside. */
export function isHeld(ticket: Pick<Ticket, "status">): boolean {
  return ticket.status !== "void" && ticket.status !== "transferred";
}

/** Who asks for a reservation, order or ticket, after the worker has checked their secret. */
export interface Holder {
  readonly userId: UserId | null;
  /** Whether the right secret was shown. */
  readonly proven: boolean;
}

/** Whether this is the holder: the account that made it, or whoever shows its secret. */
export function isHeldBy(owner: UserId | null, holder: Holder): boolean {
  return holder.proven || (owner !== null && owner === holder.userId);
}
