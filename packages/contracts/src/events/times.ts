import * as z from "zod";
import { instantSchema } from "../shared/schemas.ts";

/** Which of two instants a wall-clock time means that the zone has twice, or on which side of a gap it lies that the zone skips. */
export const disambiguations = ["earlier", "later"] as const;
export type Disambiguation = (typeof disambiguations)[number];

/** Wall-clock time without offset, to the second (ISO 8601). Days that no calendar has are refused. */
export const wallClockSchema = z.iso
  .datetime({ local: true })
  .regex(/^[^.]*\d$/, { error: "A wall-clock time to the second, without offset" })
  .meta({ example: "2026-03-29T20:30" });

/** A calendar day (ISO 8601). */
export const dateSchema = z.iso.date().meta({ example: "2026-07-01" });

const localTimeSchema = z
  .strictObject({ local: wallClockSchema, disambiguation: z.enum(disambiguations).optional() })
  .meta({ id: "LocalTime", description: "A wall-clock time at the event's `timezone`" });

/** Start or end of an event as it is given. What it means is decided with the event's zone. */
export const eventTimeSchema = z
  .union([instantSchema, localTimeSchema, dateSchema], {
    error: "Give an RFC 3339 instant, a wall-clock time as { local }, or a date for an all-day event",
  })
  .meta({
    description: "An RFC 3339 instant; a wall-clock time; or, for an all-day event, a date (its end is its last day)",
  });
export type EventTime = z.infer<typeof eventTimeSchema>;
