import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { instantSchema } from "../shared/schemas.ts";

const durationPattern = /^P(?=\d|T\d)(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,7})M)?)?$/;
const minutesPerDay = 1_440;

/** A duration in the two measures that differ where clocks are changed: days of the calendar, and time that passes. */
export interface SalesOffset {
  readonly days: number;
  readonly minutes: number;
}

/** What an ISO 8601 duration of days, hours and minutes says; null where it is none of these. */
export function parseSalesOffset(text: string): SalesOffset | null {
  const match = durationPattern.exec(text);
  if (match === null) return null;
  const [, days = "0", hours = "0", minutes = "0"] = match;
  return { days: Number(days), minutes: Number(hours) * 60 + Number(minutes) };
}

const durationSchema = z
  .string()
  .regex(durationPattern, { error: "Not an ISO 8601 duration of days, hours and minutes" })
  .refine(
    (text) => {
      const offset = parseSalesOffset(text);
      return (
        offset === null || offset.days * minutesPerDay + offset.minutes <= limits.salesOffsetDaysMax * minutesPerDay
      );
    },
    { error: `At most ${limits.salesOffsetDaysMax} days` },
  )
  .meta({
    type: "string",
    description: `ISO 8601, of days, hours and minutes; at most ${limits.salesOffsetDaysMax} days`,
    example: "P1DT2H",
  });
const anchorSchema = z.enum(["start", "end"]);

/** A moment that moves with the event: so long before or after its start or end. */
export const relativeMomentSchema = z
  .union([
    z.strictObject({ before: durationSchema, of: anchorSchema }),
    z.strictObject({ after: durationSchema, of: anchorSchema }),
  ])
  .meta({
    id: "RelativeMoment",
    description:
      "Days are of the calendar at the event: a day before the start is the same time of day on the day before, also where clocks were changed between. Hours and minutes are time that passes",
    example: { before: "P1DT2H", of: "start" },
  });
export type RelativeMoment = z.infer<typeof relativeMomentSchema>;

/** When a sale starts or ends, as it is given: an instant, or a moment of the event's. */
export const salesMomentSchema = z.union([instantSchema, relativeMomentSchema]);
