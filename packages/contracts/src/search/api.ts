import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import {
  currencySchema,
  idSchema,
  instantSchema,
  lineSchema,
  moneySchema,
  pageQuerySchema,
  toEpochMs,
  zonedTimeSchema,
} from "../shared/schemas.ts";

const momentSchema = instantSchema.transform(toEpochMs).meta({ type: "string", format: "date-time" });

const flagSchema = z
  .enum(["true", "false"])
  .transform((text) => text === "true")
  .meta({ type: "string", enum: ["true", "false"] });

const placePattern = /^-?\d{1,2}(?:\.\d{1,10})?,-?\d{1,3}(?:\.\d{1,10})?$/;

/** `lat,lng` in decimal degrees (WGS 84). */
const nearSchema = z
  .string()
  .max(64)
  .regex(placePattern, { error: "Latitude and longitude in degrees: 52.52,13.405" })
  .transform((text, context) => {
    const [latitude = Number.NaN, longitude = Number.NaN] = text.split(",").map(Number);
    if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) return { latitude, longitude };
    context.addIssue({ code: "custom", message: "No such place on Earth" });
    return z.NEVER;
  })
  .meta({ type: "string", pattern: placePattern.source, example: "52.52,13.405" });

const wholeAmountSchema = z
  .string()
  .regex(/^\d{1,9}$/, { error: "A whole number of minor units" })
  .transform(Number)
  .pipe(z.int().max(limits.amountMinorMax))
  .meta({ type: "integer", minimum: 0, maximum: limits.amountMinorMax });

/** What an event may be searched by. Everything given must hold. */
export const searchQuerySchema = z
  .strictObject({
    ...pageQuerySchema.shape,
    q: lineSchema(limits.searchQueryCharsMax, 0)
      .optional()
      .meta({ description: "Words to be found in title, tags, category, organizer, place or text" }),
    category: lineSchema(limits.nameCharsMax).optional().meta({ description: "Id or name of a category" }),
    tag: lineSchema(limits.tagCharsMax).optional(),
    from: momentSchema
      .optional()
      .meta({ description: "Starts at or after; without it, events that are not over yet", format: "date-time" }),
    to: momentSchema.optional().meta({ description: "Starts before", format: "date-time" }),
    near: nearSchema.optional(),
    radiusKm: z.coerce
      .number()
      .gt(0)
      .max(limits.searchRadiusKmMax)
      .optional()
      .meta({ description: `Around \`near\`; ${limits.searchRadiusKmDefault} unless given` }),
    priceMax: wholeAmountSchema
      .optional()
      .meta({ description: "The cheapest ticket costs at most this, in minor units; see `currency`" }),
    currency: currencySchema.optional(),
    free: flagSchema.optional(),
    online: flagSchema.optional(),
    organizationId: idSchema("organization").optional(),
    sort: z
      .enum(["relevance", "date"])
      .optional()
      .meta({ description: "By relevance where there is a `q`, else by date, soonest first" }),
  })
  .refine(({ near, radiusKm }) => near !== undefined || radiusKm === undefined, {
    path: ["radiusKm"],
    error: "Needs `near`",
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ["to"],
    error: "Must be after `from`",
  });
export type SearchQuery = z.infer<typeof searchQuerySchema>;

/** The query of suggestions: what has been typed so far. */
export const suggestQuerySchema = z.strictObject({ q: lineSchema(limits.searchQueryCharsMax, 0) });

const markedText = z
  .string()
  .nullable()
  .meta({ description: "HTML: what matched is in <mark>, everything else is escaped. Null where nothing matched" });

/** One event as a search shows it. */
export const searchHitSchema = z
  .object({
    id: idSchema("event"),
    slug: z.string(),
    title: z.string(),
    summary: z.string(),
    startsAt: zonedTimeSchema,
    place: z.string(),
    online: z.boolean(),
    category: z.object({ id: idSchema("category"), name: z.string() }).nullable(),
    tags: z.array(z.string()),
    organization: z.object({ id: idSchema("organization"), name: z.string() }),
    // Unions, because the generator of the document drops the null of what has a name or a type of its own.
    priceMin: z.union([moneySchema, z.null()]),
    priceMax: z.union([moneySchema, z.null()]),
    soldOut: z.boolean(),
    coverMediaId: z.union([idSchema("media"), z.null()]),
    highlights: z.object({ title: markedText, summary: markedText, description: markedText }),
  })
  .meta({ id: "SearchHit" });
export type SearchHit = z.infer<typeof searchHitSchema>;

/** How the found events divide; the most frequent values first. */
export const searchFacetsSchema = z
  .object({
    categories: z.array(z.object({ id: idSchema("category"), name: z.string(), count: z.int() })),
    tags: z.array(z.object({ tag: z.string(), count: z.int() })),
  })
  .meta({ id: "SearchFacets", description: `Counted over at most ${limits.facetDocumentsMax} of the found events` });
export type SearchFacets = z.infer<typeof searchFacetsSchema>;

/** A page of found events. */
export const searchPageSchema = z
  .object({
    data: z.array(searchHitSchema),
    nextCursor: z.string().nullable(),
    facets: searchFacetsSchema,
    /** What was looked for instead, where a word as written is in no event. */
    correctedTo: z.array(z.string()).nullable(),
  })
  .meta({ id: "SearchPage" });
export type SearchPage = z.infer<typeof searchPageSchema>;

/** Something to complete what is being typed with. */
export const suggestionSchema = z
  .object({
    kind: z.enum(["event", "tag"]),
    text: z.string(),
    /** Of the event, where it is one. */
    id: z.union([idSchema("event"), z.null()]),
    slug: z.string().nullable(),
  })
  .meta({ id: "SearchSuggestion" });
export type Suggestion = z.infer<typeof suggestionSchema>;
export const suggestionsSchema = z.object({ data: z.array(suggestionSchema) }).meta({ id: "SearchSuggestions" });
