import type { OrderId } from "@foyer/kernel/ids";
import { type Failure, fail, ok, type Result } from "@foyer/kernel/result";
import type { Order } from "../../domain/model.ts";
import { canMove, move, orderMoves } from "../../domain/states.ts";
import type { Office } from "../office.ts";
import { changeOrder, tellRefundDue } from "../order-changes.ts";
import { voidTickets } from "../ticket-changes.ts";
import { currentOrder, findOrder, type OrderInput } from "./orders.ts";

/**
 * The buyer gives an order up: an unpaid one, or one that cost nothing and was not used. What was paid is refunded by the
 * organizer. Cancelling what is cancelled changes nothing.
 */
export function cancelMyOrder(office: Office, input: OrderInput): Result<Order> {
  const found = findOrder(office, input);
  if (!found.ok) return found;
  const order = found.value;
  if (order.status === "confirmed") {
    const used = office.tickets.ofOrder(order.id).some((ticket) => ticket.checkedInAtMs !== null);
    if (order.totalMinor > 0 || used) {
      return fail("bookings.order_not_cancellable", "A paid or used order is cancelled by the organizer.");
    }
  }
  return cancel(office, order);
}

/**
 * The organizer cancels an order. Tickets are void at once; money that was paid is told to payments as due back, which not
 * everyone who may cancel may do: `refundRefusal` says why this caller may not, or is null.
 */
export function cancelAnyOrder(
  office: Office,
  input: { readonly orderId: OrderId; readonly refundRefusal: Failure | null },
): Result<Order> {
  const found = currentOrder(office, input.orderId);
  if (!found.ok) return found;
  const order = found.value;
  if (order.status === "confirmed" && order.paymentId !== null && input.refundRefusal !== null) {
    return { ok: false, error: input.refundRefusal };
  }
  return cancel(office, order);
}

function cancel(office: Office, order: Order): Result<Order> {
  if (order.status === "cancelled") return ok(order);
  // What is left of a refunded order is refunded, too, rather than cancelled; but for the event's own end, see withdrawOrder().
  if (order.status === "partially_refunded" || !canMove(orderMoves, order.status, "cancelled")) {
    return fail("bookings.order_not_cancellable", "The order is past cancelling.", { extra: { status: order.status } });
  }
  if (order.status === "pending_payment") office.stock.move("release", order.lines, order.id, office.nowMs);
  else voidTickets(office, order, office.tickets.ofOrder(order.id));
  if (order.paymentId !== null) {
    const owed = { amount: order.totalMinor - order.refundedMinor, currency: order.currency };
    tellRefundDue(office, order, order.paymentId, owed, "order_cancelled");
  }
  return ok(changeOrder(office, { ...order, status: move(orderMoves, order.status, "cancelled") }, "order.cancelled"));
}
