import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { platformRoles, roles } from "../../shared/permissions.ts";
import {
  idSchema,
  lineSchema,
  localeSchema,
  pageQuerySchema,
  pageSchema,
  textSchema,
  timezoneSchema,
} from "../../shared/schemas.ts";
import { momentSchema } from "./fields.ts";
import { auditEntrySchema, auditQuerySchema } from "./organizations.ts";
import { providerSchema } from "./providers.ts";
import { factorMethods } from "./sessions.ts";

export const userStatuses = ["active", "suspended"] as const;

/** A user as administrators of the platform see them in lists. */
export const adminUserSchema = z
  .object({
    id: idSchema("user"),
    email: z.string(),
    emailVerified: z.boolean(),
    name: z.string(),
    status: z.enum(userStatuses),
    platformRoles: z.array(z.enum(platformRoles)),
    createdAt: momentSchema,
    lastSeenAt: momentSchema.nullable(),
  })
  .meta({ id: "AdminUser" });
export const adminUserPageSchema = pageSchema(adminUserSchema).meta({ id: "AdminUserPage" });
export const adminUserDetailSchema = adminUserSchema
  .extend({
    locale: z.string().nullable(),
    timezone: z.string().nullable(),
    suspension: z.object({ at: momentSchema, reason: z.string() }).nullable(),
    hasPassword: z.boolean(),
    secondFactors: z.array(z.enum(factorMethods)),
    identities: z.array(providerSchema),
    sessions: z.int().meta({ description: "That are open" }),
    organizations: z.array(z.object({ id: idSchema("organization"), name: z.string(), role: z.enum(roles) })),
    updatedAt: momentSchema,
  })
  .meta({ id: "AdminUserDetail" });

export const adminUserQuerySchema = pageQuerySchema.extend({
  q: z
    .string()
    .trim()
    .min(limits.adminSearchCharsMin)
    .max(limits.emailCharsMax)
    .optional()
    .meta({ description: "An id, or a part of an address or name" }),
  status: z.enum(userStatuses).optional(),
  role: z.enum(platformRoles).optional(),
  verified: z.enum(["true", "false"]).optional(),
});
export const adminUserPatchSchema = z
  .strictObject({
    name: lineSchema(limits.nameCharsMax).optional(),
    locale: localeSchema
      .nullable()
      .optional()
      .meta({ type: ["string", "null"] }),
    timezone: timezoneSchema
      .nullable()
      .optional()
      .meta({ type: ["string", "null"] }),
  })
  .meta({ id: "AdminUserPatch" });

/** A line of the whole trail: of organizations and of people. */
const adminAuditEntrySchema = auditEntrySchema
  .extend({ organizationId: idSchema("organization").nullable() })
  .meta({ id: "AdminAuditEntry" });
export type AdminAuditBody = z.infer<typeof adminAuditEntrySchema>;
export const adminAuditPageSchema = pageSchema(adminAuditEntrySchema).meta({ id: "AdminAuditPage" });
export const adminAuditQuerySchema = auditQuerySchema.extend({ organizationId: idSchema("organization").optional() });

export const reasonBodySchema = z
  .strictObject({ reason: textSchema(limits.adminReasonCharsMax, 1) })
  .meta({ id: "ReasonBody", description: "Why; kept in the audit trail" });
export const platformRolesBodySchema = z
  .strictObject({
    roles: z
      .array(z.enum(platformRoles))
      .max(platformRoles.length)
      .meta({ description: "All that the user shall have" }),
  })
  .meta({ id: "PlatformRolesBody" });
export const impersonationSchema = z
  .object({
    accessToken: z.string(),
    tokenType: z.literal("Bearer"),
    expiresIn: z.int(),
    sessionId: idSchema("session"),
  })
  .meta({ id: "Impersonation" });
export const revokedSessionsSchema = z.object({ ended: z.int() }).meta({ id: "RevokedSessions" });

export const adminStatsSchema = z
  .object({
    users: z.object({
      total: z.int(),
      verified: z.int(),
      suspended: z.int(),
      withSecondFactor: z.int(),
      newInDay: z.int(),
      newInWeek: z.int(),
      seenInDay: z.int(),
    }),
    sessions: z.object({ open: z.int() }),
    organizations: z.object({ total: z.int(), newInWeek: z.int() }),
    apiKeys: z.object({ active: z.int() }),
    erasures: z.object({ underWay: z.int(), overdue: z.int() }),
  })
  .meta({ id: "AdminStats" });
