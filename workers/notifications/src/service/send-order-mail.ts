import type { OrderDocument } from "@foyer/contracts/bookings/rpc";
import type { MailKind } from "@foyer/contracts/notifications/api";
import type { MessageId, OrderId } from "@foyer/kernel/ids";
import { PermanentFailure } from "@foyer/messaging/consumer";
import type { MailContent } from "../domain/mail.ts";
import { deliverMail } from "./deliver-mail.ts";
import type { MailDeps } from "./ports.ts";
import { systemCall } from "./system-call.ts";

/**
 * Mails the buyer of an order. The order is asked of bookings only now, so the mail says what is true when it is written;
 * `write` returns null where there is nothing left to say; a buyer who is forgotten gets no mail.
 */
export async function sendOrderMail(
  deps: MailDeps,
  message: { readonly id: MessageId; readonly requestId: string; readonly payload: { readonly orderId: OrderId } },
  kind: MailKind,
  write: (order: OrderDocument) => MailContent | null,
): Promise<readonly D1PreparedStatement[]> {
  const { orderId } = message.payload;
  const order = await deps.bookings.getOrderDocument(systemCall(message.requestId), { orderId });
  if (!order.ok) {
    if (order.error.code === "bookings.order_not_found") throw new PermanentFailure("no such order");
    throw new Error(`bookings: ${order.error.code}`);
  }
  const to = order.value.buyer.email;
  if (to === "") {
    deps.log.info("buyer forgotten", { messageId: message.id, kind, orderId });
    return [];
  }
  const content = write(order.value);
  if (content === null) {
    deps.log.info("mail overtaken", { messageId: message.id, kind, orderId, status: order.value.status });
    return [];
  }
  return deliverMail(deps, { messageId: message.id, kind, to, content });
}
