import type { Handlers } from "@foyer/messaging/consumer";
import { orderCancelledMail, orderConfirmedMail, orderRefundDueMail, orderRefundedMail } from "../domain/templates.ts";
import type { MailDeps } from "../service/ports.ts";
import { sendLetter } from "../service/send-letter.ts";
import { sendOrderMail } from "../service/send-order-mail.ts";

/** Orders whose tickets are no longer to be sent. */
const overtaken: ReadonlySet<string> = new Set(["cancelled", "refunded", "refund_due"]);

/** Which mail each message makes. */
export function mailHandlers(deps: MailDeps): Handlers {
  const { publicUrl } = deps;
  return {
    "user.letter_due": (message) => sendLetter(deps, message),
    "order.confirmed": (message) =>
      sendOrderMail(deps, message, "order_confirmed", (order) =>
        overtaken.has(order.status) ? null : orderConfirmedMail(order, publicUrl),
      ),
    "order.cancelled": (message) =>
      sendOrderMail(deps, message, "order_cancelled", (order) => orderCancelledMail(order, publicUrl)),
    "order.refunded": (message) =>
      sendOrderMail(deps, message, "order_refunded", (order) =>
        orderRefundedMail(order, message.payload.refunded ?? null, publicUrl),
      ),
    "order.refund_due": (message) =>
      sendOrderMail(deps, message, "order_refund_due", (order) =>
        orderRefundDueMail(order, message.payload.amount, publicUrl),
      ),
  };
}
