import type { Role } from "@foyer/contracts/shared/permissions";
import type { Id, OrganizationId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { type Member, mayGrant } from "../../domain/organization.ts";
import { note, type UsersCall } from "../call.ts";
import { manageOrganization } from "../organizations/manage-organization.ts";
import { untilStored } from "../until-stored.ts";
import { lastOwner, memberNotFound, ownershipLimit, roleNotGrantable } from "./failures.ts";

/**
 * Gives a member another role. `users.role_not_grantable` where the caller may not give the new one, or not take the old one, and for
 * one's own; `users.member_not_found`, `users.last_owner`, `users.organization_limit` where a new owner owns too many.
 */
export async function changeMemberRole(
  deps: Deps,
  call: UsersCall,
  input: { readonly organizationId: OrganizationId; readonly memberId: Id<"membership">; readonly role: Role },
): Promise<Result<Member>> {
  const { organizationId, memberId, role } = input;
  return untilStored(async () => {
    const managed = await manageOrganization(deps, call, { organizationId, permission: "members.write" });
    if (!managed.ok) return managed;
    const { by } = managed.value;
    const member = await deps.members.find(organizationId, memberId);
    if (member === null) return memberNotFound;
    if (member.userId === by.userId) return fail("users.role_not_grantable", "Nobody changes their own role.");
    if (!mayGrant(by.role, member.role, role)) return roleNotGrantable;
    if (member.role === role) return ok(member);

    const { userId } = member;
    const states = { before: { userId, role: member.role }, after: { userId, role } };
    const outcome = await deps.store.commit(
      [
        deps.members.mustStand(organizationId, [by, member]),
        deps.members.setRole(memberId, role, limits.organizationsPerUserMax),
        deps.organizations.keepOwner(organizationId),
        note(
          deps,
          call,
          { action: "member.role_changed", targetId: memberId, organizationId, ...states },
          deps.clock.nowMs(),
        ),
      ],
      ["member_changed", "ownership_limit", "organization_changed"],
    );
    switch (outcome) {
      case "committed":
        return ok({ ...member, role });
      case "member_changed":
        return "overtaken";
      case "ownership_limit":
        return ownershipLimit;
      case "organization_changed":
        return lastOwner;
    }
  });
}
