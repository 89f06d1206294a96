import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { Payment } from "../domain/payment.ts";
import { confirmPaidOrder } from "./confirm-paid-order.ts";
import { refundUnfulfilledPayment } from "./refund-unfulfilled-payment.ts";

/** Follows up a payment that succeeded: the order is told, and what is due back is sent back. For the clockwork. */
export async function followUpPaidOrder(deps: Deps, requestId: string, payment: Payment): Promise<Result<null>> {
  const confirmed = await confirmPaidOrder(deps, requestId, payment);
  if (!confirmed.ok) return confirmed;
  if (confirmed.value.orderOutcome !== "refund_due") return ok(null);
  return refundUnfulfilledPayment(deps, requestId, payment.id, "The order could not be fulfilled");
}
