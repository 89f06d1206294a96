import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { idSchema, pageQuerySchema } from "../shared/schemas.ts";
import { eventSummarySchema } from "./api.ts";

/** What a change of an occurrence reaches: itself, itself and all later ones, or its whole series. */
export const editScopes = ["this", "following", "all"] as const;
export type EditScope = (typeof editScopes)[number];

/** A wall-clock time without offset, or a date; which ones exist is checked with the rule. */
const localTimeSchema = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?)?$/)
  .meta({ description: "Wall-clock time at the event, or a date", example: "2027-01-11T20:00:00" });

/** `POST` and `PUT /v1/events/{id}/occurrences`. */
export const recurrenceSchema = z
  .strictObject({
    rrule: z
      .string()
      .min(1)
      .max(limits.rruleCharsMax)
      .regex(/^[\x20-\x7e]+$/)
      .meta({ description: "RFC 5545, with COUNT or UNTIL", example: "FREQ=WEEKLY;BYDAY=MO;COUNT=10" }),
    exceptions: z
      .array(localTimeSchema)
      .max(limits.occurrencesPerSeriesMax)
      .default([])
      .meta({ description: "Dates of the rule that do not take place; a date alone takes out the whole day" }),
    additions: z
      .array(localTimeSchema)
      .max(limits.occurrencesPerSeriesMax)
      .default([])
      .meta({ description: "Further dates; a date alone begins at the series' time of day" }),
  })
  .meta({ id: "Recurrence" });
export type Recurrence = z.infer<typeof recurrenceSchema>;

/** `PUT /v1/events/{id}/occurrences`: as at its making, and the word for dates to be called off. */
export const changeRecurrenceSchema = recurrenceSchema
  .extend({
    confirm: z.boolean().default(false).meta({ description: "Public dates that fall away are to be cancelled" }),
  })
  .meta({ id: "ChangeRecurrence" });
export type ChangeRecurrence = z.infer<typeof changeRecurrenceSchema>;

/** `POST /v1/events/{id}/occurrences/publish`. */
export const publishOccurrencesSchema = z
  .strictObject({ scope: z.enum(["following", "all"]).default("all") })
  .meta({ id: "PublishOccurrences" });

/** Query of `PATCH /v1/events/{idOrSlug}`. */
export const updateEventQuerySchema = z.strictObject({
  scope: z.enum(editScopes).default("this").meta({ description: "Of an occurrence: what the change reaches" }),
});

/** How far the work on a series' dates has come. */
const progressSchema = z.object({
  total: z.int().meta({ description: "Dates that there are or are to be" }),
  made: z.int().meta({ description: "Dates that have their event" }),
  pending: z.int().meta({ description: "Dates that something is yet to be done for" }),
  problems: z.array(z.object({ recurrenceId: z.string(), eventId: idSchema("event"), code: z.string() })).meta({
    description: "Dates that could not follow, the first ones; the next change of the series tries them again",
  }),
});

const ruleSchema = z.object({
  rrule: z.string(),
  startsLocal: z.string().meta({ description: "Wall-clock start that the rule counts from" }),
  exceptions: z.array(z.string()),
  additions: z.array(z.string()),
});

/** A recurring series. Members of its organization see the rule, which tells of dates that are drafts, and how far the work has come. */
export const seriesSchema = z
  .object({
    id: idSchema("series"),
    timezone: z.string(),
    rule: z.union([ruleSchema, z.null()]).meta({ description: "Members of the organization only" }),
    progress: z.union([progressSchema, z.null()]).meta({ description: "Members of the organization only" }),
  })
  .meta({ id: "Series" });
export type SeriesView = z.infer<typeof seriesSchema>;

/** `GET /v1/events/{id}/occurrences`. */
export const listOccurrencesQuerySchema = pageQuerySchema;
export const occurrencePageSchema = z
  .object({ series: seriesSchema, data: z.array(eventSummarySchema), nextCursor: z.string().nullable() })
  .meta({ id: "OccurrencePage" });
