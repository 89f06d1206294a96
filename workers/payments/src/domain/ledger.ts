import { assert } from "@foyer/kernel/assert";
import type { OrganizationId, PaymentId, RefundId } from "@foyer/kernel/ids";
import type { Money } from "@foyer/kernel/money";
import type { Payment } from "./payment.ts";
import type { Refund } from "./refund.ts";

/** Accounts: what the provider holds for the platform, and what the platform owes its organizers. */
export type LedgerAccount = "provider_clearing" | "organizer_payable";

/** One line of a transaction; debits are positive, credits negative, in minor units. */
export interface LedgerEntry {
  readonly transactionId: string;
  readonly line: number;
  readonly account: LedgerAccount;
  readonly organizationId: OrganizationId;
  readonly paymentId: PaymentId;
  readonly refundId: RefundId | null;
  readonly amountMinor: number;
  readonly currency: string;
}

function transfer(
  transactionId: string,
  of: {
    readonly organizationId: OrganizationId;
    readonly paymentId: PaymentId;
    readonly refundId: RefundId | null;
    readonly amount: Money;
  },
  from: LedgerAccount,
  to: LedgerAccount,
): readonly LedgerEntry[] {
  const { amount, currency } = of.amount;
  assert(Number.isSafeInteger(amount) && amount > 0, "a transaction moves a whole, positive amount");
  const shared = {
    transactionId,
    organizationId: of.organizationId,
    paymentId: of.paymentId,
    refundId: of.refundId,
    currency,
  };
  const entries: readonly LedgerEntry[] = [
    { ...shared, line: 1, account: to, amountMinor: amount },
    { ...shared, line: 2, account: from, amountMinor: -amount },
  ];
  assert(entries.reduce((sum, entry) => sum + entry.amountMinor, 0) === 0, "a transaction adds up to zero");
  return entries;
}

/** The buyer's money is at the provider, and owed to the organizer. */
export function paymentEntries(payment: Payment): readonly LedgerEntry[] {
  const of = { ...payment, paymentId: payment.id, refundId: null };
  return transfer(payment.id, of, "organizer_payable", "provider_clearing");
}

/** The money has gone back, and is owed no longer. */
export function refundEntries(refund: Refund): readonly LedgerEntry[] {
  return transfer(refund.id, { ...refund, refundId: refund.id }, "provider_clearing", "organizer_payable");
}

/** The bank returned a refund: the opposite of {@link refundEntries}. */
export function reversedRefundEntries(refund: Refund): readonly LedgerEntry[] {
  const of = { ...refund, refundId: refund.id };
  return transfer(`${refund.id}:reversed`, of, "organizer_payable", "provider_clearing");
}
