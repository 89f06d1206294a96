import type { Order, Reservation } from "../domain/model.ts";
import { move, orderMoves, reservationMoves } from "../domain/states.ts";
import type { Office } from "./office.ts";
import { changeOrder } from "./order-changes.ts";

/** Ends a reservation whose time is over and returns its places. */
export function expireReservation(office: Office, reservation: Reservation): Reservation {
  const expired: Reservation = { ...reservation, status: move(reservationMoves, reservation.status, "expired") };
  office.reservations.update(expired);
  office.stock.move("expire", reservation.lines, reservation.id, office.nowMs);
  office.countReservation("expired");
  return expired;
}

/** Ends an unpaid order whose time is over and returns its places. */
export function expireOrder(office: Office, order: Order): Order {
  office.stock.move("expire", order.lines, order.id, office.nowMs);
  return changeOrder(office, { ...order, status: move(orderMoves, order.status, "expired") }, "order.expired");
}

/**
 * Applies what time has done, a bounded slice of it: at the start of each batch, so that a late alarm never keeps stock back, and
 * by the alarm, so that nobody has to call. Returns how much ended.
 */
export function sweep(office: Office): number {
  return sweepReservations(office) + sweepOrders(office);
}

/** Whether time has done anything that {@link sweep} would apply. */
export function isAnythingDue(office: Office): boolean {
  return isPast(office.reservations.nextExpiryMs, office.nowMs) || isPast(office.orders.nextExpiryMs, office.nowMs);
}

// The next moment is read again even where nothing was due: it is a lower bound, and what it stood for may have ended.
function sweepReservations(office: Office): number {
  if (!isPast(office.reservations.nextExpiryMs, office.nowMs)) return 0;
  const due = office.reservations.due(office.nowMs);
  for (const reservation of due) expireReservation(office, reservation);
  office.reservations.readNextExpiry();
  return due.length;
}

function sweepOrders(office: Office): number {
  if (!isPast(office.orders.nextExpiryMs, office.nowMs)) return 0;
  const due = office.orders.due(office.nowMs);
  for (const order of due) expireOrder(office, order);
  office.orders.readNextExpiry();
  return due.length;
}

function isPast(moment: number | null, nowMs: number): boolean {
  return moment !== null && moment <= nowMs;
}
