import { emailSchema } from "@foyer/contracts/shared/schemas";
import type { ProviderName } from "@foyer/contracts/users/api/providers";
import { limits } from "@foyer/kernel/limits";

/** What a provider said of a person, once it is known that the provider said it. */
export interface ProviderClaims {
  readonly provider: ProviderName;
  /** Its own, lasting name for the person. */
  readonly subject: string;
  /** Null where there is none that letters could be sent to. */
  readonly email: string | null;
  /** Whether the provider vouches that the address is theirs. */
  readonly emailVerified: boolean;
  /** Null where the provider does not say. */
  readonly name: string | null;
}

/** Providers as people know them. */
export const providerTitles: Readonly<Record<ProviderName, string>> = {
  google: "Google",
  facebook: "Facebook",
  apple: "Apple",
  microsoft: "Microsoft",
  github: "GitHub",
};

/** Members of an ID token whose signature, issuer, audience, time and nonce are verified. */
type TokenClaims = Readonly<Record<string, unknown>>;

/** Providers that say who somebody is by an ID token. */
export type IdTokenProvider = Exclude<ProviderName, "github">;

/** What of a token is the person's lasting name, and whether it vouches for the address; the table of docs/design/identity.md. */
interface TokenRules {
  readonly subject: (claims: TokenClaims) => string | null;
  readonly vouches: (claims: TokenClaims) => boolean;
}

/** The tenant of personal accounts at Microsoft (https://learn.microsoft.com/en-us/entra/identity-platform/id-token-claims-reference). */
const personalTenant = "9188040d-6c67-4c5b-b112-36a304b66dad";

const tokenRules: Readonly<Record<IdTokenProvider, TokenRules>> = {
  google: { subject: ({ sub }) => textOf(sub), vouches: ({ email_verified }) => isYes(email_verified) },
  apple: { subject: ({ sub }) => textOf(sub), vouches: ({ email_verified }) => isYes(email_verified) },
  facebook: { subject: ({ sub }) => textOf(sub), vouches: () => false },
  microsoft: {
    subject: ({ tid, sub }) => (textOf(tid) === null || textOf(sub) === null ? null : `${tid}/${sub}`),
    // What stands in `email` of an organization's account is what its administrator wrote there, whoever's address it is.
    vouches: ({ tid, xms_edov }) => tid === personalTenant || isYes(xms_edov),
  },
};

/** Providers have said yes as a boolean, a number and a text. */
function isYes(value: unknown): boolean {
  return value === true || value === 1 || value === "1" || value === "true";
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/**
 * What a verified ID token says. `nameElsewhere` is the name where it does not come in the token. Null where the token names
 * nobody.
 */
export function claimsOfToken(
  provider: IdTokenProvider,
  token: TokenClaims,
  nameElsewhere: string | null,
): ProviderClaims | null {
  const { subject, vouches } = tokenRules[provider];
  return claimsOf(provider, {
    subject: subject(token),
    email: token.email,
    emailVerified: vouches(token),
    name: token.name ?? nameElsewhere,
  });
}

/** An account at GitHub, as its API describes it. */
export interface GitHubUser {
  readonly id: number;
  readonly login: string;
  readonly name: string | null;
}

/** An address of such an account. */
export interface GitHubEmail {
  readonly email: string;
  readonly primary: boolean;
  readonly verified: boolean;
}

/** Addresses that GitHub makes up, so that the real one need not be shown; what is sent there is lost. */
const noReply = /@(?:[\w-]+\.)*noreply\.github\.com$/i;

/** What GitHub's API says: of the addresses, the primary one counts. */
export function claimsOfGitHub(user: GitHubUser, emails: readonly GitHubEmail[]): ProviderClaims | null {
  const primary = emails.find((each) => each.primary && !noReply.test(each.email));
  return claimsOf("github", {
    subject: String(user.id),
    email: primary?.email,
    emailVerified: primary?.verified === true,
    name: personName(user.name) ?? user.login,
  });
}

function claimsOf(
  provider: ProviderName,
  said: {
    readonly subject: string | null;
    readonly email: unknown;
    readonly emailVerified: boolean;
    readonly name: unknown;
  },
): ProviderClaims | null {
  const { subject } = said;
  if (subject === null || subject.length > limits.providerSubjectCharsMax) return null;
  const email = addressOf(said.email);
  return { provider, subject, email, emailVerified: email !== null && said.emailVerified, name: personName(said.name) };
}

/**
 * An address as accounts have it; null for what is none. One that is not ASCII is none: folding its case may make another's address of
 * it (the Kelvin sign becomes a k), and then a provider would vouch for the wrong mailbox.
 */
function addressOf(value: unknown): string | null {
  if (typeof value !== "string" || !/^[\x21-\x7e]+$/.test(value)) return null;
  const parsed = emailSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/** A name as accounts have them: one line, no control characters, cut to its limit. Null where nothing is left. */
function personName(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const line = value
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim()
    .slice(0, limits.nameCharsMax)
    .replace(/\p{Cs}$/u, "") // half of a pair that the cut went through
    .trim();
  return line === "" ? null : line;
}

/**
 * The name in Apple's form field `user`, which comes with the first consent only. The browser carries it and nobody has signed it, so it
 * is a name and nothing else: of the address beside it the token decides.
 */
export function nameInAppleUser(user: string | undefined): string | null {
  const name = memberOf(parseJson(user ?? ""), "name");
  const parts = [memberOf(name, "firstName"), memberOf(name, "lastName")];
  return personName(parts.filter((part) => typeof part === "string").join(" "));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // whoever sent it, it is no name
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : null;
}

/** What a new account is called: as the provider says, or as its mailbox is, which its owner can change. */
export function accountName(claims: ProviderClaims, email: string): string {
  return claims.name ?? email.slice(0, email.indexOf("@")).slice(0, limits.nameCharsMax);
}
