import type { OrderId, PaymentId } from "@foyer/kernel/ids";

/** States of a payment. */
export const paymentStatuses = ["open", "processing", "succeeded", "failed", "cancelled", "expired"] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

/** Metadata that every object made at the provider carries, so that a lost answer can be matched again. */
export interface PaymentMetadata {
  readonly foyer_order_id: OrderId;
  readonly foyer_payment_id: PaymentId;
}
