import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { idSchema, pageSchema } from "../../shared/schemas.ts";
import { momentSchema, opaqueTokenSchema } from "./fields.ts";
import { mfaRequiredSchema, sessionModes, signedInSchema } from "./sessions.ts";

/** Providers that people can sign in with. */
export const providerNames = ["google", "facebook", "apple", "microsoft", "github"] as const;
export type ProviderName = (typeof providerNames)[number];
export const providerSchema = z.enum(providerNames);

export const providerListSchema = z
  .object({ data: z.array(z.object({ provider: providerSchema, name: z.string() })) })
  .meta({ id: "ProviderList", description: "Those that this deployment has configured" });

/** `BASE64URL(SHA256(verifier))` (RFC 7636 section 4.2). */
const challengeSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/, { error: "Not an S256 code challenge" });
/** RFC 7636 section 4.1. */
const verifierSchema = z.string().regex(/^[A-Za-z0-9._~-]{43,128}$/, { error: "Not a code verifier" });

export const oauthLoginBodySchema = z
  .strictObject({
    provider: providerSchema,
    redirectUri: z
      .string()
      .max(limits.urlCharsMax)
      .meta({ format: "uri", description: "One of the deployment's list" }),
    intent: z
      .enum(["sign_in", "link"])
      .default("sign_in")
      .meta({ description: "`link` adds the identity to the account of whoever is signed in" }),
    mode: z.enum(sessionModes).default("bearer"),
    codeChallenge: challengeSchema.optional().meta({
      description:
        "S256 of a verifier that only this client has; needed where the browser's cookie cannot bind the flow",
    }),
  })
  .meta({ id: "OAuthLoginBody" });
export const oauthLoginSchema = z
  .object({
    authorizationUrl: z.string().meta({ description: "Where the browser goes next" }),
    expiresIn: z.int().meta({ description: "Seconds in which the person is to be back" }),
  })
  .meta({ id: "OAuthLogin" });

/**
 * What a provider sends back, as a query or as a form (Apple). Members that are none of ours are let through; one of ours that comes
 * twice is refused (RFC 6749 section 3.1).
 */
export const oauthCallbackSchema = z.object({
  state: opaqueTokenSchema.optional(),
  code: z.string().max(limits.providerCodeCharsMax).optional(),
  error: z.string().max(limits.providerErrorCharsMax).optional(),
  iss: z
    .string()
    .max(limits.urlCharsMax)
    .optional()
    .meta({ description: "Who answers (RFC 9207), where the provider says so" }),
  user: z
    .string()
    .max(limits.providerUserCharsMax)
    .optional()
    .meta({ description: "What Apple says of a person at their first consent, JSON" }),
});

export const oauthTokenBodySchema = z
  .strictObject({
    code: opaqueTokenSchema.meta({ description: "As it came to the redirect address" }),
    codeVerifier: verifierSchema
      .optional()
      .meta({ description: "Of the `codeChallenge` that the sign-in was begun with; only then" }),
  })
  .meta({ id: "OAuthTokenBody" });

export const identitySchema = z
  .object({
    id: idSchema("identity"),
    provider: providerSchema,
    email: z.string().nullable(),
    name: z.string().nullable(),
    createdAt: momentSchema,
    lastUsedAt: momentSchema,
  })
  .meta({ id: "Identity" });
export const identityPageSchema = pageSchema(identitySchema).meta({ id: "IdentityPage" });
export const linkedSchema = z.object({ identity: identitySchema }).meta({ id: "IdentityLinked" });

/** Somebody who is in, or is asked for a second factor; or, where that was the intent, the identity that was linked. */
export const oauthTokenSchema = z
  .union([signedInSchema, mfaRequiredSchema, linkedSchema])
  .meta({ id: "OAuthTokenAnswer" });
