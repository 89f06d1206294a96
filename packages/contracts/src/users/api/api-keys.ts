import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { type KeyScope, keyScopes } from "../../shared/permissions.ts";
import { idSchema, instantSchema, lineSchema, pageSchema } from "../../shared/schemas.ts";
import { momentSchema } from "./fields.ts";

const scopeSchema = z
  .custom<KeyScope>((value) => typeof value === "string" && keyScopes.some((scope) => scope === value), {
    error: "Not a scope that a key can have",
  })
  .meta({ type: "string", enum: [...keyScopes] });
const scopesSchema = z
  .array(scopeSchema)
  .min(1)
  .max(keyScopes.length)
  .refine((scopes) => new Set(scopes).size === scopes.length, { error: "Scopes repeat" });

export const apiKeyBodySchema = z
  .strictObject({
    name: lineSchema(limits.nameCharsMax),
    scopes: scopesSchema,
    expiresAt: instantSchema.nullable().optional(),
  })
  .meta({ id: "ApiKeyBody" });
export const apiKeyPatchSchema = z
  .strictObject({ name: lineSchema(limits.nameCharsMax).optional() })
  .meta({ id: "ApiKeyPatch" });
export const rotateApiKeyBodySchema = z
  .strictObject({
    overlapSeconds: z
      .int()
      .min(0)
      .max(limits.apiKeyOverlapSecondsMax)
      .default(limits.apiKeyOverlapSecondsDefault)
      .meta({ description: "How long the old secret works on" }),
  })
  .meta({ id: "RotateApiKeyBody" });

/** A key of an organization's, without its secret. */
export const apiKeySchema = z
  .object({
    id: idSchema("apiKey"),
    name: z.string(),
    prefix: z.string().meta({ description: "How the key begins", example: "fk_0b7…" }),
    scopes: z.array(scopeSchema),
    createdBy: idSchema("user").nullable(),
    createdAt: momentSchema,
    rotatedAt: momentSchema.nullable(),
    lastUsedAt: momentSchema.nullable().meta({ description: "To the minute" }),
    expiresAt: momentSchema.nullable(),
  })
  .meta({ id: "ApiKey" });
export const apiKeyPageSchema = pageSchema(apiKeySchema).meta({ id: "ApiKeyPage" });
export const newApiKeySchema = z
  .object({ apiKey: apiKeySchema, secret: z.string().meta({ description: "The whole key; shown this once" }) })
  .meta({ id: "NewApiKey" });
