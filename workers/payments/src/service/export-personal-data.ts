import type { PersonalData } from "@foyer/auth/personal-data";
import type { CallContext, UserActor } from "@foyer/contracts/shared/actor";
import { toRfc3339 } from "@foyer/kernel/clock";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { Payment } from "../domain/payment.ts";
import type { Refund } from "../domain/refund.ts";
import { eachOrdersOfBuyer } from "./orders-of-buyer.ts";
import { systemCall } from "./system-call.ts";

type ExportDeps = Pick<Deps, "users" | "bookings" | "payments" | "refunds" | "clock">;

/** What is kept here of people's doings and not given: the payment provider gives it itself, or it says nothing more. */
const withheld = {
  providerEvents:
    "What the payment provider tells of a payment, as it came; kept for a month. The provider gives out what it knows of you.",
  pendingRequests: "What the provider is asked, with your address for the receipt, until it has answered: seconds.",
  bookkeeping: "The ledger, changes of status and cases that a person looks into: they name payments, and nobody.",
  idempotency: "Answers that are kept for a day, so that a request that is sent again has its effect once.",
};

/** Everything that payments keeps about the caller: the payments and refunds of their orders. */
export async function exportPersonalData(
  deps: ExportDeps,
  call: CallContext & { readonly actor: UserActor },
): Promise<Result<PersonalData>> {
  const { userId } = call.actor;
  const contacts = await deps.users.getContacts(systemCall(call.requestId), { userIds: [userId] });
  if (!contacts.ok) return contacts;
  const [contact] = contacts.value;
  if (contact === undefined) return fail("auth.invalid_token", "This account exists no more.");
  const buyer = {
    userId,
    email: contact.emailVerified ? contact.email : null,
    madeUntilMs: deps.clock.nowMs(),
  };
  const payments: Payment[] = [];
  const refunds: Refund[] = [];
  const read = await eachOrdersOfBuyer(deps, buyer, call.requestId, async (orderIds) => {
    payments.push(...(await deps.payments.listOfOrders(orderIds)));
    refunds.push(...(await deps.refunds.listOfOrders(orderIds)));
  });
  if (!read.ok) return read;
  const refundsOf = Map.groupBy(refunds, ({ paymentId }) => paymentId);
  return ok({
    payments: payments.map((payment) => toPaymentData(payment, refundsOf.get(payment.id) ?? [])),
    cutShort: read.value.isCut ? ["payments"] : [],
    withheld,
  });
}

function toPaymentData(payment: Payment, refunds: readonly Refund[]) {
  return {
    id: payment.id,
    orderId: payment.orderId,
    status: payment.status,
    provider: "stripe",
    method: payment.method,
    amount: { ...payment.amount },
    failureReason: payment.failureReason,
    createdAt: toRfc3339(payment.createdAtMs),
    paidAt: payment.paidAtMs === null ? null : toRfc3339(payment.paidAtMs),
    refunds: refunds.map((refund) => ({
      id: refund.id,
      status: refund.status,
      amount: { ...refund.amount },
      reason: refund.reason,
      failureReason: refund.failureReason,
      createdAt: toRfc3339(refund.createdAtMs),
    })),
  };
}
