import * as z from "zod";
import { idSchema, pageQuerySchema, pageSchema } from "../shared/schemas.ts";

/** Kinds of mail. */
export const mailKinds = [
  "verify_email",
  "reset_password",
  "confirm_email_change",
  "invitation",
  "notice",
  "order_confirmed",
  "order_cancelled",
  "order_refunded",
  "order_refund_due",
  "event_postponed",
  "event_rescheduled",
  "event_relocated",
  "event_invitation",
] as const;
export type MailKind = (typeof mailKinds)[number];

/**
 * States of a delivery: `queued` is being sent or will be tried again, `sent` was taken by the provider, `failed` was refused
 * for good, `suppressed` goes to an address that the provider no longer writes to.
 */
export const deliveryStatuses = ["queued", "sent", "failed", "suppressed"] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** One mail as administrators see it: who got it is masked, what it said is not kept. */
export const deliverySchema = z
  .object({
    id: idSchema("delivery"),
    messageId: idSchema("message"),
    kind: z.enum(mailKinds),
    recipient: z.string().meta({ description: "Masked; empty where they were erased", example: "b***@example.com" }),
    status: z.enum(deliveryStatuses),
    attempts: z.int(),
    provider: z.string(),
    providerMessageId: z.string().nullable(),
    errorClass: z.string().nullable().meta({ description: "Why the last attempt failed" }),
    createdAt: z.string(),
    updatedAt: z.string(),
    sentAt: z.string().nullable(),
  })
  .meta({ id: "MailDelivery" });

export const deliveryPageSchema = pageSchema(deliverySchema);

export const deliveryQuerySchema = pageQuerySchema.extend({ status: z.enum(deliveryStatuses).optional() });
