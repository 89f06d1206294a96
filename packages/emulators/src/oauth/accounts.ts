import * as z from "zod";

/** What every account has. Each provider knows more of it, and refuses fields that it knows nothing about. */
export interface BaseAccount {
  /** The provider's own id of the account. */
  readonly id: string;
  /** Null where it has none, or keeps it to itself. */
  readonly email: string | null;
  readonly name: string | null;
}

const id = z.string().min(1).max(200);
const name = z.string().min(1).max(200);
const email = z.email();

/** The tenant of all personal accounts at Microsoft (https://learn.microsoft.com/en-us/entra/identity-platform/id-token-claims-reference). */
export const personalTenant = "9188040d-6c67-4c5b-b112-36a304b66dad";

/** What an account of each provider is made of, as {@link OAuthControl.addAccount} takes it. */
export const accountSchemas = {
  google: z.strictObject({
    id,
    email,
    emailVerified: z.boolean(),
    name,
    picture: z.url().optional(),
    /** Domain of the organization whose account it is (`hd`); personal ones have none. */
    hostedDomain: z.string().optional(),
  }),
  /** Facebook never says whether it has verified an address, and who signed up by telephone has none. */
  facebook: z.strictObject({ id, email: email.nullable(), name }),
  apple: z.strictObject({
    id,
    email,
    emailVerified: z.boolean(),
    /** Given to a client once only; the last word is the family name. */
    name,
    /** The address is one of Apple's relay. */
    private: z.boolean().default(false),
    /** Claims that are true are said as the text "true"; Apple has sent both. */
    claimsAsText: z.boolean().default(false),
  }),
  microsoft: z.strictObject({
    /** The object id (`oid`). The subject that a client sees is another for each client. */
    id,
    /** Anything that the tenant's administrator entered; not verified by being there. */
    email: email.nullable(),
    name,
    username: z.string().optional(),
    /** Tenant of the organization; that of personal accounts where left out. */
    tenant: z.guid().default(personalTenant),
    /** Whether the domain's owner is verified (`xms_edov`); where left out, the claim is too. */
    edov: z.boolean().optional(),
  }),
  github: z.strictObject({
    id: z.string().regex(/^[1-9]\d{0,14}$/),
    /** The primary address. */
    email,
    emailVerified: z.boolean(),
    name: name.nullable(),
    login: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,39}$/)
      .optional(),
    /** Keeps the primary address out of the profile. */
    private: z.boolean().default(false),
    /** Beside the primary one and GitHub's own noreply address. */
    otherEmails: z.array(z.strictObject({ email, verified: z.boolean() })).default([]),
  }),
};

type Schemas = typeof accountSchemas;

/** An account as a test or a developer describes it. */
export type AccountInput<P extends keyof Schemas> = z.input<Schemas[P]>;
export type GoogleAccount = z.infer<Schemas["google"]>;
export type FacebookAccount = z.infer<Schemas["facebook"]>;
export type AppleAccount = z.infer<Schemas["apple"]>;
export type MicrosoftAccount = z.infer<Schemas["microsoft"]>;
export type GitHubAccount = z.infer<Schemas["github"]>;

/** A name in two parts; the family name is empty where there is one word only. */
export function splitName(full: string): { readonly given: string; readonly family: string } {
  const words = full.split(" ");
  const family = words.length > 1 ? (words.pop() ?? "") : "";
  return { given: words.join(" "), family };
}
