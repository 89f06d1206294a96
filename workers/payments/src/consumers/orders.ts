import type { Handlers } from "@foyer/messaging/consumer";
import { PermanentFailure } from "@foyer/messaging/consumer";
import type { Deps } from "../deps.ts";
import { closeOrderPayment } from "../service/close-order-payment.ts";
import { refundUnfulfilledPayment } from "../service/refund-unfulfilled-payment.ts";

/**
 * What orders tell payments. Effects are safe to repeat and are kept before the provider is asked, so a message is done as
 * soon as its wish is stored.
 */
export function orderHandlers(deps: Deps): Handlers {
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
  };
}
