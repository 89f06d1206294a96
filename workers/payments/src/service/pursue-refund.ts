import type { AnyEnvelope } from "@foyer/contracts/messages/envelope";
import { required } from "@foyer/kernel/assert";
import { minuteMs, secondMs } from "@foyer/kernel/clock";
import type { RefundId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { newMessage } from "@foyer/messaging/message";
import type { Deps } from "../deps.ts";
import { type LedgerEntry, refundEntries, reversedRefundEntries } from "../domain/ledger.ts";
import type { Payment } from "../domain/payment.ts";
import { decideRefund, type ProviderRefund, type Refund } from "../domain/refund.ts";
import type { NewReviewCase } from "../repository/statements.ts";
import { confirmPaidOrder } from "./confirm-paid-order.ts";
import { isTemporary } from "./ports.ts";
import { newReviewCase, openReview, raiseAlarm } from "./review.ts";
import { systemCall } from "./system-call.ts";

/**
 * Takes a refund as far as it goes: asks the provider for it (under its key, so a repetition finds it), keeps what the
 * provider says, and tells bookings. `platform.unavailable` where one of them does not answer; the clockwork comes back.
 */
export async function pursueRefund(deps: Deps, requestId: string, refundId: RefundId): Promise<Result<Refund>> {
  const refund = required(await deps.refunds.get(refundId), "a refund that is pursued was stored");
  if (refund.status !== "pending") return tellBookings(deps, requestId, refund);
  const payment = required(await deps.payments.get(refund.paymentId), "a refund has its payment");
  const seen =
    refund.providerRefundId === null
      ? await askForRefund(deps, refund, required(payment.intentId, "a succeeded payment has its intent"))
      : await deps.provider.readRefund(refund.providerRefundId);
  if (!seen.ok && isTemporary(seen.error)) return seen;
  if (!seen.ok && seen.error.code === "payments.provider_error") return findOrFail(deps, requestId, refund, payment);
  if (!seen.ok) {
    const code = seen.error.extra?.providerCode;
    const reason = typeof code === "string" ? code : "refused_by_provider";
    return applyRefund(deps, requestId, refundId, { state: "failed", failureReason: reason, id: null });
  }
  if (seen.value === null) return fail("platform.unavailable", "The provider does not know the refund yet.");
  return applyRefund(deps, requestId, refundId, seen.value);
}

/**
 * Asks for a refund under its key. The provider keeps keys for a day, and an answer may have been lost before: an old refund
 * is looked for first, since under a forgotten key the same money would go back again.
 */
async function askForRefund(deps: Deps, refund: Refund, intentId: string): Promise<Result<ProviderRefund>> {
  const keyIsKept = deps.clock.nowMs() - refund.createdAtMs < limits.refundKeyTrustedSeconds * secondMs;
  if (keyIsKept) return deps.provider.refund(refund, intentId);
  const listed = await deps.provider.listRefunds(intentId);
  if (!listed.ok) return listed;
  const found = listed.value.find((candidate) => candidate.refundId === refund.id);
  return found === undefined ? deps.provider.refund(refund, intentId) : ok(found);
}

/** The provider failed for good under the refund's key: whether money moved all the same, its own list tells. */
async function findOrFail(deps: Deps, requestId: string, refund: Refund, payment: Payment): Promise<Result<Refund>> {
  const listed = await deps.provider.listRefunds(required(payment.intentId, "a succeeded payment has its intent"));
  if (!listed.ok) return listed;
  const found = listed.value.find((candidate) => candidate.refundId === refund.id);
  const failed = { state: "failed", failureReason: "provider_error", id: null } as const;
  return applyRefund(deps, requestId, refund.id, found ?? failed);
}

/** Keeps what the provider says of a refund, with the ledger and the messages that belong to it, and tells bookings. */
export async function applyRefund(
  deps: Deps,
  requestId: string,
  refundId: RefundId,
  seen: Pick<ProviderRefund, "state" | "failureReason"> & { readonly id: string | null },
): Promise<Result<Refund>> {
  for (let round = 0; round < limits.paymentMoveRoundsMax; round += 1) {
    const refund = required(await deps.refunds.get(refundId), "a refund that is applied was stored");
    if (seen.id !== null && refund.providerRefundId === null) await deps.refunds.learnProviderId(refundId, seen.id);
    const to = decideRefund(refund, seen);
    if (to === null) return tellBookings(deps, requestId, refund);
    const nowMs = deps.clock.nowMs();
    const review = to === "failed" ? await failureCase(deps, refund) : null;
    const moved = await deps.refunds.move(refund, {
      to,
      cause: seen.id ?? "refused",
      failureReason: to === "failed" ? (seen.failureReason ?? "unknown") : null,
      nextCheckAtMs: to === "succeeded" ? nowMs + minuteMs : null,
      entries: entriesOf(refund, to),
      messages: messagesOf(refund, to, { source: "payments", requestId, nowMs }),
      review,
      nowMs,
    });
    if (!moved) continue;
    deps.metrics.count("refund.moved", { to, origin: refund.origin });
    deps.log.info("refund moved", { refundId, from: refund.status, to });
    if (review !== null) raiseAlarm(deps, review);
  }
  return fail("platform.unavailable", "The refund is being changed by others at the same time.");
}

/** A refund that nobody waits for, or that had succeeded, must not fail unseen: the case is stored with the step. */
async function failureCase(deps: Deps, refund: Refund): Promise<NewReviewCase> {
  const payment = required(await deps.payments.get(refund.paymentId), "a refund has its payment");
  const reason = refund.status === "succeeded" ? "refund_reversed" : "refund_failed";
  return newReviewCase(deps, reason, payment, `Refund ${refund.id} did not reach the buyer.`);
}

/**
 * Tells bookings of a refund that succeeded, until it has answered once. Bookings hears of the payment before it hears that
 * the payment went back: the other way round, tickets would be issued for money that is gone.
 */
async function tellBookings(deps: Deps, requestId: string, refund: Refund): Promise<Result<Refund>> {
  if (refund.status !== "succeeded" || refund.recordedAtMs !== null) return ok(refund);
  const payment = required(await deps.payments.get(refund.paymentId), "a refund has its payment");
  const confirmed = await confirmPaidOrder(deps, requestId, payment);
  const { orderId, paymentId, amount, ticketIds } = refund;
  const told = { orderId, refundId: refund.id, paymentId, amount, ticketIds };
  const answer = confirmed.ok ? await deps.bookings.recordRefund(systemCall(requestId), told) : confirmed;
  if (!answer.ok && isTemporary(answer.error)) {
    // The money is back: that is what the caller asked. The clockwork tells bookings later.
    deps.log.warn("refund not recorded yet", { refundId: refund.id });
    return ok(refund);
  }
  if (!answer.ok) {
    const detail = `Bookings answered ${answer.error.code} to refund ${refund.id}.`;
    await openReview(deps, "refund_not_recorded", payment, detail);
  }
  const nowMs = deps.clock.nowMs();
  await deps.refunds.markRecorded(refund.id, nowMs);
  return ok({ ...refund, recordedAtMs: nowMs, nextCheckAtMs: null });
}

function entriesOf(refund: Refund, to: Refund["status"]): readonly LedgerEntry[] {
  if (to === "succeeded") return refundEntries(refund);
  return refund.status === "succeeded" ? reversedRefundEntries(refund) : [];
}

function messagesOf(
  refund: Refund,
  to: Refund["status"],
  from: { readonly source: string; readonly requestId: string; readonly nowMs: number },
): readonly AnyEnvelope[] {
  const { eventId, organizationId, orderId, paymentId, amount } = refund;
  const facts = { eventId, organizationId, orderId, paymentId, refundId: refund.id, amount };
  if (to === "succeeded") return [newMessage("refund.succeeded", facts, from)];
  return to === "failed" ? [newMessage("refund.failed", facts, from)] : [];
}
