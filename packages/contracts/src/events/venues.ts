import { isCountryCode } from "@foyer/kernel/countries";
import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import type { ErrorCatalog } from "../shared/errors.ts";
import { idSchema, lineSchema, pageQuerySchema, pageSchema, textSchema } from "../shared/schemas.ts";

/** Null or a value. A union, because the document's generator loses `nullable` on named and custom schemas. */
function orNull<T extends z.ZodType>(schema: T) {
  return z.union([schema, z.null()]);
}

/** Degrees north and east, WGS 84. */
export const latitudeSchema = z.number().min(-90).max(90);
export const longitudeSchema = z.number().min(-180).max(180);

/** Of a country, region or town's delivery district; countries have forms of their own. */
export const postalCodeSchema = lineSchema(limits.postalCodeCharsMax);
export const regionSchema = lineSchema(limits.nameCharsMax);

const countryCodeSchema = z
  .string()
  .transform((code) => code.toUpperCase())
  .pipe(z.string().refine(isCountryCode, { error: "Not an ISO 3166-1 alpha-2 code" }))
  .meta({ type: "string", pattern: "^[A-Z]{2}$", example: "DE", description: "ISO 3166-1 alpha-2" });

/** What a place offers to those who need it. What is not said is not known. */
export const accessibilitySchema = z
  .strictObject({
    stepFree: z.boolean(),
    accessibleToilets: z.boolean(),
    hearingLoop: z.boolean(),
    parking: z.boolean().meta({ description: "Parking spaces for people with disabilities" }),
    assistanceDogs: z.boolean(),
    wheelchairSpaces: z.int().min(0).max(limits.wheelchairSpacesMax),
    notes: textSchema(limits.accessibilityNotesCharsMax, 1),
  })
  .partial()
  .meta({ id: "Accessibility" });
export type Accessibility = z.infer<typeof accessibilitySchema>;

const capacitySchema = z.int().min(1).max(limits.capacityMax).meta({ description: "People; informative" });

const roomSchema = z
  .object({
    id: idSchema("room"),
    name: z.string(),
    capacity: z.int().nullable(),
    accessibility: orNull(accessibilitySchema),
  })
  .meta({ id: "Room" });
export type RoomView = z.infer<typeof roomSchema>;

const roomInputSchema = z
  .strictObject({
    id: idSchema("room").optional().meta({ description: "Of a room that is there already; a new one gets its own" }),
    name: lineSchema(limits.nameCharsMax),
    capacity: capacitySchema.nullable().default(null),
    accessibility: orNull(accessibilitySchema)
      .default(null)
      .meta({ description: "What differs from the venue; the rest is as there" }),
  })
  .meta({ id: "RoomInput" });
export type RoomInput = z.infer<typeof roomInputSchema>;

const roomsSchema = z.array(roomInputSchema).max(limits.roomsPerVenueMax);
const notesSchema = textSchema(limits.venueNotesCharsMax).meta({
  description: "For members of the organization; no page of an event shows them",
});

const venueFields = {
  name: lineSchema(limits.titleCharsMax),
  address: lineSchema(limits.addressCharsMax),
  city: lineSchema(limits.nameCharsMax),
  country: countryCodeSchema,
};

/** `POST /v1/venues`. */
export const createVenueSchema = z
  .strictObject({
    organizationId: idSchema("organization"),
    ...venueFields,
    region: orNull(regionSchema).default(null),
    postalCode: orNull(postalCodeSchema).default(null),
    latitude: latitudeSchema.nullable().default(null),
    longitude: longitudeSchema.nullable().default(null),
    capacity: capacitySchema.nullable().default(null),
    accessibility: accessibilitySchema.default({}),
    rooms: roomsSchema.default([]),
    notes: notesSchema.default(""),
  })
  .meta({ id: "CreateVenue" });
export type CreateVenue = z.infer<typeof createVenueSchema>;

/** `PATCH /v1/venues/{id}`: only what is named changes; `rooms` are given as they are to be, those that stay with their ids. */
export const updateVenueSchema = z
  .strictObject({
    ...venueFields,
    region: orNull(regionSchema),
    postalCode: orNull(postalCodeSchema),
    latitude: latitudeSchema.nullable(),
    longitude: longitudeSchema.nullable(),
    capacity: capacitySchema.nullable(),
    accessibility: accessibilitySchema,
    rooms: roomsSchema,
    notes: notesSchema,
    confirm: z.boolean().meta({ description: "Whether holders of tickets may be told that their event has moved" }),
  })
  .partial()
  .meta({ id: "UpdateVenue" });
export type UpdateVenue = z.infer<typeof updateVenueSchema>;

/** A place that an organization holds events in. */
export const venueSchema = z
  .object({
    id: idSchema("venue"),
    organizationId: idSchema("organization"),
    version: z.int().meta({ description: "Grows with every change; also the ETag" }),
    name: z.string(),
    address: z.string(),
    city: z.string(),
    region: z.string().nullable(),
    postalCode: z.string().nullable(),
    country: z.string(),
    latitude: z.number().nullable(),
    longitude: z.number().nullable(),
    capacity: z.int().nullable(),
    accessibility: accessibilitySchema,
    rooms: z.array(roomSchema),
    notes: z.string(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: "Venue" });
export type VenueView = z.infer<typeof venueSchema>;
export const venuePageSchema = pageSchema(venueSchema).meta({ id: "VenuePage" });
export const venuePathSchema = z.object({ id: idSchema("venue") });

/** `GET /v1/venues`. */
export const listVenuesQuerySchema = pageQuerySchema.extend({
  organizationId: idSchema("organization"),
  q: lineSchema(limits.searchQueryCharsMax).optional().meta({ description: "Part of its name, address or city" }),
});

/** What the routes of venues answer with, beside the common codes. */
export const venueErrors = {
  "events.venue_not_found": { kind: "not_found", title: "No such venue" },
  "events.venue_in_use": { kind: "conflict", title: "Events that are not over take place there" },
  "events.too_many_venues": { kind: "conflict", title: "The organization has as many venues as it can have" },
} as const satisfies ErrorCatalog;
