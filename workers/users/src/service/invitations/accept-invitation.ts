import { requireSelf } from "@foyer/auth/guards";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { Organization } from "../../domain/organization.ts";
import type { User } from "../../domain/user.ts";
import type { Write } from "../../repository/database.ts";
import { note, type UsersCall } from "../call.ts";
import { ownershipLimit } from "../members/failures.ts";
import { readOrganization } from "../organizations/read-organization.ts";
import { readProfile } from "../profile/read-profile.ts";
import { untilStored } from "../until-stored.ts";
import { openInvitation } from "./open-invitation.ts";
import { alreadyMember, memberLimit } from "./plan-invitation.ts";

const forAnother = fail("users.invitation_for_another", "This invitation is for somebody else.");

/**
 * Joins an organization by the mailed token of an invitation, which is used up; the organization as its new member sees it. Only for whoever is
 * signed in under the very address that it was mailed to (`users.invitation_for_another`, which tells nothing of that address). The token proves
 * the mailbox and the session the account, so an address that was not verified is now. `users.invitation_invalid`,
 * `users.already_member`, `users.member_limit`, `users.organization_limit` where a new owner owns too many.
 */
export async function acceptInvitation(
  deps: Deps,
  call: UsersCall,
  input: { readonly token: string },
): Promise<Result<Organization>> {
  const actor = requireSelf(call.actor);
  if (!actor.ok) return actor;
  return untilStored(async () => {
    const profile = await readProfile(deps, call);
    if (!profile.ok) return profile;
    const user = profile.value;
    if (user.suspendedAtMs !== null) return fail("users.suspended", "This account is suspended.");
    const opened = await openInvitation(deps, input);
    if (!opened.ok) return opened;
    const { invitation, inviter } = opened.value;
    if (invitation.email !== user.email) return forAnother;

    const { organizationId, role } = invitation;
    const nowMs = deps.clock.nowMs();
    const member = { id: newId("membership", nowMs), organizationId, userId: user.id, role, createdAtMs: nowMs };
    const max = { members: limits.membersPerOrganizationMax, owned: limits.organizationsPerUserMax };
    const after = { userId: user.id, role, invitationId: invitation.id, invitedBy: inviter.userId };
    const outcome = await deps.store.commit(
      [
        deps.members.mustStand(organizationId, [inviter]),
        deps.invitations.mustBeThere(invitation),
        deps.invitations.remove(invitation.id),
        deps.members.insert(member, max),
        ...(user.emailVerifiedAtMs === null ? planVerification(deps, call, user, nowMs) : []),
        note(deps, call, { action: "member.joined", targetId: member.id, organizationId, after }, nowMs),
      ],
      ["member_changed", "organization_changed", "user_changed", "already_member", "member_limit", "ownership_limit"],
    );
    switch (outcome) {
      case "committed":
        return readOrganization(deps, call, { organizationId, permission: "organization.read" });
      case "already_member":
        return alreadyMember;
      case "member_limit":
        return memberLimit;
      case "ownership_limit":
        return ownershipLimit;
      case "member_changed":
      case "organization_changed":
      case "user_changed":
        return "overtaken";
    }
  });
}

/** The writes that note that a user's mailbox is theirs, if the account is still as it was read. */
function planVerification(deps: Deps, call: UsersCall, { id, version }: User, nowMs: number): Write[] {
  return [
    deps.users.touch(id, version, nowMs),
    deps.users.markVerified(id, nowMs),
    deps.singleUseTokens.voidAll(id, ["verify_email"], nowMs),
    note(deps, call, { action: "user.email_verified", targetId: id }, nowMs),
  ];
}
