import * as z from "zod";
import { idSchema, moneySchema } from "../shared/schemas.ts";

/**
 * Everything that workers tell one another through queues. A payload holds ids and plain facts and never a secret or
 * personal data: a consumer that needs a name or an address asks its owner by RPC when it acts, so neither queues, nor
 * dead letters, nor analytics keep any.
 */

/** Workers that keep personal data of accounts, and are told when a person is to be forgotten. */
export const erasureWorkers = ["events", "bookings", "payments", "notifications"] as const;
export type ErasureWorker = (typeof erasureWorkers)[number];

const eventScope = { eventId: idSchema("event"), organizationId: idSchema("organization") };
const items = z.array(z.object({ ticketTypeId: idSchema("ticketType"), quantity: z.int().min(1) }));

/** The public face of an event, as search shows it. */
export const publicEventSchema = z.object({
  ...eventScope,
  version: z.int().min(1),
  slug: z.string(),
  title: z.string(),
  summary: z.string(),
  description: z.string(),
  startsAtMs: z.int(),
  endsAtMs: z.int(),
  timezone: z.string(),
  place: z.string(),
  online: z.boolean(),
  latitude: z.number().nullable(),
  longitude: z.number().nullable(),
  categoryId: idSchema("category").nullable(),
  categoryName: z.string().nullable(),
  tags: z.array(z.string()),
  organizationName: z.string(),
  coverMediaId: idSchema("media").nullable(),
  accessVersion: z.int().min(1).nullable().default(null),
});
export type PublicEvent = z.infer<typeof publicEventSchema>;

const eventVersion = z.object({ ...eventScope, version: z.int().min(1) });
const orderFacts = z.object({
  ...eventScope,
  orderId: idSchema("order"),
  /** Grows with every change of the order; a smaller one that comes later is old news. */
  sequence: z.int().min(1),
  total: moneySchema,
  items,
});
const tally = z.int().min(0);
const ticketFacts = z.object({
  ...eventScope,
  ticketId: idSchema("ticket"),
  ticketTypeId: idSchema("ticketType"),
  atMs: z.int(),
});
const refundFacts = z.object({
  ...eventScope,
  orderId: idSchema("order"),
  paymentId: idSchema("payment"),
  refundId: idSchema("refund"),
  amount: moneySchema,
});

/** What holders of tickets are told of a change of their event. */
export const holderNotices = ["postponed", "rescheduled", "relocated"] as const;
export type HolderNotice = (typeof holderNotices)[number];
const noticed = { notice: z.enum(holderNotices), version: z.int().min(1) };

/** Payload schema by message type. */
export const messageSchemas = {
  "user.registered": z.object({ userId: idSchema("user") }),
  /** A mail about an account is to be written; what it says is asked of users by its id. */
  "user.letter_due": z.object({ letterId: idSchema("letter") }),
  /** A person is to be forgotten; what to look for is asked of users. */
  "user.erasure_due": z.object({ userId: idSchema("user") }),
  /** A worker has forgotten a person. */
  "user.erased": z.object({ userId: idSchema("user"), worker: z.enum(erasureWorkers) }),
  /** Its public name, address or description is another; asked of users by its id. */
  "organization.updated": z.object({ organizationId: idSchema("organization") }),
  "organization.created": z.object({ organizationId: idSchema("organization"), ownerId: idSchema("user") }),
  /** An organization wants to close: may it? */
  "organization.closing": z.object({ organizationId: idSchema("organization") }),
  "organization.closing_answered": z.object({
    organizationId: idSchema("organization"),
    /** How many events stand in the way. */
    openEvents: z.int().min(0),
  }),

  "event.published": z.object({ event: publicEventSchema }),
  "event.updated": z.object({ event: publicEventSchema }),
  "event.unpublished": eventVersion,
  /** It will take place, but not when it should have: nothing is sold until it has a new date. */
  "event.postponed": eventVersion.extend({ note: z.string().nullable().optional() }),
  /** Calls it off. Every order is cancelled, and what was paid goes back. */
  "event.cancelled": eventVersion.extend({ note: z.string().nullable().default(null) }),
  /** It is over. */
  "event.completed": eventVersion,
  "event.deleted": eventVersion,
  /** Dates of a series are to be made or changed; events tells itself, round after round. */
  "event.series_due": z.object({ seriesId: idSchema("series") }),
  /** Whoever holds a ticket is to be told of a change. */
  "event.notice_due": z.object({ ...eventScope, ...noticed }),
  /** Somebody is invited to a private event; whom, is asked of events by the id. */
  "event.invitation_due": z.object({ ...eventScope, guestId: idSchema("guest") }),

  /** How many reservations of an event one commit made and ended. A change of one is a release and a new one. */
  "reservations.counted": z.object({ ...eventScope, created: tally, released: tally, expired: tally }),
  "order.created": orderFacts,
  "order.confirmed": orderFacts,
  "order.expired": orderFacts,
  "order.cancelled": orderFacts,
  "order.refunded": orderFacts.extend({
    /** What went back this time, where it is known. */
    refunded: moneySchema.optional(),
  }),
  /** A payment came for an order that cannot be honoured: payments sends the money back. */
  "order.refund_due": z.object({
    ...eventScope,
    orderId: idSchema("order"),
    paymentId: idSchema("payment"),
    amount: moneySchema,
    reason: z.string(),
  }),
  /** Whoever bought this is forgotten: what is kept elsewhere of an order's buyer is to go as well. */
  "order.forgotten": z.object({ ...eventScope, orderId: idSchema("order") }),
  /** Its buyer is to be told of a change of the event. One message an order and version of the event. */
  "order.notice_due": z.object({ ...eventScope, ...noticed, orderId: idSchema("order") }),
  /** The query model is to read this order again from its object. */
  "order.changed": z.object({ ...eventScope, orderId: idSchema("order"), sequence: z.int().min(1) }),
  "ticket.checked_in": ticketFacts,
  "ticket.checked_out": ticketFacts,
  /** Price range and stock of the whole event, for search facets. */
  "capacity.changed": z.object({
    ...eventScope,
    sequence: z.int().min(1),
    priceMin: moneySchema.nullable(),
    priceMax: moneySchema.nullable(),
    soldOut: z.boolean(),
  }),

  "payment.succeeded": z.object({
    ...eventScope,
    orderId: idSchema("order"),
    paymentId: idSchema("payment"),
    amount: moneySchema,
  }),
  "payment.failed": z.object({
    ...eventScope,
    orderId: idSchema("order"),
    paymentId: idSchema("payment"),
    reason: z.string(),
  }),
  "refund.succeeded": refundFacts,
  "refund.failed": refundFacts,

  /** Someone looked at an event's page. */
  "event.viewed": z.object({
    eventId: idSchema("event"),
    visitor: z.string().nullable(),
    source: z.string().nullable(),
    atMs: z.int(),
  }),
} as const;

export type MessageType = keyof typeof messageSchemas;
export type Payload<T extends MessageType> = z.infer<(typeof messageSchemas)[T]>;
export const messageTypes = Object.keys(messageSchemas) as MessageType[];
