import { requireFresh, requireIdentity } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { minuteMs } from "@foyer/kernel/clock";
import { newId, type PaymentId, type RefundId, type TicketId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { Money } from "@foyer/kernel/money";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { Payment } from "../domain/payment.ts";
import type { Refund } from "../domain/refund.ts";
import { orderFailure } from "./order-holder.ts";
import { authorizeOrganizer } from "./organizer.ts";
import { isTemporary } from "./ports.ts";
import { pursueRefund } from "./pursue-refund.ts";
import { systemCall } from "./system-call.ts";

/**
 * Sends money back for the organizer. All refunds of a payment, those on their way counted, never exceed what was paid: one
 * statement decides that, however many ask at once. Where the provider is not there the refund stays `pending` and is pursued
 * later. Asks people for a fresh proof of identity (`auth.step_up_required`). Fails with `payments.not_refundable`, `payments.refund_exceeds_payment`, `payments.refund_refused` and the like.
 */
export async function requestRefund(
  deps: Deps,
  call: CallContext,
  input: {
    readonly paymentId: PaymentId;
    readonly amount: Money | null;
    readonly ticketIds: readonly TicketId[];
    readonly reason: string;
    /** The same for every repetition of one request, of one caller; null where the caller named none. */
    readonly requestKey: string | null;
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
  const fresh = requireFresh(call.actor, deps.clock.nowMs());
  if (!fresh.ok) return fresh;
  if (payment.status !== "succeeded") return fail("payments.not_refundable", "The payment has not succeeded.");
  if (input.amount !== null && input.amount.currency !== payment.amount.currency) {
    return fail("payments.currency_mismatch", `The payment was made in ${payment.amount.currency}.`, {
      errors: [{ path: "amount.currency", code: "currency_mismatch", message: `Use ${payment.amount.currency}` }],
    });
  }
  const nowMs = deps.clock.nowMs();
  const id = newId("refund", nowMs);
  const providerKey = `foyer-refund-${input.requestKey ?? id}`;
  // A repetition whose first answer was lost goes on with the refund that the first try stored.
  const known = input.requestKey === null ? null : await deps.refunds.findByKey(providerKey);
  if (known !== null) return bringBack(deps, call, known.id);
  const ours = await requireTickets(deps, call, payment, input.ticketIds);
  if (!ours.ok) return ours;
  const added = await deps.refunds.add({
    id,
    paymentId: payment.id,
    origin: "organizer",
    providerKey,
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
  return bringBack(deps, call, id);
}

/** Tickets are void once money is back, so whose they are is asked before. Those that are void already are nobody's. */
async function requireTickets(
  deps: Deps,
  call: CallContext,
  payment: Payment,
  ticketIds: readonly TicketId[],
): Promise<Result<null>> {
  if (ticketIds.length === 0) return ok(null);
  const { orderId } = payment;
  const document = await deps.bookings.getOrderDocument(systemCall(call.requestId), { orderId });
  if (!document.ok) return { ok: false, error: orderFailure(document.error) };
  const own = new Set(document.value.tickets.map((ticket) => ticket.ticketId));
  const strange = ticketIds.findIndex((ticketId) => !own.has(ticketId));
  if (strange === -1) return ok(null);
  return fail("payments.ticket_not_of_order", "A ticket is not of this payment's order, or is void already.", {
    errors: [{ path: `ticketIds.${strange}`, code: "ticket_not_of_order", message: "Not a ticket of this order" }],
  });
}

async function bringBack(deps: Deps, call: CallContext, id: RefundId): Promise<Result<Refund>> {
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
