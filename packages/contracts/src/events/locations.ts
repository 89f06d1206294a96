import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { idSchema, lineSchema } from "../shared/schemas.ts";
import { accessibilitySchema, latitudeSchema, longitudeSchema, postalCodeSchema, regionSchema } from "./venues.ts";

const meetingUrlSchema = z
  .url({ protocol: /^https?$/ })
  .max(limits.urlCharsMax)
  .meta({ description: "Where to join; shown to members of the organization, never in public answers" });

const addressFields = {
  name: lineSchema(limits.titleCharsMax),
  address: lineSchema(limits.addressCharsMax),
  city: lineSchema(limits.nameCharsMax),
  country: lineSchema(limits.nameCharsMax),
};
const furtherFields = {
  region: regionSchema.optional(),
  postalCode: postalCodeSchema.optional(),
  latitude: latitudeSchema.optional(),
  longitude: longitudeSchema.optional(),
  accessibility: accessibilitySchema.optional(),
};
const venueFields = {
  venueId: idSchema("venue").optional().meta({ description: "One of the organization's venues" }),
  roomId: idSchema("room").optional().meta({ description: "One of the venue's rooms" }),
  room: lineSchema(limits.nameCharsMax).optional().meta({ description: "The room's name" }),
};

const onlineLocationSchema = z
  .strictObject({ kind: z.literal("online"), url: meetingUrlSchema.optional() })
  .meta({ id: "OnlineLocation" });

const placeFields = { ...addressFields, ...furtherFields, ...venueFields };

/** Where an event takes place. What is at a venue of its organization is a copy, which follows the venue until the event is over. */
export const locationSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("venue"), ...placeFields }).meta({ id: "VenueLocation" }),
  onlineLocationSchema,
  z
    .strictObject({ kind: z.literal("hybrid"), ...placeFields, url: meetingUrlSchema.optional() })
    .meta({ id: "HybridLocation" }),
]);
export type EventLocation = z.infer<typeof locationSchema>;

const inputFields = { ...z.object(addressFields).partial().shape, ...furtherFields, ...venueFields };
const inputMeta = {
  description:
    "Either `venueId` (with `roomId`), and everything else is the venue's and not read; or `name`, `address`, `city` and `country`.",
};

/** Whoever names no venue says where it is. */
function checkPlace(value: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  if (value.venueId !== undefined) return;
  for (const name of Object.keys(addressFields)) {
    if (value[name] === undefined)
      context.addIssue({ code: "custom", path: [name], message: "Needed where no venue is named" });
  }
  for (const name of ["roomId", "room"]) {
    if (value[name] !== undefined)
      context.addIssue({ code: "custom", path: [name], message: "Needs the venue that it is in" });
  }
}

/**
 * Where an event is to take place, as organizers say it. What `locationSchema` describes may be sent back as it was read: beside `venueId`, the
 * copied fields are not heeded.
 */
export const locationInputSchema = z.discriminatedUnion("kind", [
  z
    .strictObject({ kind: z.literal("venue"), ...inputFields })
    .superRefine(checkPlace)
    .meta({ id: "VenueLocationInput", ...inputMeta }),
  onlineLocationSchema,
  z
    .strictObject({ kind: z.literal("hybrid"), ...inputFields, url: meetingUrlSchema.optional() })
    .superRefine(checkPlace)
    .meta({ id: "HybridLocationInput", ...inputMeta }),
]);
export type LocationInput = z.infer<typeof locationInputSchema>;
