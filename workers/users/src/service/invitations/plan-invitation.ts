import { secondMs } from "@foyer/kernel/clock";
import { newId, type UserId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { Invitation } from "../../domain/invitation.ts";
import type { Organization } from "../../domain/organization.ts";
import type { User } from "../../domain/user.ts";
import type { Write } from "../../repository/database.ts";
import type { StoredInvitation } from "../../repository/invitations.ts";
import type { UsersCall } from "../call.ts";
import { planLetter } from "../letters/plan-letter.ts";

/**
 * An invitation with a link that nobody has yet, which works once and for seven days, and the writes that ask for its mail. Each mail's link has a
 * secret of its own, made from the id of its token.
 */
export async function planInvitation(
  deps: Pick<Deps, "letters" | "store" | "linkSecrets" | "users">,
  call: UsersCall,
  organization: Organization,
  invited: { readonly invitation: Omit<Invitation, "invitedBy" | "expiresAtMs">; readonly account: User | null },
  invitedBy: UserId,
  nowMs: number,
): Promise<{ readonly invitation: StoredInvitation; readonly letter: Write[] }> {
  const { account } = invited;
  const token = { purpose: "invitation", id: newId("token", nowMs) } as const;
  const [hash, inviter] = await Promise.all([
    deps.linkSecrets.secretOf(token.purpose, token.id).then(deps.linkSecrets.hashOf),
    deps.users.findById(invitedBy),
  ]);
  const expiresAtMs = nowMs + limits.invitationTtlSeconds * secondMs;
  const invitation: StoredInvitation = { ...invited.invitation, hash, invitedBy, expiresAtMs };
  const to = { id: account?.id ?? null, email: invitation.email, locale: account?.locale ?? null };
  const subject = {
    kind: "invitation",
    organizationName: organization.name,
    inviterName: inviter?.name ?? "",
    role: invitation.role,
  } as const;
  return { invitation, letter: planLetter(deps, to, subject, { token, expiresAtMs }, call.requestId, nowMs) };
}

/**
 * The account that an address has, if it may still be invited: `users.already_member`, or `users.member_limit` where there is no room
 * for anybody.
 */
export async function findInvited(
  deps: Pick<Deps, "users" | "members">,
  organization: Organization,
  email: string,
): Promise<Result<User | null>> {
  const [account, count] = await Promise.all([deps.users.findByEmail(email), deps.members.count(organization.id)]);
  if (account !== null && (await deps.members.findByUser(organization.id, account.id)) !== null) return alreadyMember;
  return count < limits.membersPerOrganizationMax ? ok(account) : memberLimit;
}

/** Counts a mail to an address that somebody named; `users.too_many_attempts` where it gets too many. */
export function countMail(deps: Pick<Deps, "guards">, email: string): Promise<Result<null>> {
  return deps.guards.begin([{ of: email, counters: [{ kind: "mailByMembers" }] }]);
}

export const invitationNotFound = fail("users.invitation_not_found", "No such invitation.");
export const alreadyMember = fail("users.already_member", "Whoever has this address is a member already.");
export const memberLimit = fail(
  "users.member_limit",
  `An organization has ${limits.membersPerOrganizationMax} members at most.`,
);
export const invitationLimit = fail(
  "users.invitation_limit",
  `An organization has ${limits.invitationsPerOrganizationMax} open invitations at most.`,
);
