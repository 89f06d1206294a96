import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { emailSchema, idSchema, lineSchema, localeSchema, pageSchema, timezoneSchema } from "../../shared/schemas.ts";
import { momentSchema, newPasswordSchema, opaqueTokenSchema, passwordSchema } from "./fields.ts";
import { userSchema } from "./people.ts";

/** Where a session's tokens are kept: by the client, or by its browser out of scripts' reach. */
export const sessionModes = ["bearer", "cookie"] as const;
export type SessionMode = (typeof sessionModes)[number];

const modeSchema = z
  .enum(sessionModes)
  .default("bearer")
  .meta({ description: "`bearer` returns the tokens; `cookie` sets them as HttpOnly cookies, for browsers" });

/** Consent to being written to, as it is given or withdrawn. */
export const consentInputSchema = z
  .strictObject({ granted: z.boolean(), textVersion: lineSchema(limits.consentTextVersionCharsMax) })
  .meta({ id: "MarketingConsentInput" });

export const registerBodySchema = z
  .strictObject({
    email: emailSchema,
    password: newPasswordSchema,
    name: lineSchema(limits.nameCharsMax),
    locale: localeSchema.optional(),
    timezone: timezoneSchema.optional(),
    marketingConsent: consentInputSchema.optional(),
    mode: modeSchema,
  })
  .meta({ id: "RegisterBody" });
export const loginBodySchema = z
  .strictObject({ email: emailSchema, password: passwordSchema, mode: modeSchema })
  .meta({ id: "LoginBody" });
export const refreshBodySchema = z
  .strictObject({ refreshToken: opaqueTokenSchema.optional() })
  .meta({ id: "RefreshBody", description: "Without a token, the cookie's is meant" });
export const logoutBodySchema = z
  .strictObject({ refreshToken: opaqueTokenSchema.optional() })
  .meta({ id: "LogoutBody" });

/**
 * A signed-in session. In bearer mode a short-lived JWT, and the opaque token that gets the next one; in cookie mode both are
 * in cookies, and null here.
 */
export const sessionSchema = z
  .object({
    accessToken: z.string(),
    refreshToken: z.string(),
    tokenType: z.literal("Bearer"),
    expiresIn: z.int().meta({ description: "Seconds that the access token is valid" }),
  })
  .meta({ id: "Session" });
export type SessionBody = z.infer<typeof sessionSchema>;

export const cookieSessionSchema = z
  .object({ tokenType: z.literal("Cookie"), expiresIn: z.int() })
  .meta({ id: "CookieSession" });
export type CookieSessionBody = z.infer<typeof cookieSessionSchema>;

const anySessionSchema = z.discriminatedUnion("tokenType", [sessionSchema, cookieSessionSchema]);

export const signedInSchema = z.object({ user: userSchema, session: anySessionSchema }).meta({ id: "SignedIn" });
export const registeredSchema = z
  .object({
    user: userSchema,
    session: anySessionSchema
      .nullable()
      .meta({ description: "Null where the deployment has addresses verified before the first sign-in" }),
  })
  .meta({ id: "Registered" });

/** What can be a second factor. */
export const factorMethods = ["totp", "passkey", "recovery_code"] as const;
export type FactorMethod = (typeof factorMethods)[number];

/** A sign-in that waits for its second factor. */
export const mfaRequiredSchema = z
  .object({
    mfa: z.object({
      token: z.string().meta({ description: "For `POST /v1/auth/mfa/verify`, once" }),
      methods: z.array(z.enum(factorMethods)),
      expiresIn: z.int(),
    }),
  })
  .meta({ id: "SecondFactorRequired" });
export const loginAnswerSchema = z.union([signedInSchema, mfaRequiredSchema]).meta({ id: "LoginAnswer" });

/** One sign-in on one device. */
export const deviceSessionSchema = z
  .object({
    id: idSchema("session"),
    current: z.boolean(),
    device: z.string().meta({ example: "Firefox on Linux" }),
    place: z.string().nullable().meta({ description: "Of the last use", example: "Hamburg, DE" }),
    method: z.string().meta({ description: "How it was signed in", example: "password+totp" }),
    mode: z.enum(sessionModes),
    impersonation: z.boolean().meta({ description: "An administrator of the platform acts in this user's place" }),
    createdAt: momentSchema,
    lastUsedAt: momentSchema,
    expiresAt: momentSchema,
  })
  .meta({ id: "DeviceSession" });
export const deviceSessionPageSchema = pageSchema(deviceSessionSchema).meta({ id: "DeviceSessionPage" });
