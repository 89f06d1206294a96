import * as z from "zod";
import { idSchema, moneySchema, pageSchema } from "../shared/schemas.ts";
import { eventStatuses, eventSummarySchema } from "./api.ts";

/** `{idOrSlug}` of an organization's path. */
export const organizerPathSchema = z.object({
  idOrSlug: z
    .string()
    .regex(/^(?:org_[0-9a-z]{26}|[a-z0-9]+(?:-[a-z0-9]+)*)$/)
    .max(60),
});
export const organizationIdPathSchema = z.object({ id: idSchema("organization") });

/** What an organizer shows to everyone. */
export const organizerProfileSchema = z
  .object({
    id: idSchema("organization"),
    slug: z.string(),
    name: z.string(),
    description: z.string(),
    website: z.string().nullable(),
    contactEmail: z.string().nullable(),
    followers: z.int(),
    following: z
      .boolean()
      .nullable()
      .meta({ description: "Whether the caller follows; null for callers without an account" }),
    upcoming: z.array(eventSummarySchema).meta({ description: "The next public events; the list has all of them" }),
    calendarUrl: z.string(),
    feedUrl: z.string(),
  })
  .meta({ id: "OrganizerProfile" });
export type OrganizerProfileView = z.infer<typeof organizerProfileSchema>;

/** Whether the caller follows an organizer. */
export const followSchema = z
  .object({ organizationId: idSchema("organization"), following: z.boolean(), followers: z.int() })
  .meta({ id: "Follow" });

export const followedPageSchema = pageSchema(
  z
    .object({ organizationId: idSchema("organization"), slug: z.string(), name: z.string(), followedAt: z.string() })
    .meta({ id: "FollowedOrganizer" }),
).meta({ id: "FollowedOrganizerPage" });

const salesSchema = z.object({
  orders: z.int().meta({ description: "Confirmed ones" }),
  tickets: z.int().meta({ description: "Valid ones that are out" }),
  revenue: z.array(moneySchema).meta({ description: "Paid less what went back, by currency" }),
});
export type SalesView = z.infer<typeof salesSchema>;

/** An organization's events and sales at a glance. */
export const dashboardSchema = z
  .object({
    events: z
      .object({
        byStatus: z.record(z.enum(eventStatuses), z.int()),
        onSale: z.int().meta({ description: "Published and not over" }),
      })
      .meta({ description: "How many there are" }),
    sales: salesSchema.nullable().meta({ description: "Null for roles that may not see figures (analytics.read)" }),
    next: z
      .array(z.object({ event: eventSummarySchema, sales: salesSchema.nullable() }))
      .meta({ description: "The next events by their start" }),
    drafts: z.array(eventSummarySchema).meta({ description: "Drafts changed last" }),
  })
  .meta({ id: "Dashboard" });
export type DashboardView = z.infer<typeof dashboardSchema>;
