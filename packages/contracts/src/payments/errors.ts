import { bookingsErrors } from "../bookings/errors.ts";
import type { ErrorCatalog } from "../shared/errors.ts";

/** Every code that payments answers with, beside the common ones. What bookings says of an order is passed on as it is. */
export const paymentsErrors = {
  "payments.not_found": { kind: "not_found", title: "No such payment" },
  "payments.refund_not_found": { kind: "not_found", title: "No such refund" },
  "payments.review_not_found": { kind: "not_found", title: "No such open case" },
  "payments.organization_not_found": { kind: "not_found", title: "No such organization" },
  "payments.nothing_due": { kind: "conflict", title: "Nothing is owed for the order" },
  "payments.already_paid": { kind: "conflict", title: "The order is paid already" },
  "payments.under_review": { kind: "conflict", title: "The payment is being looked at by a person" },
  "payments.amount_changed": { kind: "conflict", title: "Another amount is already being paid" },
  "payments.not_accepted": { kind: "conflict", title: "The payment provider does not accept the payment" },
  "payments.provider_error": { kind: "unavailable", title: "The payment provider failed" },
  "payments.not_refundable": { kind: "conflict", title: "The payment has not succeeded" },
  "payments.refund_exceeds_payment": { kind: "conflict", title: "The refunds would exceed what was paid" },
  "payments.too_many_refunds": { kind: "conflict", title: "The payment has as many refunds as it can have" },
  "payments.refund_refused": { kind: "conflict", title: "The payment provider refused the refund" },
  "payments.currency_mismatch": { kind: "invalid", title: "The payment was made in another currency" },
  "payments.ticket_not_of_order": { kind: "invalid", title: "A ticket is not of the payment's order" },
  "payments.invalid_signature": { kind: "malformed", title: "The signature does not fit the body" },
  "bookings.order_not_found": bookingsErrors["bookings.order_not_found"],
  "bookings.order_expired": bookingsErrors["bookings.order_expired"],
  "bookings.order_not_payable": bookingsErrors["bookings.order_not_payable"],
  "messaging.dead_letter_not_found": bookingsErrors["messaging.dead_letter_not_found"],
  "messaging.replay_failed": bookingsErrors["messaging.replay_failed"],
} as const satisfies ErrorCatalog;
