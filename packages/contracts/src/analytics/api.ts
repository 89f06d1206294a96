import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { currencySchema, idSchema, instantSchema, toEpochMs } from "../shared/schemas.ts";

/** A random id that a client made for itself; hashed before it is kept. */
const visitorSchema = z
  .string()
  .min(limits.visitorCharsMin)
  .max(limits.visitorCharsMax)
  .regex(/^[A-Za-z0-9_-]+$/, { error: "Letters, digits, - and _" })
  .meta({ description: "Random id made by the client. It is hashed with a salt that changes daily before it is kept" });

/** Where a visitor came from, such as `newsletter`. Too narrow for an address or a name of a person with a mail host. */
const trafficSourceSchema = z
  .string()
  .max(limits.trafficSourceCharsMax)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { error: "Letters, digits, dots, - and _" });

/** What a page tells of itself. */
export const trackBodySchema = z
  .strictObject({
    events: z
      .array(
        z.strictObject({
          type: z.literal("view"),
          eventId: idSchema("event"),
          visitor: visitorSchema.optional(),
          source: trafficSourceSchema.optional(),
        }),
      )
      .min(1)
      .max(limits.trackedEventsPerCallMax),
  })
  .meta({ id: "TrackBody" });
export type TrackBody = z.infer<typeof trackBodySchema>;
export const trackAnswerSchema = z.object({ accepted: z.int() }).meta({ id: "TrackAnswer" });

/** A sum over many orders; unlike a price, it is not limited. */
export const moneySumSchema = z
  .object({ amount: z.int(), currency: currencySchema })
  .meta({ id: "MoneySum", description: "Sum in integer minor units, one for each currency" });

const count = z.int().min(0);
const figures = {
  views: count,
  visitors: count.meta({ description: "Different visitors of each day, added up over the days" }),
  reservations: z.object({ created: count, released: count, expired: count }),
  orders: z.object({ created: count, confirmed: count, cancelled: count, refunded: count, expired: count }),
  ticketsSold: count.meta({ description: "Tickets of confirmed orders; refunds are not taken off" }),
  revenue: z.array(moneySumSchema).meta({ description: "Totals of confirmed orders; refunds are not taken off" }),
  refunds: z.array(moneySumSchema).meta({ description: "Money that went back" }),
  checkIns: count.meta({ description: "Tickets that were admitted at least once" }),
  updatedAt: z.string().nullable().meta({ description: "When the figures changed last; null while there are none" }),
};

/** Figures of one event. */
export const eventSummarySchema = z
  .object({ eventId: idSchema("event"), ...figures })
  .meta({ id: "EventAnalyticsSummary" });
export type EventSummary = z.infer<typeof eventSummarySchema>;

/** Figures of all events of an organization that something is known of. */
export const organizationSummarySchema = z
  .object({ organizationId: idSchema("organization"), events: count, ...figures })
  .meta({ id: "OrganizationAnalyticsSummary" });
export type OrganizationSummary = z.infer<typeof organizationSummarySchema>;

/** Steps of a series, in UTC. */
export const seriesIntervals = ["hour", "day"] as const;
export type SeriesInterval = (typeof seriesIntervals)[number];

const momentSchema = instantSchema.transform(toEpochMs).meta({ type: "string", format: "date-time" });

export const salesQuerySchema = z.strictObject({
  interval: z.enum(seriesIntervals).default("day"),
  from: momentSchema.optional().meta({ description: "30 days (or, by hour, 7 days) before `to` unless given" }),
  to: momentSchema.optional().meta({ description: "Now unless given; not included" }),
});
export type SalesQuery = z.infer<typeof salesQuerySchema>;

/** Sales over time; steps without any are there too, so that it can be drawn as it is. */
export const salesSeriesSchema = z
  .object({
    eventId: idSchema("event"),
    interval: z.enum(seriesIntervals),
    data: z.array(
      z.object({
        startsAt: z.string(),
        orders: count,
        ticketsSold: count,
        revenue: z.array(moneySumSchema),
        refunds: z.array(moneySumSchema),
      }),
    ),
  })
  .meta({ id: "SalesSeries" });
export type SalesSeries = z.infer<typeof salesSeriesSchema>;
