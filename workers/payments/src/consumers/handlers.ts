import type { Handlers } from "@foyer/messaging/consumer";
import { PermanentFailure } from "@foyer/messaging/consumer";
import { newMessage } from "@foyer/messaging/message";
import { outboxStatements } from "@foyer/messaging/outbox-d1";
import type { Deps } from "../deps.ts";
import { closeOrderPayment } from "../service/close-order-payment.ts";
import { forgetBuyer } from "../service/forget-buyer.ts";
import { refundUnfulfilledPayment } from "../service/refund-unfulfilled-payment.ts";

/**
 * What payments does with messages. Effects are safe to repeat and are kept before the provider is asked, so a message is done as
 * soon as its wish is stored.
 */
export function paymentsHandlers(deps: Deps): Handlers {
  return {
    "order.refund_due": async ({ payload, requestId }) => {
      const refunded = await refundUnfulfilledPayment(deps, requestId, payload.paymentId, payload.reason);
      if (!refunded.ok) throw new PermanentFailure(refunded.error.code);
      return [];
    },
    "order.expired": async ({ payload, requestId }) => {
      await closeOrderPayment(deps, requestId, payload.orderId);
      return [];
    },
    "order.cancelled": async ({ payload, requestId }) => {
      await closeOrderPayment(deps, requestId, payload.orderId);
      return [];
    },
    "order.forgotten": async ({ payload }) => deps.forgottenOrders.forget([payload.orderId], deps.clock.nowMs()),
    "user.erasure_due": async ({ payload, requestId }) => {
      const { userId } = payload;
      await forgetBuyer(deps, { userId, requestId });
      const nowMs = deps.clock.nowMs();
      const answer = newMessage(
        "user.erased",
        { userId, worker: "payments" },
        { source: "payments", requestId, nowMs },
      );
      return outboxStatements(deps.db, [answer], nowMs);
    },
  };
}
