import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { idSchema, instantSchema, lineSchema, pageQuerySchema } from "../shared/schemas.ts";
import { eventStatuses, visibilities } from "./api.ts";

/** Orders of a member's list. `updated` is for keeping a copy: what changes while pages are read comes again at the end. */
export const memberOrders = ["created", "start", "updated"] as const;
export type MemberOrder = (typeof memberOrders)[number];

/** A truth value in a query. */
const booleanQuerySchema = z
  .enum(["true", "false"])
  .transform((text) => text === "true")
  .meta({ type: "boolean" });

/** What anyone may narrow events by: in lists, and as the saved search of a calendar or feed. */
export const eventFilterSchema = z.strictObject({
  organizationId: idSchema("organization").optional(),
  categoryId: idSchema("category").optional(),
  venueId: idSchema("venue").optional(),
  seriesId: idSchema("series").optional(),
  online: booleanQuerySchema.optional().meta({ description: "Whether one can take part from elsewhere" }),
  city: lineSchema(limits.nameCharsMax).optional().meta({ description: "City of its place; case does not count" }),
  from: instantSchema.optional().meta({ description: "Starting at or after; without it, events that have not ended" }),
  to: instantSchema.optional().meta({ description: "Starting before" }),
});

/** `GET /v1/events`. */
export const listEventsQuerySchema = pageQuerySchema.extend({
  ...eventFilterSchema.shape,
  status: z.enum(eventStatuses).optional().meta({ description: "Members of the organization only" }),
  visibility: z.enum(visibilities).optional().meta({ description: "Members of the organization only" }),
  updatedSince: instantSchema.optional().meta({
    description: "Changed at or after, in order of change; members of the organization only",
  }),
  order: z.enum(memberOrders).optional().meta({
    description: "Members of the organization only; everybody else reads by start. Newest first unless said otherwise",
  }),
});
