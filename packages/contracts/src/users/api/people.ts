import * as z from "zod";
import { platformRoles } from "../../shared/permissions.ts";
import { idSchema } from "../../shared/schemas.ts";
import { momentSchema } from "./fields.ts";

/** What a person has said to being written to, and to which words. */
export const marketingConsentSchema = z
  .object({
    granted: z.boolean(),
    textVersion: z.string().meta({ description: "Version of the text that was shown" }),
    at: momentSchema,
  })
  .meta({ id: "MarketingConsent" });

/** A user as they see themselves. */
export const userSchema = z
  .object({
    id: idSchema("user"),
    email: z.string(),
    emailVerified: z.boolean(),
    pendingEmail: z.string().nullable().meta({ description: "An address that waits for both sides' confirmation" }),
    name: z.string(),
    locale: z.string().nullable(),
    timezone: z.string().nullable(),
    avatarUrl: z.string().nullable(),
    marketingConsent: marketingConsentSchema.nullable(),
    hasPassword: z.boolean(),
    platformAdmin: z.boolean(),
    platformRoles: z.array(z.enum(platformRoles)),
    createdAt: momentSchema,
    updatedAt: momentSchema,
  })
  .meta({ id: "User" });
export type UserBody = z.infer<typeof userSchema>;

export const userAnswerSchema = z.object({ user: userSchema }).meta({ id: "UserAnswer" });
