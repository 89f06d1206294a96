import type { HolderNotice } from "@foyer/contracts/messages/catalog";
import type { MailKind } from "@foyer/contracts/notifications/api";
import type { Handlers } from "@foyer/messaging/consumer";
import { newMessage } from "@foyer/messaging/message";
import { outboxStatements } from "@foyer/messaging/outbox-d1";
import {
  areTicketsOvertaken,
  isNoticeOvertaken,
  isRefundDueOvertaken,
  isRefundOvertaken,
} from "../domain/overtaken.ts";
import {
  eventChangedMail,
  orderCancelledMail,
  orderConfirmedMail,
  orderRefundDueMail,
  orderRefundedMail,
} from "../domain/templates.ts";
import { forgetRecipient } from "../service/forget-recipient.ts";
import type { MailDeps } from "../service/ports.ts";
import { sendInvitation } from "../service/send-invitation.ts";
import { sendLetter } from "../service/send-letter.ts";
import { sendOrderMail } from "../service/send-order-mail.ts";

const noticeKinds = {
  postponed: "event_postponed",
  rescheduled: "event_rescheduled",
  relocated: "event_relocated",
} as const satisfies Readonly<Record<HolderNotice, MailKind>>;

/** What notifications does with messages: a mail for each, but for those that tell it to forget. */
export function notificationsHandlers(deps: MailDeps & { readonly db: D1Database }): Handlers {
  const { publicUrl, db, clock } = deps;
  return {
    "user.letter_due": (message) => sendLetter(deps, message),
    "order.confirmed": (message) =>
      sendOrderMail(deps, message, "order_confirmed", (order) =>
        areTicketsOvertaken(order) ? null : orderConfirmedMail(order, publicUrl),
      ),
    "order.cancelled": (message) =>
      sendOrderMail(deps, message, "order_cancelled", (order) => orderCancelledMail(order, publicUrl)),
    "order.refunded": (message) =>
      sendOrderMail(deps, message, "order_refunded", (order) =>
        isRefundOvertaken(order) ? null : orderRefundedMail(order, message.payload.refunded ?? null, publicUrl),
      ),
    "order.refund_due": (message) =>
      sendOrderMail(deps, message, "order_refund_due", (order) =>
        isRefundDueOvertaken(order, message.payload.reason)
          ? null
          : orderRefundDueMail(order, message.payload.amount, publicUrl),
      ),
    "order.notice_due": (message) =>
      sendOrderMail(deps, message, noticeKinds[message.payload.notice], (order) =>
        isNoticeOvertaken(order, message.payload) ? null : eventChangedMail(order, message.payload.notice, publicUrl),
      ),
    "event.invitation_due": (message) => sendInvitation(deps, message),
    "user.erasure_due": async ({ payload, requestId }) => {
      const { userId } = payload;
      await forgetRecipient(deps, { userId, requestId });
      const nowMs = clock.nowMs();
      const answer = newMessage(
        "user.erased",
        { userId, worker: "notifications" },
        { source: "notifications", requestId, nowMs },
      );
      return outboxStatements(db, [answer], nowMs);
    },
  };
}
