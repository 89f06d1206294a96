import { type Id, type IdKind, idPattern, idPrefixes, isId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { currencies, isCurrency } from "@foyer/kernel/money";
import { isTimeZone } from "@foyer/kernel/time-zones";
import * as z from "zod";

/** Schema of an id of one kind; parses to the branded template type. */
export function idSchema<K extends IdKind>(kind: K) {
  return z
    .custom<Id<K>>((value) => typeof value === "string" && isId(kind, value), {
      error: `Not an id of the form ${idPrefixes[kind]}_...`,
    })
    .meta({ type: "string", pattern: idPattern(kind).source, description: `Id with prefix \`${idPrefixes[kind]}_\`` });
}

/**
 * A line of text that people wrote: trimmed, normalized to NFC, without control characters (a NUL or an escape never
 * reaches a database, a mail or a log).
 */
export function lineSchema(charsMax: number, charsMin = 1) {
  return z
    .string()
    .transform((text) => text.normalize("NFC").trim())
    .pipe(
      z
        .string()
        .min(charsMin)
        .max(charsMax)
        .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u, { error: "Control characters are not allowed" }),
    )
    .meta({ type: "string", minLength: charsMin, maxLength: charsMax });
}

/** Text of several lines: as {@link lineSchema}, with line feeds and tabs allowed. */
export function textSchema(charsMax: number, charsMin = 0) {
  return z
    .string()
    .transform((text) => text.normalize("NFC").replaceAll("\r\n", "\n").trim())
    .pipe(
      z
        .string()
        .min(charsMin)
        .max(charsMax)
        .regex(/^(?:[^\p{Cc}\p{Cs}]|[\n\t])*$/u, { error: "Control characters are not allowed" }),
    )
    .meta({ type: "string", minLength: charsMin, maxLength: charsMax });
}

/** A mail address, lower-cased; the pattern is HTML's, which mail servers accept in practice. */
export const emailSchema = z
  .string()
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.email().max(limits.emailCharsMax))
  .meta({ type: "string", format: "email", maxLength: limits.emailCharsMax });

/** A moment as RFC 3339 in UTC (`Z`) on the way in; kept as epoch milliseconds by {@link toEpochMs}. */
export const instantSchema = z.iso
  .datetime({ offset: true })
  .meta({ description: "RFC 3339", example: "2026-11-23T19:00:00Z" });

/** Epoch milliseconds of a text that passed {@link instantSchema}. */
export function toEpochMs(instant: string): number {
  return Date.parse(instant);
}

/** IANA time zone. */
export const timezoneSchema = z
  .string()
  .refine(isTimeZone, { error: "Not an IANA time zone" })
  .meta({ type: "string", example: "Europe/Berlin" });

/** BCP 47 language tag in its canonical form (`pt-BR`). */
export const localeSchema = z
  .string()
  .max(limits.localeCharsMax)
  .transform((tag, context) => {
    try {
      const [canonical] = Intl.getCanonicalLocales(tag);
      if (canonical !== undefined) return canonical;
    } catch {
      // RangeError is how Intl says that a tag is malformed (ECMA-402)
    }
    context.addIssue({ code: "custom", message: "Not a language tag" });
    return z.NEVER;
  })
  .meta({ type: "string", maxLength: limits.localeCharsMax, example: "en-US" });

/** ISO 4217 code of a currency that can be charged. */
export const currencySchema = z
  .string()
  .refine(isCurrency, { error: "Not a currency that can be charged" })
  .meta({ type: "string", enum: [...currencies] });

/** Amount in minor units with its currency. */
export const moneySchema = z
  .strictObject({ amount: z.int().min(0).max(limits.amountMinorMax), currency: currencySchema })
  .meta({
    id: "Money",
    description: "Integer minor units of an ISO 4217 currency",
    example: { amount: 2500, currency: "USD" },
  });

/** Start or end of an event as it is returned. */
export const zonedTimeSchema = z
  .object({ utc: z.string(), local: z.string(), timezone: z.string() })
  .meta({ id: "ZonedTime", description: "An instant and the wall clock at the event" });

/** Query parameters of every list. */
export const pageQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(limits.pageSizeMax).default(limits.pageSizeDefault),
  cursor: z.string().max(limits.cursorCharsMax).optional(),
});

/** The one shape of every list. */
export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), nextCursor: z.string().nullable() });
}

/** RFC 9457 problem document. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().meta({ description: "Stable; the contract" }),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Problem", description: "RFC 9457 problem; further members depend on the code" });
