import { required } from "@foyer/kernel/assert";
import { minuteMs } from "@foyer/kernel/clock";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { OrderOutcome, Payment } from "../domain/payment.ts";
import { isTemporary } from "./ports.ts";
import { openReview } from "./review.ts";
import { systemCall } from "./system-call.ts";

/**
 * Tells bookings that the money is here, until it has answered once. Tickets are issued, or the money is due back; where
 * bookings says that it knows of no such order, a person has to look. `platform.unavailable` while bookings is not there.
 */
export async function confirmPaidOrder(deps: Deps, requestId: string, payment: Payment): Promise<Result<Payment>> {
  if (payment.orderOutcome === "confirmed" || payment.orderOutcome === "refund_due") return ok(payment);
  const answer = await deps.bookings.confirmOrder(systemCall(requestId), {
    orderId: payment.orderId,
    paymentId: payment.id,
    paid: payment.amount,
    paidAtMs: required(payment.paidAtMs, "a succeeded payment was paid at some moment"),
  });
  if (!answer.ok && isTemporary(answer.error)) return answer;
  const outcome: OrderOutcome = answer.ok ? answer.value.outcome : "review";
  // A refund that is due is followed up from here, too, should the message that asks for it be lost.
  const nowMs = deps.clock.nowMs();
  const nextCheckAtMs = outcome === "refund_due" ? nowMs + minuteMs : null;
  // The case comes first: the outcome ends the clockwork's care, and a crash in between must not leave money with nobody.
  if (!answer.ok) {
    await openReview(deps, "order_not_confirmable", payment, `Bookings answered ${answer.error.code}.`);
  }
  await deps.payments.recordOutcome(payment.id, outcome, { nextCheckAtMs, nowMs });
  deps.metrics.count("payment.outcome", { outcome });
  deps.log.info("order told of payment", { paymentId: payment.id, orderId: payment.orderId, outcome });
  return ok({ ...payment, orderOutcome: outcome });
}
