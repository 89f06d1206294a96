import type { AnyEnvelope } from "@foyer/contracts/messages/envelope";
import { minuteMs } from "@foyer/kernel/clock";
import type { PaymentId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { newMessage } from "@foyer/messaging/message";
import type { Deps } from "../deps.ts";
import { paymentEntries } from "../domain/ledger.ts";
import {
  decideSettlement,
  decideUnknown,
  isLive,
  isOverdue,
  type Payment,
  type ProviderPayment,
} from "../domain/payment.ts";
import { confirmPaidOrder } from "./confirm-paid-order.ts";
import { isTemporary, type ProviderIds } from "./ports.ts";
import { openReview } from "./review.ts";

/** What made us look: it is written beside the change. */
export type SettlementCause = "opened" | "webhook" | "buyer" | "reconciler" | "administrator" | "order";

/** A payment after it was compared with the provider, and what the provider said, where it was asked. */
export interface Settled {
  readonly payment: Payment;
  readonly seen: ProviderPayment | null;
}

/**
 * Brings one payment to where the provider says that it is, and the order after it. Webhooks, the buyer's return, the
 * reconciler and administrators all come here, so they cannot disagree. Repeatable at any time and at once.
 * `platform.unavailable` where the provider or bookings does not answer: what was decided stays, the rest comes later.
 */
export async function settlePayment(
  deps: Deps,
  from: {
    readonly cause: SettlementCause;
    readonly requestId: string;
    /** Where the provider keeps it, if news from there said so. */
    readonly hint?: ProviderIds;
    /** Made just now by this caller: its opening is no repetition. */
    readonly isNew?: boolean;
  },
  paymentId: PaymentId,
): Promise<Result<Settled>> {
  let seen: ProviderPayment | null = null;
  for (let round = 0; round < limits.paymentMoveRoundsMax; round += 1) {
    const payment = await deps.payments.get(paymentId);
    if (payment === null) return fail("payments.not_found", "No such payment.");
    if (payment.status === "succeeded") return finish(deps, from.requestId, payment, seen);
    const asked = await askProvider(deps, from, payment);
    if (!asked.ok) return asked;
    seen = asked.value;
    const decision = seen === null ? decideUnknown(payment, deps.clock.nowMs()) : decideSettlement(payment, seen);
    if (decision.kind === "review") {
      await openReview(deps, decision.reason, payment, decision.detail);
      await deps.payments.setNextCheck(payment.id, null);
      return ok({ payment, seen });
    }
    if (decision.kind === "none") {
      if (seen !== null) await learn(deps, payment, seen);
      return ok({ payment, seen });
    }
    const nowMs = deps.clock.nowMs();
    const succeeded = decision.to === "succeeded";
    const moved = await deps.payments.move(payment, {
      to: decision.to,
      cause: from.cause,
      failureReason: decision.failureReason,
      paidAtMs: succeeded ? nowMs : null,
      nextCheckAtMs: nextCheck(payment, decision.to, nowMs),
      ids: seen,
      entries: succeeded ? paymentEntries(payment) : [],
      messages: messagesOf(payment, decision, { source: "payments", requestId: from.requestId, nowMs }),
      nowMs,
    });
    if (moved) {
      deps.metrics.count("payment.moved", { to: decision.to, cause: from.cause });
      deps.log.info("payment moved", { paymentId, from: payment.status, to: decision.to, cause: from.cause });
    }
  }
  return fail("platform.unavailable", "The payment is being changed by others at the same time.");
}

/** After money: the order. */
async function finish(
  deps: Deps,
  requestId: string,
  payment: Payment,
  seen: ProviderPayment | null,
): Promise<Result<Settled>> {
  const confirmed = await confirmPaidOrder(deps, requestId, payment);
  return confirmed.ok ? ok({ payment: confirmed.value, seen }) : confirmed;
}

/**
 * Asks the provider. A payment whose opening was never answered is opened again under the same key, which finds it; one
 * whose order is gone, or whose time is over, is closed.
 */
async function askProvider(
  deps: Deps,
  from: { readonly requestId: string; readonly hint?: ProviderIds; readonly isNew?: boolean },
  payment: Payment,
): Promise<Result<ProviderPayment | null>> {
  const known = payment.intentId !== null || payment.sessionId !== null;
  let ids = known ? payment : (from.hint ?? null);
  let seen: Result<ProviderPayment | null> = ok(null);
  if (ids === null && payment.pendingRequest !== null) {
    seen = await openAtProvider(deps, from.requestId, payment, payment.pendingRequest);
    // A repetition is answered with what was true the first time, so what is true now is read.
    ids = seen.ok && from.isNew !== true ? seen.value : null;
  }
  if (ids !== null) seen = await deps.provider.read(ids);
  if (!seen.ok || seen.value === null || seen.value.state !== "open") return seen;
  return isOverdue(payment, deps.clock.nowMs()) ? deps.provider.close(seen.value) : seen;
}

/** Opens a payment at the provider; where it is refused for good, the payment has failed. */
async function openAtProvider(
  deps: Deps,
  requestId: string,
  payment: Payment,
  request: NonNullable<Payment["pendingRequest"]>,
): Promise<Result<ProviderPayment | null>> {
  const opened = await deps.provider.open(payment, request);
  if (opened.ok || isTemporary(opened.error)) return opened;
  const nowMs = deps.clock.nowMs();
  const failed = { to: "failed", failureReason: opened.error.code } as const;
  await deps.payments.move(payment, {
    ...failed,
    cause: "opened",
    paidAtMs: null,
    nextCheckAtMs: null,
    ids: null,
    entries: [],
    messages: messagesOf(payment, failed, { source: "payments", requestId, nowMs }),
    nowMs,
  });
  deps.log.warn("payment not opened", { paymentId: payment.id, reason: opened.error.code });
  return opened;
}

async function learn(deps: Deps, payment: Payment, seen: ProviderPayment): Promise<void> {
  const news =
    (payment.intentId === null && seen.intentId !== null) ||
    (payment.sessionId === null && seen.sessionId !== null) ||
    payment.pendingRequest !== null;
  if (news) await deps.payments.learnIds(payment.id, seen);
}

/** Money is followed up at once should the order not be told; an end is final; what is under way is looked at again. */
function nextCheck(payment: Payment, to: Payment["status"], nowMs: number): number | null {
  if (to === "succeeded") return nowMs + minuteMs;
  return isLive(to) ? (payment.nextCheckAtMs ?? nowMs + limits.paymentCheckDelaySeconds * 1000) : null;
}

function messagesOf(
  payment: Payment,
  decision: { readonly to: Payment["status"]; readonly failureReason: string | null },
  from: { readonly source: string; readonly requestId: string; readonly nowMs: number },
): readonly AnyEnvelope[] {
  const { eventId, organizationId, orderId } = payment;
  const facts = { eventId, organizationId, orderId, paymentId: payment.id };
  switch (decision.to) {
    case "succeeded":
      return [newMessage("payment.succeeded", { ...facts, amount: payment.amount }, from)];
    case "failed":
    case "cancelled":
    case "expired":
      return [newMessage("payment.failed", { ...facts, reason: decision.failureReason ?? decision.to }, from)];
    case "open":
    case "processing":
      return [];
  }
}
