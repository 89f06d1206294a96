import type { Role } from "@foyer/contracts/shared/permissions";
import { newId, type OrganizationId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { maskAddress } from "@foyer/kernel/mail-addresses";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { Invitation } from "../../domain/invitation.ts";
import { mayGrant } from "../../domain/organization.ts";
import { note, type UsersCall } from "../call.ts";
import { roleNotGrantable } from "../members/failures.ts";
import { manageOrganization, refuseWhileClosing } from "../organizations/manage-organization.ts";
import { untilStored } from "../until-stored.ts";
import { countMail, findInvited, invitationLimit, planInvitation } from "./plan-invitation.ts";

/**
 * Invites an address, in the place of an earlier invitation to it, whose link is void then. `users.role_not_grantable` for a role that the caller
 * may not give, or take from the earlier one; `users.organization_closing`, `users.already_member`, `users.member_limit`,
 * `users.invitation_limit`, `users.too_many_attempts` where the address gets too many mails.
 */
export async function createInvitation(
  deps: Deps,
  call: UsersCall,
  input: { readonly organizationId: OrganizationId; readonly email: string; readonly role: Role },
): Promise<Result<Invitation>> {
  const { organizationId, email, role } = input;
  let isCounted = false;
  return untilStored(async () => {
    const managed = await manageOrganization(deps, call, { organizationId, permission: "members.write" });
    if (!managed.ok) return managed;
    const { organization, by } = managed.value;
    const earlier = await deps.invitations.findByEmail(organizationId, email);
    if (!mayGrant(by.role, role, earlier?.role ?? role)) return roleNotGrantable;
    const open = refuseWhileClosing(organization);
    if (!open.ok) return open;
    const account = await findInvited(deps, organization, email);
    if (!account.ok) return account;
    if (!isCounted) {
      const counted = await countMail(deps, email);
      if (!counted.ok) return counted;
      isCounted = true;
    }

    const nowMs = deps.clock.nowMs();
    const id = newId("invitation", nowMs);
    const { invitation, letter } = await planInvitation(
      deps,
      call,
      organization,
      { invitation: { id, organizationId, email, role, createdAtMs: nowMs }, account: account.value },
      by.userId,
      nowMs,
    );
    const before = earlier === null ? {} : { before: { invitationId: earlier.id, role: earlier.role } };
    const after = { email: maskAddress(email), role };
    const outcome = await deps.store.commit(
      [
        deps.members.mustStand(organizationId, [by]),
        ...(earlier === null ? [] : [deps.invitations.mustBeThere(earlier), deps.invitations.remove(earlier.id)]),
        deps.invitations.insert(invitation, limits.invitationsPerOrganizationMax),
        ...letter,
        note(deps, call, { action: "invitation.sent", targetId: id, organizationId, ...before, after }, nowMs),
      ],
      ["member_changed", "organization_changed", "invitation_taken", "invitation_limit"],
    );
    if (outcome === "committed") return ok(invitation);
    return outcome === "invitation_limit" ? invitationLimit : "overtaken";
  });
}
