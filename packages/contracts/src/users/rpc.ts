import type { OrganizationId, UserId } from "@foyer/kernel/ids";
import type { Result } from "@foyer/kernel/result";
import type { CallContext } from "../shared/actor.ts";
import type { Permission, Role } from "../shared/permissions.ts";
import type { JSONWebKeySet } from "./jwks.ts";

/** What other workers ask of users. Implemented by the default entrypoint of workers/users. */
export interface UsersRpc {
  /** The public signing keys; callers cache them. */
  getJwks(): Promise<JSONWebKeySet>;
  /**
   * May this actor do this in this organization? Fails with `users.organization_not_found` where the actor is not a
   * member (another tenant's organization does not exist for them) and `auth.forbidden` where the role is too weak.
   */
  authorize(
    call: CallContext,
    input: { readonly organizationId: OrganizationId; readonly permission: Permission },
  ): Promise<Result<{ readonly organizationId: OrganizationId; readonly role: Role }>>;
  /** Names and addresses for mails; unknown ids are left out. At most 100 ids. */
  getContacts(call: CallContext, input: { readonly userIds: readonly UserId[] }): Promise<Result<readonly Contact[]>>;
  /**
   * The secret part of a single-use link, computed from the token's id when the mail is written, so that it is stored
   * nowhere and travels in no queue. Fails with `users.token_invalid` once used, replaced or expired.
   */
  getSingleUseToken(
    call: CallContext,
    input: { readonly tokenId: string },
  ): Promise<
    Result<{ readonly token: string; readonly purpose: string; readonly userId: UserId; readonly expiresAt: string }>
  >;
  /** Public names of organizations, for pages and payment descriptions. Unknown ids are left out. At most 100 ids. */
  getOrganizations(
    call: CallContext,
    input: { readonly organizationIds: readonly OrganizationId[] },
  ): Promise<Result<readonly { readonly id: OrganizationId; readonly name: string; readonly slug: string }[]>>;
}

export interface Contact {
  readonly userId: UserId;
  readonly email: string;
  readonly name: string;
  readonly emailVerified: boolean;
}
