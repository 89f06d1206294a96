import { minuteMs } from "@foyer/kernel/clock";
import { isId, newId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { Payment } from "../domain/payment.ts";
import type { ProviderRefund } from "../domain/refund.ts";
import { isTemporary, type ProviderEvent, type ProviderIds } from "./ports.ts";
import { applyRefund } from "./pursue-refund.ts";
import { openReview } from "./review.ts";
import { settlePayment } from "./settle-payment.ts";

/**
 * Does what an event asks for: looks at the object that it names as the provider has it now, so events may come in any order,
 * late or twice. Objects that are not the platform's are left alone; money under our name without a payment is reviewed.
 */
export async function actOnProviderEvent(deps: Deps, event: ProviderEvent, requestId: string): Promise<Result<null>> {
  const { subject, paymentId } = event;
  switch (subject.kind) {
    case "payment": {
      const payment = await findPayment(deps, subject.ids, paymentId);
      if (payment === null) {
        if (paymentId !== null && subject.claimsPaid) {
          const providerReference = subject.ids.sessionId ?? subject.ids.intentId ?? event.id;
          const detail = `The provider tells of a payment ${paymentId} that is not known.`;
          await openReview(deps, "unknown_payment", { providerReference }, detail.slice(0, 500));
        }
        return ok(null);
      }
      const settled = await settlePayment(deps, { cause: "webhook", requestId, hint: subject.ids }, payment.id);
      return settled.ok ? ok(null) : unlessRefused(settled);
    }
    case "refund": {
      const payment = await findPayment(deps, { sessionId: null, intentId: subject.intentId }, paymentId);
      if (payment === null) return ok(null);
      const seen = await deps.provider.readRefund(subject.refundId);
      if (!seen.ok) return seen;
      return seen.value === null ? ok(null) : takeRefunds(deps, requestId, payment, [seen.value]);
    }
    case "charge": {
      const payment = await findPayment(deps, { sessionId: null, intentId: subject.intentId }, paymentId);
      if (payment === null || subject.intentId === null) return ok(null);
      const seen = await deps.provider.listRefunds(subject.intentId);
      return seen.ok ? takeRefunds(deps, requestId, payment, seen.value) : seen;
    }
    case "other":
      return ok(null);
  }
}

/** A refusal of the provider is an answer, and has been acted on; only "ask again" keeps an event unfinished. */
function unlessRefused(failed: ReturnType<typeof fail>): Result<null> {
  return isTemporary(failed.error) ? failed : ok(null);
}

async function findPayment(deps: Deps, ids: ProviderIds, paymentId: string | null): Promise<Payment | null> {
  const known = await deps.payments.findByProviderIds(ids);
  if (known !== null) return known;
  return paymentId !== null && isId("payment", paymentId) ? deps.payments.get(paymentId) : null;
}

/** Keeps refunds as the provider has them. One that was made elsewhere, such as on its dashboard, becomes one of ours. */
async function takeRefunds(
  deps: Deps,
  requestId: string,
  payment: Payment,
  seen: readonly ProviderRefund[],
): Promise<Result<null>> {
  if (payment.status !== "succeeded") {
    // The refund's news were faster than the payment's.
    const settled = await settlePayment(deps, { cause: "webhook", requestId }, payment.id);
    if (!settled.ok) return settled;
    if (settled.value.payment.status !== "succeeded") return ok(null);
  }
  for (const refund of seen) {
    if (refund.intentId !== payment.intentId && payment.intentId !== null) continue;
    const applied = await takeRefund(deps, requestId, payment, refund);
    if (!applied.ok) return applied;
  }
  return ok(null);
}

async function takeRefund(
  deps: Deps,
  requestId: string,
  payment: Payment,
  seen: ProviderRefund,
): Promise<Result<unknown>> {
  const own = seen.refundId !== null && isId("refund", seen.refundId) ? await deps.refunds.get(seen.refundId) : null;
  const known = own ?? (await deps.refunds.findByProviderId(seen.id));
  if (known !== null) {
    return known.paymentId === payment.id ? applyRefund(deps, requestId, known.id, seen) : ok(null);
  }
  const nowMs = deps.clock.nowMs();
  await deps.refunds.add({
    id: newId("refund", nowMs),
    paymentId: payment.id,
    origin: "provider",
    providerKey: `provider-${seen.id}`,
    providerRefundId: seen.id,
    amountMinor: seen.amount.amount,
    reason: "Made at the payment provider",
    ticketIds: [],
    nextCheckAtMs: nowMs + minuteMs,
    nowMs,
  });
  const added = await deps.refunds.findByProviderId(seen.id);
  return added === null
    ? fail("platform.unavailable", "The refund is being stored.")
    : applyRefund(deps, requestId, added.id, seen);
}
