import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { instantSchema, lineSchema, pageSchema, textSchema } from "../shared/schemas.ts";
import { eventTimeSchema } from "./times.ts";

/** `POST /v1/events/{id}/publish`: at once, or by itself at a later moment. */
export const publishEventSchema = z
  .strictObject({
    publishAt: instantSchema.meta({ description: "When it becomes public by itself; without it, at once" }),
  })
  .partial()
  .meta({ id: "PublishEvent" });

/** `POST /v1/events/{id}/{postpone,cancel}`: what the organizer says of it, for whoever holds a ticket. */
export const statusNoteSchema = z
  .strictObject({ note: textSchema(limits.statusNoteCharsMax, 1) })
  .partial()
  .meta({ id: "StatusNote" });

/** `POST /v1/events/{id}/duplicate`. What is not named is the original's. */
export const duplicateEventSchema = z
  .strictObject({
    title: lineSchema(limits.titleCharsMax),
    startsAt: eventTimeSchema,
    endsAt: eventTimeSchema.meta({ description: "Without it, the copy lasts as long as the original" }),
    copyMedia: z
      .boolean()
      .meta({ description: "Whether its images are the copy's too; they are unless told otherwise" }),
  })
  .partial()
  .meta({ id: "DuplicateEvent" });
export type DuplicateEvent = z.infer<typeof duplicateEventSchema>;

/** One entry of an event's history. */
export const eventChangeSchema = z
  .object({
    version: z.int().meta({ description: "The version that the change made" }),
    action: z.string(),
    actor: z.string().meta({ description: "An id, and whom an administrator acted for" }),
    at: z.string(),
    about: z.array(z.string()).meta({ description: "Fields that changed, or codes of what was missing" }),
  })
  .meta({ id: "EventChange" });
export const eventChangePageSchema = pageSchema(eventChangeSchema).meta({ id: "EventChangePage" });
