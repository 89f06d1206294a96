import type { PaymentId } from "@foyer/kernel/ids";
import type { Money } from "@foyer/kernel/money";
import type { RefundReason } from "../domain/confirmation.ts";
import type { Order } from "../domain/model.ts";
import { itemsOf } from "./messages.ts";
import type { Office } from "./office.ts";

/** Messages that tell of an order as a whole. */
export type OrderMessage = "order.created" | "order.confirmed" | "order.expired" | "order.cancelled" | "order.refunded";

/** Writes an order's next state with the next sequence, and tells of it; `refunded` is what went back this time. */
export function changeOrder(office: Office, order: Order, message: OrderMessage | null, refunded?: Money): Order {
  const changed: Order = { ...order, sequence: order.sequence + 1, updatedAtMs: office.nowMs };
  office.orders.update(changed);
  tellOfOrder(office, changed, message, refunded);
  return changed;
}

/** Tells whoever listens of an order, and the query model that it is to be read again. */
export function tellOfOrder(office: Office, order: Order, message: OrderMessage | null, refunded?: Money): void {
  const facts = { ...office.scope, orderId: order.id, sequence: order.sequence };
  if (message !== null) {
    office.tell(message, {
      ...facts,
      total: { amount: order.totalMinor, currency: order.currency },
      items: itemsOf(order.lines),
      ...(refunded === undefined ? {} : { refunded }),
    });
  }
  office.tell("order.changed", facts);
}

/** Tells payments to send money back. */
export function tellRefundDue(
  office: Office,
  order: Order,
  paymentId: PaymentId,
  amount: Money,
  reason: RefundReason,
): void {
  office.tell("order.refund_due", { ...office.scope, orderId: order.id, paymentId, amount, reason });
}
