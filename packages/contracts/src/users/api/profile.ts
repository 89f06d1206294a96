import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { lineSchema, localeSchema, timezoneSchema } from "../../shared/schemas.ts";
import { momentSchema } from "./fields.ts";
import { consentInputSchema } from "./sessions.ts";

const nullableText = { type: ["string", "null"] as ("string" | "null")[] };

/** A whole profile: what is left out of it is emptied. */
export const profileBodySchema = z
  .strictObject({
    name: lineSchema(limits.nameCharsMax),
    locale: localeSchema.nullable().default(null).meta(nullableText),
    timezone: timezoneSchema.nullable().default(null).meta(nullableText),
  })
  .meta({ id: "ProfileBody" });

export const profilePatchSchema = z
  .strictObject({
    name: lineSchema(limits.nameCharsMax).optional(),
    locale: localeSchema.nullable().optional().meta(nullableText),
    timezone: timezoneSchema.nullable().optional().meta(nullableText),
    marketingConsent: consentInputSchema.optional(),
  })
  .meta({ id: "ProfilePatch" });

/** One worker's part of a person's data; what is in it is the worker's matter. */
export const personalDataPartSchema = z.looseObject({}).meta({ id: "PersonalDataPart" });
export const personalDataSchema = z
  .object({ generatedAt: momentSchema, parts: z.record(z.string(), personalDataPartSchema) })
  .meta({ id: "PersonalData", description: "Everything that is kept about one person, by the part of the platform" });

export const erasureSchema = z
  .object({ erasure: z.object({ requestedAt: momentSchema, status: z.enum(["under_way", "done"]) }) })
  .meta({ id: "Erasure" });
