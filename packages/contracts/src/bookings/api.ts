import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { emailSchema, idSchema, instantSchema, lineSchema, moneySchema, textSchema } from "../shared/schemas.ts";
import { orderStatuses } from "./rpc.ts";
import { salesMomentSchema } from "./sales-moments.ts";

const capacitySchema = z.int().min(0).max(limits.capacityMax);
const poolIdsSchema = z
  .array(idSchema("pool"))
  .min(1)
  .max(limits.poolsPerTicketTypeMax)
  .refine((ids) => new Set(ids).size === ids.length, { error: "A pool is listed twice" });
const perOrderSchema = z.int().min(1).max(limits.quantityPerItemMax);
const accessCodeSchema = lineSchema(limits.accessCodeCharsMax);

/** A stock of places that ticket types draw on. */
export const poolSchema = z
  .object({
    id: idSchema("pool"),
    eventId: idSchema("event"),
    name: z.string(),
    capacity: z.int(),
    /** In reservations and unpaid orders. */
    held: z.int(),
    sold: z.int(),
    available: z.int(),
  })
  .meta({ id: "Pool" });

export const createPoolSchema = z
  .strictObject({ name: lineSchema(limits.nameCharsMax), capacity: capacitySchema })
  .meta({ id: "CreatePool" });
export const updatePoolSchema = z
  .strictObject({ name: lineSchema(limits.nameCharsMax).optional(), capacity: capacitySchema.optional() })
  .meta({ id: "UpdatePool" });

export const ticketTypeKinds = ["paid", "free"] as const;
export const ticketTypeVisibilities = ["public", "hidden"] as const;

/** What is sold: a price, limits and a window over one or several pools. */
export const ticketTypeSchema = z
  .object({
    id: idSchema("ticketType"),
    eventId: idSchema("event"),
    name: z.string(),
    description: z.string(),
    kind: z.enum(ticketTypeKinds),
    price: moneySchema,
    poolIds: z.array(idSchema("pool")),
    /** Places of its smallest pool. */
    capacity: z.int(),
    available: z.int(),
    minPerOrder: z.int(),
    maxPerOrder: z.int(),
    /** As they were given. */
    salesStartAt: salesMomentSchema.nullable(),
    salesEndAt: salesMomentSchema.nullable(),
    /** The same as instants, as the event is dated now. */
    salesOpensAt: z.string().nullable().meta({
      description: "RFC 3339; null where nothing was given, or while the event lacks the date that it is counted from",
    }),
    salesClosesAt: z.string().nullable().meta({ description: "As `salesOpensAt`" }),
    visibility: z.enum(ticketTypeVisibilities),
    /** Only for members of the organization. */
    accessCode: z.string().nullable().optional(),
  })
  .meta({ id: "TicketType" });

const ticketTypeFields = {
  name: lineSchema(limits.nameCharsMax),
  description: textSchema(limits.ticketDescriptionCharsMax),
  price: moneySchema,
  poolIds: poolIdsSchema,
  capacity: capacitySchema,
  minPerOrder: perOrderSchema,
  maxPerOrder: perOrderSchema,
  salesStartAt: salesMomentSchema.nullable(),
  salesEndAt: salesMomentSchema.nullable(),
  visibility: z.enum(ticketTypeVisibilities),
  accessCode: accessCodeSchema.nullable(),
};

export const createTicketTypeSchema = z
  .strictObject({
    ...ticketTypeFields,
    description: ticketTypeFields.description.default(""),
    kind: z.enum(ticketTypeKinds),
    price: moneySchema.optional(),
    poolIds: poolIdsSchema.optional(),
    capacity: capacitySchema.optional(),
    minPerOrder: perOrderSchema.default(1),
    maxPerOrder: perOrderSchema.default(10),
    salesStartAt: salesMomentSchema.nullable().default(null),
    salesEndAt: salesMomentSchema.nullable().default(null),
    visibility: z.enum(ticketTypeVisibilities).default("public"),
    accessCode: accessCodeSchema.nullable().default(null),
  })
  .refine((type) => (type.poolIds === undefined) !== (type.capacity === undefined), {
    error: "Give either poolIds or capacity",
    path: ["poolIds"],
  })
  .refine((type) => type.minPerOrder <= type.maxPerOrder, {
    error: "minPerOrder is larger than maxPerOrder",
    path: ["minPerOrder"],
  })
  .meta({ id: "CreateTicketType" });

export const updateTicketTypeSchema = z
  .strictObject(ticketTypeFields)
  .partial()
  .refine((type) => type.poolIds === undefined || type.capacity === undefined, {
    error: "Give either poolIds or capacity",
    path: ["poolIds"],
  })
  .meta({ id: "UpdateTicketType" });

export const availabilityStatuses = ["not_yet", "on_sale", "low", "sold_out", "ended"] as const;

/** What the crowd asks: at most a second old. Hidden ticket types are left out. */
export const availabilitySchema = z
  .object({
    ticketTypes: z.array(
      z.object({ id: idSchema("ticketType"), status: z.enum(availabilityStatuses), available: z.int() }),
    ),
    /** Grows with every change. */
    version: z.int(),
  })
  .meta({ id: "Availability" });

export const lineItemSchema = z
  .object({ ticketTypeId: idSchema("ticketType"), name: z.string(), quantity: z.int(), unitPrice: moneySchema })
  .meta({ id: "LineItem" });

export const createReservationSchema = z
  .strictObject({
    /** A ticket type may be listed once. */
    items: z
      .array(
        z.strictObject({
          ticketTypeId: idSchema("ticketType"),
          quantity: z.int().min(1).max(limits.quantityPerItemMax),
        }),
      )
      .min(1)
      .max(limits.itemsPerReservationMax),
    /** Opens the ticket types that have it. */
    accessCode: accessCodeSchema.optional(),
  })
  .meta({ id: "CreateReservation" });

/** What a reservation is to hold instead. */
export const updateReservationSchema = createReservationSchema.clone().meta({ id: "UpdateReservation" });

export const reservationStatuses = ["active", "converted", "released", "expired"] as const;

/** Places held for a short time. */
export const reservationSchema = z
  .object({
    id: idSchema("reservation"),
    eventId: idSchema("event"),
    status: z.enum(reservationStatuses),
    items: z.array(lineItemSchema),
    total: moneySchema,
    expiresAt: z.string(),
    /** Whether the one extension is still to be had. */
    extendable: z.boolean(),
    orderId: idSchema("order").nullable(),
  })
  .meta({ id: "Reservation" });

/** The answer to a new reservation: with the secret that proves who holds it. */
export const createdReservationSchema = reservationSchema
  .extend({ secret: z.string().meta({ description: "Show it as X-Reservation-Secret" }) })
  .meta({ id: "CreatedReservation" });

const personFields = { name: lineSchema(limits.nameCharsMax), email: emailSchema };

export const createOrderSchema = z
  .strictObject({
    reservationId: idSchema("reservation"),
    buyer: z.strictObject(personFields),
    /** One for each ticket, in the order of the items. */
    attendees: z
      .array(z.strictObject({ name: personFields.name, email: emailSchema.optional() }))
      .max(limits.ticketsPerReservationMax)
      .optional(),
    /** The organizer's questions, by their keys. */
    answers: z
      .record(z.string().regex(/^[a-z][A-Za-z0-9_-]{0,63}$/), lineSchema(limits.answerCharsMax, 0))
      .refine((answers) => Object.keys(answers).length <= limits.answersPerOrderMax, { error: "Too many answers" })
      .optional(),
  })
  .meta({ id: "CreateOrder" });

/** Who bought. Nobody is named where they were erased: *Deleted*, without an address. */
const buyerSchema = z.object({
  name: z.string(),
  email: z.string().meta({ description: "Empty where the buyer was erased" }),
});

/** What a buyer bought or is about to pay. */
export const orderSchema = z
  .object({
    id: idSchema("order"),
    eventId: idSchema("event"),
    reservationId: idSchema("reservation"),
    status: z.enum(orderStatuses),
    items: z.array(lineItemSchema),
    subtotal: moneySchema,
    discount: moneySchema,
    tax: moneySchema,
    fees: moneySchema,
    total: moneySchema,
    refunded: moneySchema,
    buyer: buyerSchema,
    answers: z.record(z.string(), z.string()),
    /** Null once nothing is held for the order any more. */
    expiresAt: z.string().nullable(),
    createdAt: z.string(),
    confirmedAt: z.string().nullable(),
  })
  .meta({ id: "Order" });

export const createdOrderSchema = z
  .object({ order: orderSchema, secret: z.string().meta({ description: "Show it as X-Order-Secret" }) })
  .meta({ id: "CreatedOrder" });

/** An order in a list: from the query model, which follows the box office within a second or so. */
export const orderSummarySchema = z
  .object({
    id: idSchema("order"),
    eventId: idSchema("event"),
    status: z.enum(orderStatuses),
    items: z.array(lineItemSchema),
    total: moneySchema,
    refunded: moneySchema,
    buyer: buyerSchema,
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: "OrderSummary" });

export const ticketStatuses = ["valid", "checked_in", "checked_out", "transferred", "void"] as const;

/** One person's way in. */
export const ticketSchema = z
  .object({
    id: idSchema("ticket"),
    eventId: idSchema("event"),
    orderId: idSchema("order"),
    ticketTypeId: idSchema("ticketType"),
    ticketTypeName: z.string(),
    status: z.enum(ticketStatuses),
    holderName: z.string(),
    /** The signed code that the door scans; null once the ticket admits nobody. */
    code: z.string().nullable(),
    checkedInAt: z.string().nullable(),
  })
  .meta({ id: "Ticket" });

export const ticketListSchema = z.object({ data: z.array(ticketSchema), nextCursor: z.null() });

export const checkInDirections = ["in", "out"] as const;
export const checkInResults = [
  "admitted",
  "checked_out",
  "already_checked_in",
  "not_checked_in",
  "void",
  "transferred",
  "wrong_event",
  "unknown",
] as const;

export const createCheckInSchema = z
  .strictObject({
    code: z.string().min(1).max(limits.ticketCodeCharsMax),
    direction: z.enum(checkInDirections).default("in"),
    /** Chosen by the device for each scan; the same one again gives the first answer. */
    nonce: z
      .string()
      .regex(/^[\x21-\x7e]{1,64}$/)
      .optional(),
    /** When the code was scanned, if that was earlier. */
    scannedAt: instantSchema.optional(),
  })
  .meta({ id: "CreateCheckIn" });

export const checkInSchema = z
  .object({
    result: z.enum(checkInResults),
    ticket: z
      .object({
        id: idSchema("ticket"),
        ticketTypeId: idSchema("ticketType"),
        ticketTypeName: z.string(),
        holderName: z.string(),
        status: z.enum(ticketStatuses),
      })
      .nullable(),
    /** When this ticket was first admitted. */
    checkedInAt: z.string().nullable(),
  })
  .meta({ id: "CheckIn" });

export const checkInStatsSchema = z
  .object({
    /** Tickets that may enter or have entered. */
    total: z.int(),
    checkedIn: z.int(),
    checkedOut: z.int(),
    ticketTypes: z.array(
      z.object({
        id: idSchema("ticketType"),
        name: z.string(),
        total: z.int(),
        checkedIn: z.int(),
        checkedOut: z.int(),
      }),
    ),
  })
  .meta({ id: "CheckInStats" });

/** The key that ticket codes of an event are signed with, for doors without a network. */
export const checkInKeySchema = z
  .object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: z.string() })
  .meta({ id: "CheckInKey", description: "Public Ed25519 key as a JWK (RFC 8037)" });
