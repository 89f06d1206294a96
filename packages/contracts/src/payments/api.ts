import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { idSchema, lineSchema, moneySchema, pageQuerySchema, pageSchema } from "../shared/schemas.ts";
import { paymentStatuses } from "./rpc.ts";

/** How the buyer pays: on the provider's own page, or in the client's page with the provider's elements. */
export const paymentMethods = ["checkout", "intent"] as const;
export type PaymentMethod = (typeof paymentMethods)[number];

/** States of a refund. */
export const refundStatuses = ["pending", "succeeded", "failed"] as const;
export type RefundStatus = (typeof refundStatuses)[number];

/** Names of this machine, where pages under development are served without https. */
const ownHosts = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Where the buyer comes back to: https, or http on this machine for development. */
export const returnUrlSchema = z
  .string()
  .max(limits.urlCharsMax)
  .refine(isReturnUrl, { error: "An https address, or http on this machine, without user and password" })
  .meta({ type: "string", format: "uri", maxLength: limits.urlCharsMax, example: "https://tickets.example/return" });

function isReturnUrl(text: string): boolean {
  if (!/^https?:\/\/[^\p{Cc}\p{Cs}\s\\]+$/u.test(text)) return false;
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "") return false;
  return url.protocol === "https:" || ownHosts.has(url.hostname);
}

export const openPaymentBodySchema = z
  .strictObject({ method: z.enum(paymentMethods).default("checkout"), returnUrl: returnUrlSchema })
  .meta({ id: "OpenPaymentBody" });

export const requestRefundBodySchema = z
  .strictObject({
    amount: moneySchema.extend({ amount: z.int().min(1).max(limits.amountMinorMax) }).optional(),
    ticketIds: z.array(idSchema("ticket")).max(limits.ticketsPerReservationMax).default([]),
    reason: lineSchema(limits.refundReasonCharsMax),
  })
  .meta({ id: "RequestRefundBody", description: "Without an amount, all that is left of the payment goes back" });

const checkoutUrl = z.string().nullable().meta({ description: "The provider's page, while the payment is open" });
const clientSecret = z.string().nullable().meta({ description: "For the provider's elements, while it is open" });

const paymentFields = {
  id: idSchema("payment"),
  orderId: idSchema("order"),
  status: z.enum(paymentStatuses),
  provider: z.literal("stripe"),
  method: z.enum(paymentMethods),
  amount: moneySchema,
  expiresAt: z.string(),
  createdAt: z.string(),
};

/** A payment as its buyer sees it. */
export const buyerPaymentSchema = z
  .object({ payment: z.object({ ...paymentFields, checkoutUrl, clientSecret }).meta({ id: "BuyerPayment" }) })
  .meta({ id: "BuyerPaymentAnswer" });

/** A payment as the organizer sees it. */
export const paymentSchema = z
  .object({
    ...paymentFields,
    organizationId: idSchema("organization"),
    eventId: idSchema("event"),
    refunded: moneySchema.meta({ description: "Refunds that succeeded or are on their way" }),
    underReview: z.boolean().meta({ description: "A person has to look at it" }),
    failureReason: z.string().nullable(),
    paidAt: z.string().nullable(),
    updatedAt: z.string(),
  })
  .meta({ id: "Payment" });
export const paymentPageSchema = pageSchema(paymentSchema).meta({ id: "PaymentPage" });

export const listPaymentsQuerySchema = pageQuerySchema.extend({
  organizationId: idSchema("organization"),
  status: z.enum(paymentStatuses).optional(),
  orderId: idSchema("order").optional(),
});

export const refundSchema = z
  .object({
    id: idSchema("refund"),
    paymentId: idSchema("payment"),
    orderId: idSchema("order"),
    status: z.enum(refundStatuses),
    amount: moneySchema,
    reason: z.string(),
    ticketIds: z.array(idSchema("ticket")),
    failureReason: z.string().nullable(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: "Refund" });

/** Why a person has to look at a payment. */
export const reviewReasons = [
  "amount_mismatch",
  "metadata_mismatch",
  "unknown_payment",
  "order_not_confirmable",
  "refund_failed",
  "refund_not_recorded",
  "refund_reversed",
  "event_unprocessed",
] as const;
export type ReviewReason = (typeof reviewReasons)[number];

export const reviewCaseSchema = z
  .object({
    id: idSchema("reviewCase"),
    reason: z.enum(reviewReasons),
    paymentId: idSchema("payment").nullable(),
    orderId: idSchema("order").nullable(),
    organizationId: idSchema("organization").nullable(),
    providerReference: z.string().nullable(),
    detail: z.string(),
    openedAt: z.string(),
    resolvedAt: z.string().nullable(),
    resolution: z.string().nullable(),
  })
  .meta({ id: "ReviewCase" });
export const resolveReviewBodySchema = z
  .strictObject({ resolution: lineSchema(limits.refundReasonCharsMax) })
  .meta({ id: "ResolveReviewBody", description: "What was done about it" });
export const reviewPageSchema = pageSchema(reviewCaseSchema).meta({ id: "ReviewPage" });

/** What the provider is answered once its event is stored. */
export const webhookAnswerSchema = z.object({ received: z.literal(true) }).meta({ id: "WebhookAnswer" });
