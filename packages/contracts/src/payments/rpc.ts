/** States of a payment. */
export const paymentStatuses = ["open", "processing", "succeeded", "failed", "cancelled", "expired"] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];
