import type { ReviewReason } from "@foyer/contracts/payments/api";
import { newId } from "@foyer/kernel/ids";
import type { Deps } from "../deps.ts";
import type { Payment } from "../domain/payment.ts";

/** Puts a payment on the review list, once, and raises the alarm. */
export async function openReview(
  deps: Deps,
  reason: ReviewReason,
  subject: Payment | { readonly providerReference: string },
  detail: string,
): Promise<void> {
  const payment = "id" in subject ? subject : null;
  const nowMs = deps.clock.nowMs();
  const opened = await deps.reviewCases.open({
    id: newId("reviewCase", nowMs),
    reason,
    paymentId: payment?.id ?? null,
    orderId: payment?.orderId ?? null,
    organizationId: payment?.organizationId ?? null,
    providerReference: "id" in subject ? (subject.sessionId ?? subject.intentId) : subject.providerReference,
    detail,
    openedAtMs: nowMs,
  });
  if (!opened) return;
  deps.metrics.count("payment.review_opened", { reason });
  deps.log.error("payment needs a person", { reason, paymentId: payment?.id ?? null, detail });
}
