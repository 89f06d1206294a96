import * as z from "zod";
import { providerNames } from "./provider-names.ts";

/** What a client must know of a provider; nothing of it is secret. */
const providerSettingsSchema = z.object({
  clientId: z.string(),
  authorizationEndpoint: z.string(),
  tokenEndpoint: z.string(),
  /** What `iss` must be, in ID tokens and where answers carry it. Microsoft's has `{tenantid}` in place of the tenant. */
  issuer: z.string(),
  /** Where the keys of its ID tokens are; left out where it issues none. */
  jwksUri: z.string().optional(),
  /** GitHub only: `<apiUrl>/user` and `<apiUrl>/user/emails`. */
  apiUrl: z.string().optional(),
  /** Apple only: issuer and key id of the client's signed secret. */
  teamId: z.string().optional(),
  keyId: z.string().optional(),
});

/** Body of the answer to `POST /_emulator/clients`. */
export const clientSettingsSchema = z.object({
  settings: providerSettingsSchema,
  /** The client's secret; at Apple the private key that signs it, PKCS #8 in PEM. */
  secret: z.string(),
});
export type ClientSettings = z.infer<typeof clientSettingsSchema>;

const oauthSettingsSchema = z.object({
  providers: z.record(z.enum(providerNames), providerSettingsSchema),
  secrets: z.record(z.enum(providerNames), z.string()),
});

/** What a deployment is configured with to sign people in here: two values that JSON can carry, one of them secret. */
export type OAuthSettings = z.infer<typeof oauthSettingsSchema>;

/** Asks a running emulator, which may run in another process, how a deployment is configured for it. */
export async function oauthSettings(url: string): Promise<OAuthSettings> {
  const response = await fetch(`${url}/_emulator/settings`);
  if (!response.ok) throw new Error(`/_emulator/settings answered ${response.status}`);
  return oauthSettingsSchema.parse(await response.json());
}
