import { eventStatuses } from "@foyer/contracts/events/api";
import { callContextSchema } from "@foyer/contracts/shared/actor";
import { currencySchema, idSchema } from "@foyer/contracts/shared/schemas";
import { limits } from "@foyer/kernel/limits";
import * as z from "zod";

/** Schemas of what other workers send. They are ours, and still parsed: a wall is a wall. */
export const callSchema = callContextSchema;

const eventFactsSchema = z.object({
  eventId: idSchema("event"),
  organizationId: idSchema("organization"),
  version: z.int().min(1),
  status: z.enum(eventStatuses),
  slug: z.string(),
  title: z.string(),
  startsAtMs: z.int().nullable(),
  endsAtMs: z.int().nullable(),
  timezone: z.string(),
  place: z.string(),
  // A worker that was deployed before these were known says nothing of them.
  accessVersion: z.int().min(1).nullable().default(null),
  note: z.string().nullable().default(null),
});
// Money may be more here than a price may be: a payment is what it is, and is compared, not trusted.
const paidSchema = z.object({ amount: z.int().min(0), currency: currencySchema });
const proofSchema = z
  .object({ secret: z.string().optional() })
  .transform(({ secret }) => (secret === undefined ? {} : { secret }));

export const eventInputSchema = z.object({ event: eventFactsSchema });
export const eventIdInputSchema = z.object({ eventId: idSchema("event") });
export const copySaleInputSchema = z.object({ fromEventId: idSchema("event"), to: eventFactsSchema });
export const holdsTicketInputSchema = z.object({
  eventId: idSchema("event"),
  orderId: idSchema("order").optional(),
  proof: proofSchema,
});
export const salesSummaryInputSchema = z.object({
  organizationId: idSchema("organization"),
  eventIds: z.array(idSchema("event")).max(limits.idsPerCallMax).default([]),
});
export const closeSaleInputSchema = z.object({ eventId: idSchema("event"), version: z.int().min(1) });
export const orderIdInputSchema = z.object({ orderId: idSchema("order") });
export const ordersOfPersonInputSchema = z.object({
  userId: idSchema("user"),
  email: z.string().nullable(),
  madeUntilMs: z.int().min(0),
  after: z.tuple([z.number(), z.string()]).nullable(),
});
export const heldOrderInputSchema = z.object({ orderId: idSchema("order"), proof: proofSchema });
export const payableOrderInputSchema = heldOrderInputSchema.extend({ holdUntilMs: z.int().min(0) });
export const confirmOrderInputSchema = z.object({
  orderId: idSchema("order"),
  paymentId: idSchema("payment"),
  paid: paidSchema,
  paidAtMs: z.int().min(0),
});
export const recordRefundInputSchema = z.object({
  orderId: idSchema("order"),
  refundId: idSchema("refund"),
  paymentId: idSchema("payment").optional(),
  amount: paidSchema,
  ticketIds: z.array(idSchema("ticket")).max(limits.ticketsPerReservationMax),
});
