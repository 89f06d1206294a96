import { minuteMs } from "@foyer/kernel/clock";
import type { PaymentId } from "@foyer/kernel/ids";
import { newId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { isTemporary } from "./ports.ts";
import { pursueRefund } from "./pursue-refund.ts";

/** The provider's key of the one refund that a payment gets when its order cannot be honoured. */
export function refundDueKey(paymentId: PaymentId): string {
  return `foyer-refund-due-${paymentId}`;
}

/**
 * Sends back all that is left of a payment whose order cannot be honoured, once, however often it is asked. The refund is
 * stored before the provider hears of it, so this succeeds as soon as the promise is kept safe; `payments.not_refundable`
 * where the payment has not succeeded.
 */
export async function refundUnfulfilledPayment(
  deps: Deps,
  requestId: string,
  paymentId: PaymentId,
  reason: string,
): Promise<Result<null>> {
  const payment = await deps.payments.get(paymentId);
  if (payment === null) return fail("payments.not_found", "No such payment.");
  if (payment.status !== "succeeded") return fail("payments.not_refundable", "The payment has not succeeded.");
  const nowMs = deps.clock.nowMs();
  const providerKey = refundDueKey(paymentId);
  await deps.refunds.add({
    id: newId("refund", nowMs),
    paymentId,
    origin: "refund_due",
    providerKey,
    providerRefundId: null,
    amountMinor: null,
    reason,
    ticketIds: [],
    nextCheckAtMs: nowMs + minuteMs,
    nowMs,
  });
  await deps.payments.recordOutcome(paymentId, "refund_due", { nextCheckAtMs: null, nowMs });
  const refund = await deps.refunds.findByKey(providerKey);
  // Null: nothing is left, the organizer was faster.
  if (refund !== null) {
    const pursued = await pursueRefund(deps, requestId, refund.id);
    if (!pursued.ok && isTemporary(pursued.error)) deps.log.warn("refund will be pursued", { refundId: refund.id });
  }
  await deps.payments.setNextCheck(paymentId, null);
  return ok(null);
}
