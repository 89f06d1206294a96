import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import {
  emailSchema,
  idSchema,
  lineSchema,
  localeSchema,
  pageSchema,
  textSchema,
  timezoneSchema,
  zonedTimeSchema,
} from "../shared/schemas.ts";
import { eventPasswordSchema, eventSlugSchema, minimumAgeSchema } from "./fields.ts";
import { locationInputSchema, locationSchema } from "./locations.ts";
import { eventTagsSchema } from "./tags.ts";
import { eventTimeSchema } from "./times.ts";

export const eventStatuses = [
  "draft",
  "scheduled",
  "published",
  "postponed",
  "cancelled",
  "completed",
  "archived",
] as const;
export type EventStatus = (typeof eventStatuses)[number];

export const visibilities = ["public", "unlisted", "password", "private"] as const;
export type Visibility = (typeof visibilities)[number];

export type { EventLocation } from "./locations.ts";

/** Null or a value. A union, because the document's generator loses `nullable` on named and custom schemas. */
function orNull<T extends z.ZodType>(schema: T) {
  return z.union([schema, z.null()]);
}

/** A title and a description in one language. */
export const eventTextSchema = z
  .strictObject({
    title: lineSchema(limits.titleCharsMax),
    description: textSchema(limits.descriptionCharsMax).default(""),
  })
  .meta({ id: "EventText" });
export type EventText = z.infer<typeof eventTextSchema>;

const webUrlSchema = z.url({ protocol: /^https?$/ }).max(limits.urlCharsMax);

/** What an event says of itself beside its text, time and place. What is not said is left out. */
export const eventDetailsSchema = z
  .strictObject({
    contact: z
      .strictObject({
        name: lineSchema(limits.nameCharsMax),
        email: emailSchema,
        phone: lineSchema(limits.phoneCharsMax),
        url: webUrlSchema,
      })
      .partial(),
    links: z
      .array(z.strictObject({ label: lineSchema(limits.nameCharsMax), url: webUrlSchema }))
      .max(limits.linksPerEventMax),
    refundPolicy: z.strictObject({
      kind: z.enum(["none", "until", "flexible"]),
      /** With `until`: how many days before the start. */
      days: z.int().min(0).max(limits.refundPolicyDaysMax).optional(),
      text: textSchema(limits.refundPolicyCharsMax).optional(),
    }),
    seo: z
      .strictObject({
        title: lineSchema(limits.seoTitleCharsMax),
        description: lineSchema(limits.seoDescriptionCharsMax),
      })
      .partial(),
  })
  .partial()
  .meta({ id: "EventDetails" });
export type EventDetails = z.infer<typeof eventDetailsSchema>;

/** Further titles and descriptions by BCP 47 tag. */
const translationsSchema = z
  .record(localeSchema, eventTextSchema)
  .refine((texts) => Object.keys(texts).length <= limits.translationsPerEventMax, {
    error: `At most ${limits.translationsPerEventMax} languages`,
  })
  .meta({ type: "object", additionalProperties: { $ref: "#/components/schemas/EventText" } });

const details = eventDetailsSchema.shape;

const confirmSchema = z.boolean().meta({ description: "That time or place may change although tickets are out" });

/** `POST /v1/events`. A draft may lack times and a place; publishing asks for them. */
export const createEventSchema = z
  .strictObject({
    organizationId: idSchema("organization"),
    title: lineSchema(limits.titleCharsMax),
    description: textSchema(limits.descriptionCharsMax).default(""),
    startsAt: orNull(eventTimeSchema).default(null),
    endsAt: orNull(eventTimeSchema).default(null),
    timezone: timezoneSchema.default("UTC"),
    allDay: z.boolean().default(false).meta({ description: "Lasts whole days; its times are dates" }),
    location: locationInputSchema.nullable().default(null),
    categoryId: orNull(idSchema("category")).default(null),
    tags: eventTagsSchema.default([]),
    visibility: z.enum(visibilities).default("public"),
    password: eventPasswordSchema.optional(),
    slug: eventSlugSchema.optional().meta({ description: "Made from the title where it is left out" }),
    locale: localeSchema.default("en").meta({ description: "The language of title and description" }),
    translations: translationsSchema.default({}),
    minimumAge: minimumAgeSchema.nullable().default(null),
    ...details,
  })
  .meta({ id: "CreateEvent" });
export type CreateEvent = z.infer<typeof createEventSchema>;

/** `PUT /v1/events/{idOrSlug}`: the whole content. What is left out is reset, but for the slug, and the password of an event that keeps its gate. */
export const replaceEventSchema = createEventSchema
  .omit({ organizationId: true })
  .extend({ confirm: confirmSchema.optional() })
  .meta({ id: "ReplaceEvent" });
export type ReplaceEvent = z.infer<typeof replaceEventSchema>;

/** `PATCH /v1/events/{idOrSlug}`: only what is named changes (RFC 7396 in spirit: null removes). */
export const updateEventSchema = z
  .strictObject({
    title: lineSchema(limits.titleCharsMax),
    description: textSchema(limits.descriptionCharsMax),
    startsAt: orNull(eventTimeSchema),
    endsAt: orNull(eventTimeSchema),
    timezone: timezoneSchema,
    allDay: z.boolean(),
    location: locationInputSchema.nullable(),
    categoryId: orNull(idSchema("category")),
    tags: eventTagsSchema,
    visibility: z.enum(visibilities),
    confirm: confirmSchema,
    password: eventPasswordSchema,
    slug: eventSlugSchema,
    locale: localeSchema,
    translations: translationsSchema,
    minimumAge: minimumAgeSchema.nullable(),
    contact: orNull(details.contact.unwrap()),
    links: orNull(details.links.unwrap()),
    refundPolicy: orNull(details.refundPolicy.unwrap()),
    seo: orNull(details.seo.unwrap()),
  })
  .partial()
  .meta({ id: "UpdateEvent" });
export type UpdateEvent = z.infer<typeof updateEventSchema>;

/** The image shown with an event. */
export const coverSchema = z
  .object({
    mediaId: idSchema("media"),
    url: z.string(),
    contentType: z.string(),
    width: z.int(),
    height: z.int(),
    alt: z.string().meta({ description: "What it shows, for those who do not see it; empty where nobody said" }),
  })
  .meta({ id: "EventCover" });

const summaryFields = {
  id: idSchema("event"),
  slug: z.string(),
  url: z.string().meta({ description: "Its address: bare where the slug is its own on the whole platform" }),
  status: z.enum(eventStatuses),
  version: z.int().meta({ description: "Grows with every change; also the ETag" }),
  organization: z.object({ id: idSchema("organization"), name: z.string() }),
  locale: z.string().meta({ description: "The language of what is shown" }),
  title: z.string(),
  summary: z.string().meta({ description: "The beginning of the description" }),
  startsAt: orNull(zonedTimeSchema),
  endsAt: orNull(zonedTimeSchema),
  timezone: z.string(),
  allDay: z.boolean().meta({ description: "Lasts whole days; its end is the midnight after the last one" }),
  previousStartsAt: orNull(zonedTimeSchema).meta({ description: "When it was to start before it was moved" }),
  statusNote: z.string().nullable().meta({ description: "What the organizer says of a cancellation or postponement" }),
  location: locationSchema.nullable(),
  categoryId: orNull(idSchema("category")),
  tags: z.array(z.string()),
  visibility: z.enum(visibilities),
  minimumAge: z.int().nullable(),
  cover: orNull(coverSchema),
  createdAt: z.string(),
  updatedAt: z.string(),
  publishedAt: z.string().nullable().meta({ description: "First time of publishing" }),
  publishAt: z.string().nullable().meta({ description: "When a scheduled event becomes public by itself" }),
  seriesId: orNull(idSchema("series")),
  recurrenceId: z.string().nullable().meta({ description: "Of a series: the wall-clock start that its rule gave it" }),
};

/** An event in a list: everything but the whole description. */
export const eventSummarySchema = z.object(summaryFields).meta({ id: "EventSummary" });
export type EventSummaryView = z.infer<typeof eventSummarySchema>;

/** An event alone. */
export const eventSchema = z
  .object({
    ...summaryFields,
    description: z.string().meta({ description: "Markdown (CommonMark)" }),
    descriptionHtml: z.string().meta({ description: "The same as HTML that is safe to show" }),
    locales: z.array(z.string()).meta({ description: "The languages that it is written in, its own first" }),
    contact: orNull(details.contact.unwrap()),
    links: details.links.unwrap(),
    refundPolicy: orNull(details.refundPolicy.unwrap()),
    seo: orNull(details.seo.unwrap()),
    translations: z
      .record(z.string(), eventTextSchema)
      .optional()
      .meta({ description: "As they are kept; members of the organization only" }),
  })
  .meta({ id: "Event" });
export type EventView = z.infer<typeof eventSchema>;

export const eventPageSchema = pageSchema(eventSummarySchema).meta({ id: "EventPage" });

/** `{idOrSlug}` of an event's path. */
export const eventPathSchema = z.object({
  idOrSlug: z
    .string()
    .regex(/^(?:evt_[0-9a-z]{26}|[a-z0-9]+(?:-[a-z0-9]+)*)$/)
    .max(limits.eventSlugCharsMax),
});
/** `{idOrSlug}` of an organization, and one of its events' slugs. */
export const eventOfOrganizationPathSchema = z.object({
  idOrSlug: z
    .string()
    .regex(/^(?:org_[0-9a-z]{26}|[a-z0-9]+(?:-[a-z0-9]+)*)$/)
    .max(limits.slugCharsMax),
  slug: z
    .string()
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
    .max(limits.eventSlugCharsMax),
});
/** `?locale=`: the language that is wanted, instead of what `Accept-Language` says. */
export const readEventQuerySchema = z.object({ locale: localeSchema.optional() });
export const eventIdPathSchema = z.object({ id: idSchema("event") });
