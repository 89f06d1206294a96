import * as z from "zod";

/** What is read of Stripe's objects. Whatever else comes back, such as a page without `error`, does not pass. */

const metadata = z
  .object({ foyer_order_id: z.string(), foyer_payment_id: z.string(), foyer_refund_id: z.string() })
  .partial()
  .nullish();
const currency = z.string().length(3);
const minor = z.int().min(0);

export const intentSchema = z.object({
  object: z.literal("payment_intent"),
  id: z.string().min(1),
  status: z.string(),
  amount: minor,
  amount_received: minor.nullish(),
  currency,
  client_secret: z.string().nullish(),
  metadata,
  last_payment_error: z.object({ code: z.string().nullish(), decline_code: z.string().nullish() }).nullish(),
});
export type Intent = z.infer<typeof intentSchema>;

export const sessionSchema = z.object({
  object: z.literal("checkout.session"),
  id: z.string().min(1),
  status: z.enum(["open", "complete", "expired"]).nullable(),
  payment_status: z.string(),
  amount_total: minor.nullable(),
  currency: currency.nullable(),
  url: z.string().nullish(),
  metadata,
  payment_intent: z.union([z.string(), intentSchema]).nullish(),
});
export type Session = z.infer<typeof sessionSchema>;

export const refundSchema = z.object({
  object: z.literal("refund"),
  id: z.string().min(1),
  status: z.string().nullable(),
  amount: minor,
  currency,
  payment_intent: z.union([z.string(), z.object({ id: z.string() })]).nullish(),
  metadata,
  failure_reason: z.string().nullish(),
});
export type RefundShape = z.infer<typeof refundSchema>;

export const refundListSchema = z.object({ object: z.literal("list"), data: z.array(refundSchema) });

export const eventSchema = z.object({
  id: z.string().min(1).max(255),
  object: z.literal("event"),
  type: z.string().min(1).max(255),
  data: z.object({
    object: z.object({
      id: z.string().optional(),
      object: z.string(),
      payment_intent: z.union([z.string(), z.object({ id: z.string() })]).nullish(),
      metadata,
    }),
  }),
});
