import { requireIdentity } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { minuteMs } from "@foyer/kernel/clock";
import { eventIdOf, newId, type PaymentId, type TicketId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { Money } from "@foyer/kernel/money";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { Refund } from "../domain/refund.ts";
import { authorizeOrganizer } from "./organizer.ts";
import { isTemporary } from "./ports.ts";
import { pursueRefund } from "./pursue-refund.ts";

/**
 * Sends money back for the organizer. All refunds of a payment, those on their way counted, never exceed what was paid: one
 * statement decides that, however many ask at once. Where the provider is not there the refund stays `pending` and is pursued
 * later. Fails with `payments.not_refundable`, `payments.refund_exceeds_payment`, `payments.refund_refused` and the like.
 */
export async function requestRefund(
  deps: Deps,
  call: CallContext,
  input: {
    readonly paymentId: PaymentId;
    readonly amount: Money | null;
    readonly ticketIds: readonly TicketId[];
    readonly reason: string;
  },
): Promise<Result<Refund>> {
  const identity = requireIdentity(call.actor);
  if (!identity.ok) return identity;
  const absent = { code: "payments.not_found", detail: "No such payment." };
  const payment = await deps.payments.get(input.paymentId);
  if (payment === null) return { ok: false, error: absent };
  const { organizationId } = payment;
  const allowed = await authorizeOrganizer(deps, call, { organizationId, permission: "payments.refund" }, absent);
  if (!allowed.ok) return allowed;
  if (payment.status !== "succeeded") return fail("payments.not_refundable", "The payment has not succeeded.");
  if (input.amount !== null && input.amount.currency !== payment.amount.currency) {
    return fail("payments.currency_mismatch", `The payment was made in ${payment.amount.currency}.`, {
      errors: [{ path: "amount.currency", code: "currency_mismatch", message: `Use ${payment.amount.currency}` }],
    });
  }
  const strange = input.ticketIds.findIndex((ticketId) => eventIdOf(ticketId) !== payment.eventId);
  if (strange !== -1) {
    return fail("payments.ticket_not_of_order", "A ticket is not of this payment's order.", {
      errors: [{ path: `ticketIds.${strange}`, code: "ticket_not_of_order", message: "Of another event" }],
    });
  }

  const nowMs = deps.clock.nowMs();
  const id = newId("refund", nowMs);
  const added = await deps.refunds.add({
    id,
    paymentId: payment.id,
    origin: "organizer",
    providerKey: `foyer-refund-${id}`,
    providerRefundId: null,
    amountMinor: input.amount?.amount ?? null,
    reason: input.reason,
    ticketIds: [...new Set(input.ticketIds)],
    nextCheckAtMs: nowMs + minuteMs,
    nowMs,
  });
  if (!added) {
    if ((await deps.refunds.count(payment.id)) >= limits.refundsPerPaymentMax) {
      return fail("payments.too_many_refunds", "The payment has as many refunds as it can have.");
    }
    return fail("payments.refund_exceeds_payment", "Refunds, those on their way counted, would exceed what was paid.");
  }
  const pursued = await pursueRefund(deps, call.requestId, id);
  if (!pursued.ok && !isTemporary(pursued.error)) return pursued;
  const refund = pursued.ok ? pursued.value : await deps.refunds.get(id);
  if (refund === null) return fail("payments.refund_not_found", "No such refund.");
  if (refund.status === "failed") {
    return fail("payments.refund_refused", "The payment provider refused the refund.", {
      extra: { refundId: refund.id, reason: refund.failureReason ?? "unknown" },
    });
  }
  return ok(refund);
}
