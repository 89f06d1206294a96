import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { mayGrant } from "../../domain/organization.ts";
import type { OpenInvitation } from "../../repository/invitations.ts";
import type { MemberStanding } from "../../repository/members.ts";

const invitationInvalid = fail("users.invitation_invalid", "This invitation is no longer valid; ask for a new one.");

/**
 * The invitation whose link has this token, and what whoever sent it is in the organization today. `users.invitation_invalid` where it
 * was accepted, revoked, replaced or never was, has run out, its organization is being closed, or its sender may no longer give the role.
 */
export async function openInvitation(
  deps: Pick<Deps, "clock" | "linkSecrets" | "invitations" | "organizations">,
  input: { readonly token: string },
): Promise<Result<{ readonly invitation: OpenInvitation; readonly inviter: MemberStanding }>> {
  const hash = await deps.linkSecrets.hashOf(input.token);
  const invitation = await deps.invitations.findByHash(hash, deps.clock.nowMs());
  if (invitation === null || invitation.invitedBy === null) return invitationInvalid;
  const { organizationId, invitedBy: userId } = invitation;
  const standing = await deps.organizations.findStanding(organizationId, userId);
  if (standing === null || !mayGrant(standing.role, invitation.role)) return invitationInvalid;
  return ok({ invitation, inviter: { userId, role: standing.role } });
}
