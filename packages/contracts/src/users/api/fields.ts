import { limits } from "@foyer/kernel/limits";
import * as z from "zod";

/** A text without lone surrogates: its UTF-8 is the text, so that no two texts hash alike. */
const wellFormed = /^\P{Cs}*$/u;

function passwordOf(charsMin: number) {
  return z
    .string()
    .max(4 * limits.passwordCharsMax)
    .transform((text) => text.normalize("NFC"))
    .pipe(
      z
        .string()
        .regex(wellFormed, { error: "Not well-formed Unicode" })
        .refine((text) => [...text].length >= charsMin, { error: `At least ${charsMin} characters` })
        .refine((text) => [...text].length <= limits.passwordCharsMax, {
          error: `At most ${limits.passwordCharsMax} characters`,
        }),
    )
    .meta({ type: "string", format: "password", minLength: charsMin, maxLength: limits.passwordCharsMax });
}

/** A password to be set: 8-128 characters of any script, normalized to NFC, no rules of composition (NIST SP 800-63B). */
export const newPasswordSchema = passwordOf(limits.passwordCharsMin);
/** A password to be checked; one that could never have been set is simply wrong. */
export const passwordSchema = passwordOf(1);

/** Readable part of an organization's address. */
export const slugSchema = z
  .string()
  .min(limits.slugCharsMin)
  .max(limits.slugCharsMax)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, { error: "Lower-case letters, digits and single dashes" });

/** An opaque secret as its holder shows it: a refresh token, the token of a link, a code. Says nothing of its being valid. */
export const opaqueTokenSchema = z.string().min(1).max(limits.opaqueTokenCharsMax);

/** A moment as it is returned, RFC 3339 in UTC. */
export const momentSchema = z.string().meta({ format: "date-time", example: "2026-11-23T19:00:00.000Z" });
