import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { roles } from "../../shared/permissions.ts";
import { emailSchema, idSchema, lineSchema, pageQuerySchema, pageSchema, textSchema } from "../../shared/schemas.ts";
import { momentSchema, opaqueTokenSchema, slugSchema } from "./fields.ts";

/** A site to link to; only what a browser opens as a page. */
const websiteSchema = z
  .url({ protocol: /^https?$/ })
  .max(limits.urlCharsMax)
  .meta({ format: "uri" });

const profileFields = {
  description: textSchema(limits.organizationDescriptionCharsMax).optional(),
  website: websiteSchema.nullable().optional(),
  contactEmail: emailSchema
    .nullable()
    .optional()
    .meta({ type: ["string", "null"] }),
};

export const organizationBodySchema = z
  .strictObject({ name: lineSchema(limits.nameCharsMax), slug: slugSchema.optional(), ...profileFields })
  .meta({ id: "OrganizationBody" });
export const organizationPatchSchema = z
  .strictObject({ name: lineSchema(limits.nameCharsMax).optional(), slug: slugSchema.optional(), ...profileFields })
  .meta({ id: "OrganizationPatch" });

/** An organization as one of its members or programs sees it. */
export const organizationSchema = z
  .object({
    id: idSchema("organization"),
    name: z.string(),
    slug: z.string(),
    description: z.string(),
    website: z.string().nullable(),
    contactEmail: z.string().nullable(),
    status: z.enum(["active", "closing"]).meta({ description: "`closing` waits for its events to be over" }),
    role: z.enum(roles).nullable().meta({ description: "The caller's role; null for an API key" }),
    createdAt: momentSchema,
    updatedAt: momentSchema,
  })
  .meta({ id: "Organization" });
export const organizationPageSchema = pageSchema(organizationSchema).meta({ id: "OrganizationPage" });

export const memberSchema = z
  .object({
    id: idSchema("membership"),
    userId: idSchema("user"),
    name: z.string(),
    email: z.string().nullable().meta({ description: "Null for callers who may not manage members" }),
    role: z.enum(roles),
    createdAt: momentSchema,
  })
  .meta({ id: "Member" });
export const memberPageSchema = pageSchema(memberSchema).meta({ id: "MemberPage" });
export const memberPatchSchema = z.strictObject({ role: z.enum(roles) }).meta({ id: "MemberPatch" });
export const transferBodySchema = z
  .strictObject({ memberId: idSchema("membership") })
  .meta({ id: "TransferOwnershipBody", description: "The member who becomes the owner; the caller becomes an admin" });

export const invitationBodySchema = z
  .strictObject({ email: emailSchema, role: z.enum(roles) })
  .meta({ id: "InvitationBody" });
export const invitationSchema = z
  .object({
    id: idSchema("invitation"),
    email: z.string(),
    role: z.enum(roles),
    status: z.enum(["pending", "expired"]),
    invitedBy: idSchema("user").nullable(),
    createdAt: momentSchema,
    expiresAt: momentSchema,
  })
  .meta({ id: "Invitation" });
export const invitationPageSchema = pageSchema(invitationSchema).meta({ id: "InvitationPage" });
export const invitationTokenBodySchema = z
  .strictObject({ token: opaqueTokenSchema })
  .meta({ id: "InvitationTokenBody" });
/** What whoever holds an invitation's link learns of it. */
export const invitationPreviewSchema = z
  .object({
    organization: z.object({ name: z.string(), slug: z.string() }),
    email: z.string().meta({ description: "The address it is bound to" }),
    role: z.enum(roles),
    expiresAt: momentSchema,
  })
  .meta({ id: "InvitationPreview" });

/** One line of the trail. States are what was there before and after, addresses masked, secrets left out. */
export const auditEntrySchema = z
  .object({
    id: idSchema("audit"),
    at: momentSchema,
    action: z.string().meta({ example: "member.role_changed" }),
    actor: z.object({
      kind: z.enum(["user", "api_key", "anonymous", "system"]),
      id: z.string().nullable(),
      impersonatorId: idSchema("user").nullable(),
    }),
    targetId: z.string().nullable(),
    before: z.looseObject({}).nullable(),
    after: z.looseObject({}).nullable(),
    requestId: z.string(),
  })
  .meta({ id: "AuditEntry" });
export type AuditBody = z.infer<typeof auditEntrySchema>;
export const auditPageSchema = pageSchema(auditEntrySchema).meta({ id: "AuditPage" });
export const auditQuerySchema = pageQuerySchema.extend({
  action: z
    .string()
    .regex(/^[a-z_]+(?:\.[a-z_]+)?$/)
    .max(64)
    .optional()
    .meta({ description: "One action, or all of a subject (`member`)" }),
  actorId: z.string().max(64).optional(),
  targetId: z.string().max(64).optional(),
});
