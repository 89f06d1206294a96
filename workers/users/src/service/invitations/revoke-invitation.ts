import type { Id, OrganizationId } from "@foyer/kernel/ids";
import { maskAddress } from "@foyer/kernel/mail-addresses";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { mayGrant } from "../../domain/organization.ts";
import { note, type UsersCall } from "../call.ts";
import { roleNotGrantable } from "../members/failures.ts";
import { manageOrganization } from "../organizations/manage-organization.ts";
import { untilStored } from "../until-stored.ts";
import { invitationNotFound } from "./plan-invitation.ts";

/**
 * Takes an invitation back; its link is void at once. `users.invitation_not_found`, also where it was accepted meanwhile;
 * `users.role_not_grantable` where the caller may not take its role.
 */
export async function revokeInvitation(
  deps: Deps,
  call: UsersCall,
  input: { readonly organizationId: OrganizationId; readonly invitationId: Id<"invitation"> },
): Promise<Result<null>> {
  const { organizationId, invitationId } = input;
  return untilStored(async () => {
    const managed = await manageOrganization(deps, call, { organizationId, permission: "members.write" });
    if (!managed.ok) return managed;
    const { by } = managed.value;
    const invitation = await deps.invitations.find(organizationId, invitationId);
    if (invitation === null) return invitationNotFound;
    if (!mayGrant(by.role, invitation.role)) return roleNotGrantable;
    const before = { email: maskAddress(invitation.email), role: invitation.role };
    const facts = { action: "invitation.revoked", targetId: invitationId, organizationId, before } as const;
    const outcome = await deps.store.commit(
      [
        deps.members.mustStand(organizationId, [by]),
        deps.invitations.mustBeThere(invitation),
        deps.invitations.remove(invitationId),
        note(deps, call, facts, deps.clock.nowMs()),
      ],
      ["member_changed", "organization_changed"],
    );
    return outcome === "committed" ? ok(null) : "overtaken";
  });
}
