import type { BookingsRpc } from "@foyer/contracts/bookings/rpc";
import type { UsersRpc } from "@foyer/contracts/users/rpc";
import type { Result } from "@foyer/kernel/result";
import type { Payment, ProviderPayment, ProviderRequest } from "../domain/payment.ts";
import type { ProviderRefund, Refund } from "../domain/refund.ts";

/**
 * The payment provider. Every method may be repeated. Failures: `platform.unavailable` where the answer is not known (slow,
 * down, too busy: ask again), `payments.not_accepted` and `payments.refund_refused` where the answer is no, and
 * `payments.provider_error` where it has failed under this idempotency key and will not do otherwise.
 */
export interface PaymentProvider {
  /** Opens a payment under its own idempotency key; a repetition finds what the first call made. */
  open(payment: Payment, request: ProviderRequest): Promise<Result<ProviderPayment>>;
  /** What the provider says now; null where it knows neither id. */
  read(ids: ProviderIds): Promise<Result<ProviderPayment | null>>;
  /** Makes sure that it can no longer be paid, and tells what it has become: it may have been paid meanwhile. */
  close(ids: ProviderIds): Promise<Result<ProviderPayment | null>>;
  /** Sends money back, under the refund's idempotency key. */
  refund(refund: Refund, intentId: string): Promise<Result<ProviderRefund>>;
  readRefund(providerRefundId: string): Promise<Result<ProviderRefund | null>>;
  /** All refunds of a payment, at most a hundred. */
  listRefunds(intentId: string): Promise<Result<readonly ProviderRefund[]>>;
  /** Checks that a body was signed by the provider; null where it was not. `nowMs` decides how old it is. */
  verifyEvent(body: string, signature: string, nowMs: number): Promise<ProviderEvent | null>;
  /** Reads an event that was stored after {@link verifyEvent}. */
  parseEvent(body: string): ProviderEvent | null;
}

/** Under which the provider keeps a payment; at least one is known. */
export interface ProviderIds {
  readonly intentId: string | null;
  readonly sessionId: string | null;
}

/** News from the provider: what it is about, never what it says of it, since that may be old. */
export interface ProviderEvent {
  readonly id: string;
  readonly type: string;
  /** Our own payment, where the object that it is about names one. It is said by others, and may be none of ours. */
  readonly paymentId: string | null;
  readonly subject:
    | {
        readonly kind: "payment";
        readonly ids: ProviderIds;
        /** Whether money has arrived, if the news are true. */
        readonly claimsPaid: boolean;
      }
    | { readonly kind: "refund"; readonly refundId: string; readonly intentId: string | null }
    | { readonly kind: "charge"; readonly intentId: string | null }
    | { readonly kind: "other" };
}

/**
 * What payments asks of bookings. A peer that cannot be reached or throws is `platform.unavailable`.
 */
export type Bookings = Pick<
  BookingsRpc,
  "getPayableOrder" | "getOrderState" | "getOrderDocument" | "confirmOrder" | "recordRefund" | "listOrdersOfPerson"
>;

/** What payments asks of users; failures as with {@link Bookings}. */
export type Users = Pick<UsersRpc, "authorize" | "getContacts" | "getErasure">;

/** Whether a failure says "again, later" and not "no". */
export function isTemporary(failure: { readonly code: string }): boolean {
  return failure.code === "platform.unavailable";
}
