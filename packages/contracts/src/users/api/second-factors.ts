import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { idSchema, lineSchema, pageSchema } from "../../shared/schemas.ts";
import { momentSchema, opaqueTokenSchema, passwordSchema } from "./fields.ts";
import { sessionModes } from "./sessions.ts";

/** Six digits of an authenticator app; spaces that people copy along are taken off. */
export const totpCodeSchema = z
  .string()
  .max(16)
  .transform((text) => text.replaceAll(" ", ""))
  .pipe(z.string().regex(/^\d{6}$/, { error: "Six digits" }))
  .meta({ type: "string", example: "123456" });

/** A recovery code in any grouping and case. */
export const recoveryCodeSchema = z
  .string()
  .max(64)
  .transform((text) => text.replace(/[\s-]/g, "").toLowerCase())
  .pipe(z.string().regex(/^[0-9a-z]{16}$/, { error: "Sixteen letters and digits" }))
  .meta({ type: "string", example: "k7wq-3n9v-x2cd-8rty" });

/** Base64url (RFC 4648 section 5), as WebAuthn's JSON forms have it. */
const base64UrlSchema = z
  .string()
  .max(limits.passkeyFieldCharsMax)
  .regex(/^[A-Za-z0-9_-]*$/);
const transportsSchema = z.array(z.string().max(32)).max(8);

/** `RegistrationResponseJSON` of WebAuthn level 3; unknown members are let through and not looked at. */
export const registrationResponseSchema = z
  .object({
    id: base64UrlSchema,
    rawId: base64UrlSchema,
    type: z.literal("public-key"),
    authenticatorAttachment: z.string().max(32).nullish(),
    clientExtensionResults: z.looseObject({}).default({}),
    response: z.object({
      clientDataJSON: base64UrlSchema,
      attestationObject: base64UrlSchema,
      transports: transportsSchema.optional(),
    }),
  })
  .meta({ id: "PasskeyRegistration" });
export type RegistrationResponse = z.infer<typeof registrationResponseSchema>;

/** `AuthenticationResponseJSON` of WebAuthn level 3. */
export const assertionSchema = z
  .object({
    id: base64UrlSchema,
    rawId: base64UrlSchema,
    type: z.literal("public-key"),
    authenticatorAttachment: z.string().max(32).nullish(),
    clientExtensionResults: z.looseObject({}).default({}),
    response: z.object({
      clientDataJSON: base64UrlSchema,
      authenticatorData: base64UrlSchema,
      signature: base64UrlSchema,
      userHandle: base64UrlSchema.nullish(),
    }),
  })
  .meta({ id: "PasskeyAssertion" });
export type Assertion = z.infer<typeof assertionSchema>;

/** Options for `navigator.credentials`, as `PublicKeyCredential.parse…OptionsFromJSON` takes them. */
export const passkeyOptionsSchema = z
  .object({ options: z.looseObject({ challenge: z.string() }) })
  .meta({ id: "PasskeyOptions" });

export const registerPasskeyBodySchema = z
  .strictObject({ name: lineSchema(limits.passkeyNameCharsMax), response: registrationResponseSchema })
  .meta({ id: "RegisterPasskeyBody" });
export const passkeyLoginBodySchema = z
  .strictObject({ response: assertionSchema, mode: z.enum(sessionModes).default("bearer") })
  .meta({ id: "PasskeyLoginBody" });
export const renamePasskeyBodySchema = z
  .strictObject({ name: lineSchema(limits.passkeyNameCharsMax) })
  .meta({ id: "RenamePasskeyBody" });

export const passkeySchema = z
  .object({
    id: idSchema("passkey"),
    name: z.string(),
    synced: z.boolean().meta({ description: "Backed up by its provider, so that it outlives the device" }),
    createdAt: momentSchema,
    lastUsedAt: momentSchema.nullable(),
  })
  .meta({ id: "Passkey" });
export const passkeyPageSchema = pageSchema(passkeySchema).meta({ id: "PasskeyPage" });

export const secondFactorsSchema = z
  .object({
    totp: z.boolean(),
    passkeys: z.int(),
    recoveryCodesLeft: z.int(),
  })
  .meta({ id: "SecondFactors" });

export const totpSetupSchema = z
  .object({
    secret: z.string().meta({ description: "Base32, for typing it into an app" }),
    uri: z.string().meta({ description: "`otpauth://` URI, for a QR code" }),
    expiresIn: z.int().meta({ description: "Seconds in which it is to be confirmed" }),
  })
  .meta({ id: "TotpSetup" });
export const confirmTotpBodySchema = z.strictObject({ code: totpCodeSchema }).meta({ id: "ConfirmTotpBody" });
export const recoveryCodesSchema = z
  .object({ recoveryCodes: z.array(z.string()).meta({ description: "Shown this once" }) })
  .meta({ id: "RecoveryCodes" });

const oneFactor = (count: number): boolean => count === 1;

/** Exactly one second factor. */
export const verifyFactorBodySchema = z
  .strictObject({
    token: opaqueTokenSchema,
    code: totpCodeSchema.optional(),
    recoveryCode: recoveryCodeSchema.optional(),
    passkey: assertionSchema.optional(),
  })
  .refine(
    ({ code, recoveryCode, passkey }) =>
      oneFactor([code, recoveryCode, passkey].filter((factor) => factor !== undefined).length),
    { error: "Exactly one of code, recoveryCode and passkey", path: ["code"] },
  )
  .meta({ id: "VerifyFactorBody" });

/** Exactly one proof; the strongest that the account has is demanded. */
export const stepUpBodySchema = z
  .strictObject({
    password: passwordSchema.optional(),
    code: totpCodeSchema.optional(),
    recoveryCode: recoveryCodeSchema.optional(),
    passkey: assertionSchema.optional(),
  })
  .refine(
    ({ password, code, recoveryCode, passkey }) =>
      oneFactor([password, code, recoveryCode, passkey].filter((factor) => factor !== undefined).length),
    { error: "Exactly one of password, code, recoveryCode and passkey", path: ["password"] },
  )
  .meta({ id: "StepUpBody" });
/** The next access token of the same session; its refresh token stays. */
export const steppedUpSchema = z
  .object({
    accessToken: z.string().nullable().meta({ description: "Null in cookie mode, where the cookie is replaced" }),
    tokenType: z.enum(["Bearer", "Cookie"]),
    expiresIn: z.int(),
  })
  .meta({ id: "SteppedUp" });
