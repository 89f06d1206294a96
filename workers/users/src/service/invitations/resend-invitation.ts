import { toRfc3339 } from "@foyer/kernel/clock";
import type { Id, OrganizationId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { AuditState } from "../../domain/audit.ts";
import type { Invitation } from "../../domain/invitation.ts";
import { mayGrant } from "../../domain/organization.ts";
import { note, type UsersCall } from "../call.ts";
import { roleNotGrantable } from "../members/failures.ts";
import { manageOrganization, refuseWhileClosing } from "../organizations/manage-organization.ts";
import { untilStored } from "../until-stored.ts";
import { countMail, findInvited, invitationLimit, invitationNotFound, planInvitation } from "./plan-invitation.ts";

/**
 * Mails an invitation once more, expired or not: with another link, which voids the earlier ones, for seven days from now, and in the name of
 * whoever sends it now. Fails as inviting does, and with `users.invitation_not_found`.
 */
export async function resendInvitation(
  deps: Deps,
  call: UsersCall,
  input: { readonly organizationId: OrganizationId; readonly invitationId: Id<"invitation"> },
): Promise<Result<Invitation>> {
  const { organizationId, invitationId } = input;
  let isCounted = false;
  return untilStored(async () => {
    const managed = await manageOrganization(deps, call, { organizationId, permission: "members.write" });
    if (!managed.ok) return managed;
    const { organization, by } = managed.value;
    const current = await deps.invitations.find(organizationId, invitationId);
    if (current === null) return invitationNotFound;
    if (!mayGrant(by.role, current.role)) return roleNotGrantable;
    const open = refuseWhileClosing(organization);
    if (!open.ok) return open;
    const account = await findInvited(deps, organization, current.email);
    if (!account.ok) return account;
    if (!isCounted) {
      const counted = await countMail(deps, current.email);
      if (!counted.ok) return counted;
      isCounted = true;
    }

    const nowMs = deps.clock.nowMs();
    const { invitation, letter } = await planInvitation(
      deps,
      call,
      organization,
      { invitation: current, account: account.value },
      by.userId,
      nowMs,
    );
    const states = { before: sentState(current), after: sentState(invitation) };
    const facts = { action: "invitation.resent", targetId: invitationId, organizationId, ...states } as const;
    const outcome = await deps.store.commit(
      [
        deps.members.mustStand(organizationId, [by]),
        deps.invitations.mustBeThere(current),
        deps.invitations.renew(invitation, limits.invitationsPerOrganizationMax, nowMs),
        ...letter,
        note(deps, call, facts, nowMs),
      ],
      ["member_changed", "organization_changed", "invitation_limit"],
    );
    if (outcome === "committed") return ok(invitation);
    return outcome === "invitation_limit" ? invitationLimit : "overtaken";
  });
}

/** Who answers for an invitation and until when it works, as the trail keeps it. */
function sentState({ invitedBy, expiresAtMs }: Invitation): AuditState {
  return { invitedBy, expiresAt: toRfc3339(expiresAtMs) };
}
