import type { PayableOrder } from "@foyer/contracts/bookings/rpc";
import type { PaymentMethod } from "@foyer/contracts/payments/api";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { eventIdOf, newId, type OrderId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { isLive, type Payment, type ProviderPayment } from "../domain/payment.ts";
import { providerRequestOf } from "../domain/provider-request.ts";
import { orderFailure, requireHolder } from "./order-holder.ts";
import { settlePayment } from "./settle-payment.ts";

/** A payment that waits for its buyer, with what the buyer needs to pay. */
export interface OpenPayment {
  readonly payment: Payment;
  readonly seen: ProviderPayment;
}

/** Attempts that one call goes through: an old one may turn out to be over. */
const attemptsPerCallMax = 3;

/**
 * Opens the payment of an order, or finds the one that is open: whoever asks, however often and however many at once, there
 * is one. The row is written before the provider hears of it, so an answer that gets lost is found again under the same key.
 * Fails with what bookings says of the order, `payments.already_paid`, `payments.under_review`, `payments.amount_changed`,
 * `payments.not_accepted`, or `platform.unavailable`, after which the same call goes on where this one stopped.
 */
export async function openPayment(
  deps: Deps,
  call: CallContext,
  input: {
    readonly orderId: OrderId;
    readonly secret: string | null;
    readonly method: PaymentMethod;
    readonly returnUrl: string;
  },
): Promise<Result<OpenPayment>> {
  const proof = requireHolder(call.actor, input.secret);
  if (!proof.ok) return proof;
  const holdUntilMs = deps.clock.nowMs() + limits.paymentHoldSeconds * 1000;
  const { orderId } = input;
  const payable = await deps.bookings.getPayableOrder(call, { orderId, proof: proof.value, holdUntilMs });
  if (!payable.ok) return { ok: false, error: orderFailure(payable.error) };
  const order = payable.value;
  if (order.total.amount <= 0) return fail("payments.nothing_due", "Nothing is owed for this order.");

  for (let tries = 0; tries < attemptsPerCallMax; tries += 1) {
    const latest = await deps.payments.latestOf(orderId);
    // Of several at once one adds the row; all of them go on with the one that is there.
    const isNew =
      (latest === null || isOver(latest)) &&
      (await deps.payments.add(
        newPayment(deps, order, { ...input, attempt: (latest?.attempt ?? 0) + 1, holdUntilMs }),
      ));
    const payment = latest === null || isOver(latest) ? await deps.payments.latestOf(orderId) : latest;
    if (payment === null || isOver(payment)) continue;
    const opened = await bringOpen(deps, call, payment, order, isNew);
    // An attempt that turns out to be over makes room for the next one; every other failure is the answer.
    if (opened.ok || opened.error.code !== attemptIsOver) return opened;
  }
  return fail("platform.unavailable", "The payment could not be opened; try again.");
}

/** Internal to this file: the attempt has ended unpaid. */
const attemptIsOver = "payments.attempt_is_over";

function isOver(payment: Payment): boolean {
  return !isLive(payment.status) && payment.status !== "succeeded";
}

async function bringOpen(
  deps: Deps,
  call: CallContext,
  payment: Payment,
  order: PayableOrder,
  isNew: boolean,
): Promise<Result<OpenPayment>> {
  if (payment.status !== "succeeded") {
    const { amount, currency } = payment.amount;
    if (amount !== order.total.amount || currency !== order.total.currency) {
      return fail("payments.amount_changed", "A payment of another amount is open for this order.");
    }
  }
  const settled = await settlePayment(deps, { cause: "opened", requestId: call.requestId, isNew }, payment.id);
  if (!settled.ok) {
    const now = await deps.payments.get(payment.id);
    if (now?.status === "succeeded") return alreadyPaid();
    // Of several openings at once under one key the provider answers the first: the others find what it made.
    if (payment.pendingRequest !== null && now !== null && now.pendingRequest === null && isLive(now.status)) {
      return bringOpen(deps, call, now, order, false);
    }
    const { code } = settled.error;
    // Failed under its key, or an old request that is no longer accepted: a new attempt may well be.
    if (code === "payments.provider_error" || (code === "payments.not_accepted" && !isNew)) {
      return fail(attemptIsOver, "The attempt has ended.");
    }
    return settled;
  }
  const { payment: now, seen } = settled.value;
  if (now.status === "succeeded" || now.status === "processing") return alreadyPaid();
  if (isOver(now)) return fail(attemptIsOver, "The attempt has ended.");
  if (await deps.reviewCases.hasOpen(now.id)) {
    return fail("payments.under_review", "The payment is being looked at by a person.");
  }
  if (seen === null || seen.state !== "open")
    return fail("platform.unavailable", "The payment cannot be read; try again.");
  return ok({ payment: now, seen });
}

function alreadyPaid(): ReturnType<typeof fail> {
  return fail("payments.already_paid", "The order is paid, or its payment is on its way.");
}

function newPayment(
  deps: Deps,
  order: PayableOrder,
  input: {
    readonly method: PaymentMethod;
    readonly returnUrl: string;
    readonly attempt: number;
    readonly holdUntilMs: number;
  },
): Payment {
  const nowMs = deps.clock.nowMs();
  const expiresAtMs = Math.min(order.heldUntilMs, input.holdUntilMs);
  return {
    id: newId("payment", nowMs),
    orderId: order.orderId,
    eventId: eventIdOf(order.orderId),
    organizationId: order.organizationId,
    status: "open",
    method: input.method,
    attempt: input.attempt,
    amount: order.total,
    intentId: null,
    sessionId: null,
    pendingRequest: providerRequestOf(order, input.returnUrl, { nowMs, expiresAtMs }),
    closing: false,
    orderOutcome: null,
    failureReason: null,
    expiresAtMs,
    paidAtMs: null,
    nextCheckAtMs: nowMs + limits.paymentCheckDelaySeconds * 1000,
    checks: 0,
    version: 1,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
}
