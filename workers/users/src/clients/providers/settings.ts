import { type ProviderName, providerNames, providerSchema } from "@foyer/contracts/users/api/providers";
import { limits } from "@foyer/kernel/limits";
import * as z from "zod";
import { isLoopback, parseRedirectAddresses } from "../../domain/redirect-addresses.ts";
import { type ProviderProfile, providerProfiles } from "./profiles.ts";

/** A provider that this deployment is registered with. */
export interface ProviderSettings extends ProviderProfile {
  readonly provider: ProviderName;
  readonly clientId: string;
  /** The client's secret, or the private key that signs it, PKCS #8 in PEM. */
  readonly secret: string;
  /** Apple only: issuer and key id of the signed secret. */
  readonly teamId: string;
  readonly keyId: string;
}

/** What a deployment says of its providers; variables and secrets as they are bound. */
export interface ProviderConfiguration {
  /** OAUTH_PROVIDERS: JSON by provider, the client's id and what is not as in {@link providerProfiles}. */
  readonly providers: string;
  /** OAUTH_SECRETS: JSON, a text by provider. A provider without one is not configured. */
  readonly secrets: string | undefined;
  /** OAUTH_REDIRECT_URIS: where sign-ins may end, with commas between. */
  readonly redirectUris: string;
}

/** The configuration, read. */
export interface IdentitySettings {
  readonly providers: ReadonlyMap<ProviderName, ProviderSettings>;
  readonly redirectUris: ReadonlySet<string>;
}

/** Secrets and codes go there: never in the clear, but to a program on the same machine. */
const endpointSchema = z
  .url({ protocol: /^https?$/ })
  .max(limits.urlCharsMax)
  .refine((text) => text.startsWith("https:") || isLoopback(new URL(text)));
const idSchema = z.string().min(1).max(limits.opaqueTokenCharsMax);

const givenSchema = z.strictObject({
  clientId: idSchema,
  authorizationEndpoint: endpointSchema.optional(),
  tokenEndpoint: endpointSchema.optional(),
  issuer: z.string().min(1).max(limits.urlCharsMax).optional(),
  jwksUri: endpointSchema.optional(),
  apiUrl: endpointSchema.optional(),
  teamId: idSchema.optional(),
  keyId: idSchema.optional(),
});
const providersSchema = z
  .partialRecord(providerSchema, givenSchema)
  .refine(({ apple }) => apple === undefined || (apple.teamId !== undefined && apple.keyId !== undefined), {
    path: ["apple", "teamId or keyId"],
  });
const secretsSchema = z.partialRecord(providerSchema, z.string().min(1));

/** Reads the configuration. Throws with the places that are wrong, and never with what stands there. */
export function readIdentitySettings(configuration: ProviderConfiguration): IdentitySettings {
  const given = read("OAUTH_PROVIDERS", configuration.providers, providersSchema);
  const secrets = read("OAUTH_SECRETS", configuration.secrets ?? "{}", secretsSchema);
  const configured = providerNames.flatMap((provider) => {
    const own = given[provider];
    const secret = secrets[provider];
    if (own === undefined || secret === undefined) return [];
    return [[provider, settingsOf(provider, own, secret)] as const];
  });
  return { providers: new Map(configured), redirectUris: readRedirectUris(configuration.redirectUris) };
}

function settingsOf(provider: ProviderName, own: z.infer<typeof givenSchema>, secret: string): ProviderSettings {
  const profile = providerProfiles[provider];
  const { clientId, teamId = "", keyId = "" } = own;
  return {
    ...profile,
    provider,
    clientId,
    secret,
    teamId,
    keyId,
    authorizationEndpoint: own.authorizationEndpoint ?? profile.authorizationEndpoint,
    tokenEndpoint: own.tokenEndpoint ?? profile.tokenEndpoint,
    issuer: own.issuer ?? profile.issuer,
    jwksUri: profile.jwksUri === null ? null : (own.jwksUri ?? profile.jwksUri),
    apiUrl: profile.apiUrl === null ? null : (own.apiUrl ?? profile.apiUrl),
  };
}

function read<T>(name: string, text: string, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(`${name} is not JSON`); // the parser's own words would quote it
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  // A path names members, and whoever puts a secret in the place of a provider's name would read it there.
  const places = result.error.issues.map(({ path }) => path.filter(isExpected).join(".") || "the whole");
  throw new Error(`${name}: not valid in ${[...new Set(places)].join(", ")}`);
}

const expectedNames: ReadonlySet<unknown> = new Set([
  ...providerNames,
  ...Object.keys(givenSchema.shape),
  "teamId or keyId",
]);
const isExpected = (name: PropertyKey): boolean => expectedNames.has(name);

function readRedirectUris(list: string): ReadonlySet<string> {
  try {
    return parseRedirectAddresses(list);
  } catch (thrown) {
    throw new Error(`OAUTH_REDIRECT_URIS: ${thrown instanceof TypeError ? thrown.message : "not valid"}`);
  }
}
