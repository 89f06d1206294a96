import type { ReviewReason } from "@foyer/contracts/payments/api";
import { newId } from "@foyer/kernel/ids";
import type { Deps } from "../deps.ts";
import type { Payment } from "../domain/payment.ts";
import type { NewReviewCase } from "../repository/statements.ts";

type Subject = Payment | { readonly providerReference: string };

/** A case for the review list, to be stored with the change that it is about, and then told of by {@link raiseAlarm}. */
export function newReviewCase(deps: Deps, reason: ReviewReason, subject: Subject, detail: string): NewReviewCase {
  const payment = "id" in subject ? subject : null;
  const nowMs = deps.clock.nowMs();
  return {
    id: newId("reviewCase", nowMs),
    reason,
    paymentId: payment?.id ?? null,
    orderId: payment?.orderId ?? null,
    organizationId: payment?.organizationId ?? null,
    providerReference: "id" in subject ? (subject.sessionId ?? subject.intentId) : subject.providerReference,
    detail,
    openedAtMs: nowMs,
  };
}

/** Tells the operators of a case that has been stored. */
export function raiseAlarm(deps: Deps, { reason, paymentId, detail }: NewReviewCase): void {
  deps.metrics.count("payment.review_opened", { reason });
  deps.log.error("payment needs a person", { reason, paymentId, detail });
}

/** Puts a payment on the review list, once for the same news, and raises the alarm. */
export async function openReview(deps: Deps, reason: ReviewReason, subject: Subject, detail: string): Promise<void> {
  const reviewCase = newReviewCase(deps, reason, subject, detail);
  if (await deps.reviewCases.open(reviewCase)) raiseAlarm(deps, reviewCase);
}
