import type { OrderDocument } from "@foyer/contracts/bookings/rpc";
import type { Payload } from "@foyer/contracts/messages/catalog";

/** States of an order whose tickets admit nobody any more. */
const ended: ReadonlySet<OrderDocument["status"]> = new Set(["cancelled", "refunded", "refund_due"]);

/** Whether tickets are no longer to be sent. */
export function areTicketsOvertaken(order: OrderDocument): boolean {
  return ended.has(order.status);
}

/**
 * Whether a refund is no news: the mail about the cancelled event has said that the money goes back. Of an order that was cancelled by itself
 * the buyer is told when it does.
 */
export function isRefundOvertaken(order: OrderDocument): boolean {
  return order.status === "cancelled" && order.event.status === "cancelled";
}

/** Whether it is no news that a payment goes back: it had bought tickets, and their cancellation is what the buyer is told of. */
export function isRefundDueOvertaken(order: OrderDocument, reason: string): boolean {
  return reason === "order_cancelled" || isRefundOvertaken(order);
}

/**
 * Whether a notice of a change has nothing to say any more: the order or the event has ended, of which the buyer is told otherwise or not
 * at all; a postponed event has its new date, or a date was put off again, and a notice of that follows.
 */
export function isNoticeOvertaken(
  order: OrderDocument,
  { notice, version }: Pick<Payload<"order.notice_due">, "notice" | "version">,
): boolean {
  const { event, status, tickets } = order;
  if ((status !== "confirmed" && status !== "partially_refunded") || tickets.length === 0) return true;
  if (event.status === "cancelled" || event.status === "completed") return true;
  if (notice === "postponed") return event.status !== "postponed" && event.version > version;
  return notice === "rescheduled" && event.status === "postponed";
}
