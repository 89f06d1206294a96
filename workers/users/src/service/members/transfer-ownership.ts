import type { Id, OrganizationId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { Organization } from "../../domain/organization.ts";
import { note, type UsersCall } from "../call.ts";
import { manageOrganization } from "../organizations/manage-organization.ts";
import { readOrganization } from "../organizations/read-organization.ts";
import { untilStored } from "../until-stored.ts";
import { memberNotFound, ownershipLimit } from "./failures.ts";

/**
 * Makes a member an owner and the caller, who was one, an admin, as one change. The organization as the caller sees it then.
 * `users.member_not_found`; `users.organization_limit` where the new owner owns too many.
 */
export async function transferOwnership(
  deps: Deps,
  call: UsersCall,
  input: { readonly organizationId: OrganizationId; readonly memberId: Id<"membership"> },
): Promise<Result<Organization>> {
  const { organizationId, memberId } = input;
  return untilStored(async () => {
    const managed = await manageOrganization(deps, call, { organizationId, permission: "organization.transfer" });
    if (!managed.ok) return managed;
    const { by } = managed.value;
    const [own, member] = await Promise.all([
      deps.members.findByUser(organizationId, by.userId),
      deps.members.find(organizationId, memberId),
    ]);
    if (own === null) return "overtaken";
    if (member === null) return memberNotFound;
    if (member.id === own.id) {
      return fail("request.invalid", "Ownership passes to somebody else.", {
        errors: [{ path: "memberId", code: "own_membership", message: "This is yourself" }],
      });
    }

    const facts = {
      action: "ownership.transferred",
      targetId: memberId,
      organizationId,
      before: { userId: member.userId, role: member.role, formerOwnerId: by.userId, formerOwnerRole: by.role },
      after: { userId: member.userId, role: "owner", formerOwnerId: by.userId, formerOwnerRole: "admin" },
    } as const;
    const ownedMax = limits.organizationsPerUserMax;
    const outcome = await deps.store.commit(
      [
        deps.members.mustStand(organizationId, [by, member]),
        deps.members.setRole(memberId, "owner", ownedMax),
        deps.members.setRole(own.id, "admin", ownedMax),
        deps.organizations.keepOwner(organizationId),
        note(deps, call, facts, deps.clock.nowMs()),
      ],
      ["member_changed", "ownership_limit"],
    );
    if (outcome === "member_changed") return "overtaken";
    if (outcome === "ownership_limit") return ownershipLimit;
    return readOrganization(deps, call, { organizationId, permission: "organization.read" });
  });
}
