import { secondMs } from "@foyer/kernel/clock";
import type { OrderId } from "@foyer/kernel/ids";
import type { Deps } from "../deps.ts";
import { settlePayment } from "./settle-payment.ts";

const firstRepetitionSeconds = 30;

/**
 * The order is gone: whatever is open for it is closed at the provider, so that nobody pays for nothing. The wish is stored
 * first, and the clockwork repeats it where the provider does not answer. Money that came meanwhile goes the paid way.
 */
export async function closeOrderPayment(deps: Deps, requestId: string, orderId: OrderId): Promise<void> {
  const repeatAtMs = deps.clock.nowMs() + firstRepetitionSeconds * secondMs;
  const paymentId = await deps.payments.requestClosing(orderId, repeatAtMs);
  if (paymentId === null) return;
  const settled = await settlePayment(deps, { cause: "order", requestId }, paymentId);
  if (!settled.ok) deps.log.warn("payment not closed yet", { paymentId, reason: settled.error.code });
}
