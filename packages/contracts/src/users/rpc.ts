import type { Id, OrganizationId, UserId } from "@foyer/kernel/ids";
import type { Result } from "@foyer/kernel/result";
import type { CallContext } from "../shared/actor.ts";
import type { Permission, Role } from "../shared/permissions.ts";
import type { JSONWebKeySet } from "./jwks.ts";
import type { Letter } from "./letters.ts";

/** What other workers ask of users. Implemented by the default entrypoint of workers/users. */
export interface UsersRpc {
  /** The public signing keys; callers cache them. */
  getJwks(): Promise<JSONWebKeySet>;
  /** What ended before its time, behind a sequence number, oldest first; a page of `limits.revocationsPerPageMax`. */
  getRevocations(input: { readonly after: number }): Promise<readonly Revocation[]>;
  /** What an API key opens; null for what is no key, has expired or was revoked. Callers remember the answer for seconds. */
  authenticateKey(input: { readonly key: string }): Promise<AuthenticatedKey | null>;
  /**
   * May this actor do this in this organization? Fails with `users.organization_not_found` where the actor is not a
   * member, or the key is another's (another tenant's organization does not exist for them), and `auth.forbidden` where role or scopes are too
   * weak. A key's role is that of nobody: null.
   */
  authorize(
    call: CallContext,
    input: { readonly organizationId: OrganizationId; readonly permission: Permission },
  ): Promise<Result<{ readonly organizationId: OrganizationId; readonly role: Role | null }>>;
  /** Names and addresses for mails; unknown ids are left out. At most 100 ids. */
  getContacts(call: CallContext, input: { readonly userIds: readonly UserId[] }): Promise<Result<readonly Contact[]>>;
  /**
   * A mail about an account. The secret of its link is computed when it is asked for, so that it is stored nowhere and travels in no
   * queue. Fails with `users.letter_void` where its link was used, replaced or has expired.
   */
  getLetter(call: CallContext, input: { readonly letterId: Id<"letter"> }): Promise<Result<Letter>>;
  /** What to look for when a person is erased, for the workers that are told; `users.erasure_unknown` where none is under way. */
  getErasure(call: CallContext, input: { readonly userId: UserId }): Promise<Result<ErasureDue>>;
  /** Public names of organizations, for pages and payment descriptions. Unknown ids are left out. At most 100 ids. */
  getOrganizations(
    call: CallContext,
    input: { readonly organizationIds: readonly OrganizationId[] },
  ): Promise<Result<readonly OrganizationName[]>>;
  /** One organization's public face, by id or slug; `users.organization_not_found` where there is none, or none any more. */
  findOrganization(call: CallContext, input: { readonly idOrSlug: string }): Promise<Result<PublicOrganization>>;
}

/** What an organization is called. */
export interface OrganizationName {
  readonly id: OrganizationId;
  readonly name: string;
  readonly slug: string;
}

/** What an organization shows to everyone. */
export interface PublicOrganization extends OrganizationName {
  readonly description: string;
  readonly website: string | null;
  readonly contactEmail: string | null;
}

export interface Contact {
  readonly userId: UserId;
  readonly email: string;
  readonly name: string;
  readonly emailVerified: boolean;
}

/** A person who is to be forgotten. */
export interface ErasureDue {
  readonly userId: UserId;
  /** Their last address. */
  readonly email: string;
  /** Whether it was proven to be theirs. What others did under an address that was not is none of theirs. */
  readonly emailVerified: boolean;
  /** What was made later, epoch milliseconds, is another's, who has the address now. */
  readonly requestedAtMs: number;
}

/** Credentials of a subject that were issued up to a moment are void. */
export interface Revocation {
  readonly sequence: number;
  /** A session, a user, an API key or a signing key, by its id. */
  readonly subject: string;
  readonly beforeMs: number;
}

/** What an API key opens. */
export interface AuthenticatedKey {
  readonly keyId: string;
  readonly organizationId: OrganizationId;
  readonly scopes: readonly Permission[];
  readonly expiresAtMs: number | null;
  /** When users looked, epoch milliseconds. */
  readonly checkedAtMs: number;
}
