import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { emailSchema } from "../../shared/schemas.ts";
import { newPasswordSchema, opaqueTokenSchema, passwordSchema } from "./fields.ts";

export const verifyEmailBodySchema = z
  .strictObject({
    token: opaqueTokenSchema,
    password: passwordSchema
      .optional()
      .meta({ description: "The account's password; not needed from whoever is signed in to the account" }),
  })
  .meta({ id: "VerifyEmailBody" });
export const resendVerificationBodySchema = z
  .strictObject({ email: emailSchema })
  .meta({ id: "ResendVerificationBody" });

export const forgotPasswordBodySchema = z.strictObject({ email: emailSchema }).meta({ id: "ForgotPasswordBody" });
export const resetPasswordBodySchema = z
  .strictObject({ token: opaqueTokenSchema, password: newPasswordSchema })
  .meta({ id: "ResetPasswordBody" });
export const changePasswordBodySchema = z
  .strictObject({
    currentPassword: passwordSchema
      .optional()
      .meta({ description: "Needed where the account has one; without, a fresh proof of identity is" }),
    password: newPasswordSchema,
  })
  .meta({ id: "ChangePasswordBody" });

export const changeEmailBodySchema = z.strictObject({ email: emailSchema }).meta({ id: "ChangeEmailBody" });
export const confirmEmailChangeBodySchema = z
  .strictObject({ token: opaqueTokenSchema })
  .meta({ id: "ConfirmEmailChangeBody" });
export const emailChangeSchema = z
  .object({
    status: z.enum(["waiting", "changed"]),
    waitingFor: z.array(z.enum(["current_address", "new_address"])).meta({
      description: `Confirmations that are missing; links work for ${limits.singleUseTokenTtlSeconds} seconds`,
    }),
  })
  .meta({ id: "EmailChange" });
