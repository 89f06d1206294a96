import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { lineSchema } from "../shared/schemas.ts";

/** An event's own part of its address: lower-case letters, digits and single dashes. */
export const eventSlugSchema = z
  .string()
  .min(limits.slugCharsMin)
  .max(limits.eventSlugCharsMax)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, { error: "Lower-case letters, digits and single dashes" });

/** What opens an event whose visibility is `password`. Written, never read: no answer holds one. */
export const eventPasswordSchema = lineSchema(limits.eventPasswordCharsMax, limits.eventPasswordCharsMin).meta({
  type: "string",
  writeOnly: true,
});

/** How old one must be to be let in. */
export const minimumAgeSchema = z.int().min(0).max(limits.minimumAgeMax);
