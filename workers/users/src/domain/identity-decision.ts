import type { ProviderClaims } from "./providers.ts";
import type { User } from "./user.ts";

/** An account as far as this decision looks at it. */
interface AccountLike {
  readonly user: Pick<User, "emailVerifiedAtMs">;
}

/** What is known here of somebody whom a provider has named. */
export interface KnownOfIdentity<A extends AccountLike> {
  /** The account that the identity opens. */
  readonly owner: A | null;
  /** The account that has its address. */
  readonly namesake: A | null;
  /** Whether strangers may learn which addresses have accounts, and accounts may be used before their address is verified. */
  readonly isOpenDeployment: boolean;
}

/** What comes of it: docs/design/identity.md, Providers. */
export type IdentityDecision<A> =
  | { readonly kind: "sign_in"; readonly account: A }
  | { readonly kind: "link_by_address"; readonly account: A }
  | { readonly kind: "register"; readonly email: string }
  | {
      readonly kind: "refuse";
      readonly code: "users.identity_not_linked" | "users.provider_address_missing" | "users.email_not_verified";
    };

/**
 * Decides about somebody who signs in by a provider. An address joins an identity and an account only where both sides have proven it:
 * the provider, or a stranger takes the account over; and the account, or whoever registered it for a stranger's address gets that
 * stranger in.
 */
export function decideIdentity<A extends AccountLike>(
  { email, emailVerified }: Pick<ProviderClaims, "email" | "emailVerified">,
  { owner, namesake, isOpenDeployment }: KnownOfIdentity<A>,
): IdentityDecision<A> {
  if (owner !== null) {
    const mayEnter = isOpenDeployment || isVerified(owner);
    return mayEnter ? { kind: "sign_in", account: owner } : { kind: "refuse", code: "users.email_not_verified" };
  }
  if (email === null) return { kind: "refuse", code: "users.provider_address_missing" };
  // Where nobody may learn which addresses have accounts, one that is not proven gets the same answer for both.
  if (!emailVerified && !isOpenDeployment) return { kind: "refuse", code: "users.identity_not_linked" };
  if (namesake === null) return { kind: "register", email };
  if (emailVerified && isVerified(namesake)) return { kind: "link_by_address", account: namesake };
  return { kind: "refuse", code: "users.identity_not_linked" };
}

function isVerified({ user }: AccountLike): boolean {
  return user.emailVerifiedAtMs !== null;
}
