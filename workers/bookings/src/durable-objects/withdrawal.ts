import type { Order } from "../domain/model.ts";
import { canMove, move, orderMoves } from "../domain/states.ts";
import type { Office } from "./office.ts";
import { changeOrder, tellRefundDue } from "./order-changes.ts";
import { voidTickets } from "./ticket-changes.ts";

/**
 * Cancels an order because its event will not take place: an unpaid one gives its places back, the tickets of a confirmed one are void,
 * also those that were used at the door, and what was paid and has not gone back is due back. An order that has ended already stays
 * as it is, so this can be repeated.
 */
export function withdrawOrder(office: Office, order: Order): Order {
  if (!canMove(orderMoves, order.status, "cancelled")) return order;
  if (order.status === "pending_payment") office.stock.move("release", order.lines, order.id, office.nowMs);
  else voidTickets(office, order, office.tickets.ofOrder(order.id));
  const owedMinor = order.totalMinor - order.refundedMinor;
  if (order.paymentId !== null && owedMinor > 0) {
    tellRefundDue(office, order, order.paymentId, { amount: owedMinor, currency: order.currency }, "event_cancelled");
  }
  return changeOrder(office, { ...order, status: move(orderMoves, order.status, "cancelled") }, "order.cancelled");
}
