import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { roles } from "../shared/permissions.ts";
import { emailSchema, idSchema, lineSchema, pageSchema, timezoneSchema } from "../shared/schemas.ts";

/** A text without lone surrogates: its UTF-8 is the text, so that no two texts hash alike. */
const wellFormed = /^\P{Cs}*$/u;

function passwordOf(charsMin: number) {
  return z
    .string()
    .max(4 * limits.passwordCharsMax)
    .transform((text) => text.normalize("NFC"))
    .pipe(
      z
        .string()
        .regex(wellFormed, { error: "Not well-formed Unicode" })
        .refine((text) => [...text].length >= charsMin, { error: `At least ${charsMin} characters` })
        .refine((text) => [...text].length <= limits.passwordCharsMax, {
          error: `At most ${limits.passwordCharsMax} characters`,
        }),
    )
    .meta({ type: "string", format: "password", minLength: charsMin, maxLength: limits.passwordCharsMax });
}

/** A password to be set: 8-128 characters of any script, normalized to NFC, no rules of composition (NIST SP 800-63B). */
export const newPasswordSchema = passwordOf(limits.passwordCharsMin);
/** A password to be checked; one that could never have been set is simply wrong. */
export const passwordSchema = passwordOf(1);

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

/** Readable part of an organization's address. */
export const slugSchema = z
  .string()
  .min(limits.slugCharsMin)
  .max(limits.slugCharsMax)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, { error: "Lower-case letters, digits and single dashes" });

const refreshTokenSchema = z.string().min(1).max(limits.opaqueTokenCharsMax);

export const registerBodySchema = z
  .strictObject({ email: emailSchema, password: newPasswordSchema, name: lineSchema(limits.nameCharsMax) })
  .meta({ id: "RegisterBody" });
export const loginBodySchema = z
  .strictObject({ email: emailSchema, password: passwordSchema })
  .meta({ id: "LoginBody" });
export const refreshBodySchema = z.strictObject({ refreshToken: refreshTokenSchema }).meta({ id: "RefreshBody" });
export const logoutBodySchema = z
  .strictObject({ refreshToken: refreshTokenSchema.optional() })
  .meta({ id: "LogoutBody" });
export const verifyEmailBodySchema = z
  .strictObject({ token: z.string().min(1).max(limits.opaqueTokenCharsMax) })
  .meta({ id: "VerifyEmailBody" });
export const resendVerificationBodySchema = z
  .strictObject({ email: emailSchema })
  .meta({ id: "ResendVerificationBody" });

/** A user as they see themselves. */
export const userSchema = z
  .object({
    id: idSchema("user"),
    email: z.string(),
    emailVerified: z.boolean(),
    name: z.string(),
    locale: z.string().nullable(),
    timezone: z.string().nullable(),
    platformAdmin: z.boolean(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: "User" });
export type UserBody = z.infer<typeof userSchema>;

/** A signed-in session: a short-lived JWT, and the opaque token that gets the next one. */
export const sessionSchema = z
  .object({
    accessToken: z.string(),
    refreshToken: z.string(),
    tokenType: z.literal("Bearer"),
    expiresIn: z.int().meta({ description: "Seconds that the access token is valid" }),
  })
  .meta({ id: "Session" });
export type SessionBody = z.infer<typeof sessionSchema>;

export const signedInSchema = z.object({ user: userSchema, session: sessionSchema }).meta({ id: "SignedIn" });
export const registeredSchema = z
  .object({
    user: userSchema,
    session: sessionSchema
      .nullable()
      .meta({ description: "Null where the deployment has addresses verified before the first sign-in" }),
  })
  .meta({ id: "Registered" });
export const userAnswerSchema = z.object({ user: userSchema }).meta({ id: "UserAnswer" });

export const profilePatchSchema = z
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
  .meta({ id: "ProfilePatch" });

export const organizationBodySchema = z
  .strictObject({ name: lineSchema(limits.nameCharsMax), slug: slugSchema.optional() })
  .meta({ id: "OrganizationBody" });
export const organizationPatchSchema = z
  .strictObject({ name: lineSchema(limits.nameCharsMax).optional(), slug: slugSchema.optional() })
  .meta({ id: "OrganizationPatch" });

/** An organization as one of its members sees it. */
export const organizationSchema = z
  .object({
    id: idSchema("organization"),
    name: z.string(),
    slug: z.string(),
    role: z.enum(roles).meta({ description: "The caller's role" }),
    createdAt: z.string(),
    updatedAt: z.string(),
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
    createdAt: z.string(),
  })
  .meta({ id: "Member" });
export const memberPageSchema = pageSchema(memberSchema).meta({ id: "MemberPage" });

/** JSON Web Key Set (RFC 7517). */
export const jwksSchema = z
  .object({
    keys: z.array(
      z.object({
        kty: z.literal("OKP"),
        crv: z.literal("Ed25519"),
        x: z.string(),
        kid: z.string(),
        alg: z.literal("EdDSA"),
        use: z.literal("sig"),
      }),
    ),
  })
  .meta({ id: "JsonWebKeySet" });
