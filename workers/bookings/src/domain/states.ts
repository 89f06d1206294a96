import { assert } from "@foyer/kernel/assert";

/**
 * The life of a reservation, an order and a ticket, as tables of allowed moves. Every change of status goes through
 * {@link move}; there is no other way in.
 */
export const reservationMoves = {
  active: ["converted", "released", "expired"],
  converted: [],
  released: [],
  expired: [],
} as const satisfies Moves;

export const orderMoves = {
  pending_payment: ["confirmed", "expired", "cancelled"],
  confirmed: ["cancelled", "partially_refunded", "refunded"],
  // Paid too late: stock is taken again, or the money is due back.
  expired: ["confirmed", "refund_due"],
  // Cancelled only together with its event.
  partially_refunded: ["cancelled", "partially_refunded", "refunded"],
  refund_due: ["refunded"],
  cancelled: [],
  refunded: [],
} as const satisfies Moves;

export const ticketMoves = {
  valid: ["checked_in", "transferred", "void"],
  checked_in: ["checked_out", "void"],
  checked_out: ["checked_in", "void"],
  transferred: [],
  void: [],
} as const satisfies Moves;

type Moves = Readonly<Record<string, readonly string[]>>;

export type ReservationStatus = keyof typeof reservationMoves;
export type OrderStatus = keyof typeof orderMoves;
export type TicketStatus = keyof typeof ticketMoves;

/** States of tickets that admit somebody, or have. */
export const admittingStatuses = ["valid", "checked_in", "checked_out"] as const satisfies readonly TicketStatus[];

export function isAdmitting(status: TicketStatus): boolean {
  return admittingStatuses.some((admitting) => admitting === status);
}

/** Whether a table allows this step. */
export function canMove<M extends Moves>(moves: M, from: keyof M & string, to: keyof M & string): boolean {
  return moves[from]?.includes(to) ?? false;
}

/** The new status, after asserting that the table allows the step. Callers ask {@link canMove} of what people may ask. */
export function move<M extends Moves, T extends keyof M & string>(moves: M, from: keyof M & string, to: T): T {
  assert(canMove(moves, from, to), `the step ${from} -> ${to} is not allowed`);
  return to;
}
