import { requireSelf } from "@foyer/auth/guards";
import type { Id, OrganizationId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { AuditAction } from "../../domain/audit.ts";
import { type Member, mayGrant } from "../../domain/organization.ts";
import type { MemberStanding } from "../../repository/members.ts";
import { note, type UsersCall } from "../call.ts";
import { manageOrganization, openOrganization } from "../organizations/manage-organization.ts";
import { untilStored } from "../until-stored.ts";
import { lastOwner, memberNotFound, roleNotGrantable } from "./failures.ts";

/**
 * Takes a member out of an organization, or lets the caller leave it, which needs no permission and no fresh proof, but is for nobody else to
 * do. `users.member_not_found`, `users.role_not_grantable` where the caller may not take the member's role, `users.last_owner`.
 */
export async function removeMember(
  deps: Deps,
  call: UsersCall,
  input: { readonly organizationId: OrganizationId; readonly memberId: Id<"membership"> },
): Promise<Result<null>> {
  const { organizationId, memberId } = input;
  return untilStored(async () => {
    const opened = await openOrganization(deps, call, { organizationId, permission: "organization.read" });
    if (!opened.ok) return opened;
    const member = await deps.members.find(organizationId, memberId);
    if (member?.userId === opened.value.by.userId) {
      const self = requireSelf(call.actor);
      return self.ok ? remove(deps, call, organizationId, member, [member], "member.left") : self;
    }

    const managed = await manageOrganization(deps, call, { organizationId, permission: "members.write" });
    if (!managed.ok) return managed;
    const { by } = managed.value;
    if (member === null) return memberNotFound;
    if (!mayGrant(by.role, member.role)) return roleNotGrantable;
    return remove(deps, call, organizationId, member, [by, member], "member.removed");
  });
}

async function remove(
  deps: Deps,
  call: UsersCall,
  organizationId: OrganizationId,
  { id, userId, role }: Member,
  standings: readonly MemberStanding[],
  action: AuditAction,
): Promise<Result<null> | "overtaken"> {
  const facts = { action, targetId: id, organizationId, before: { userId, role } };
  const outcome = await deps.store.commit(
    [
      deps.members.mustStand(organizationId, standings),
      deps.members.remove(id),
      deps.organizations.keepOwner(organizationId),
      note(deps, call, facts, deps.clock.nowMs()),
    ],
    ["member_changed", "organization_changed"],
  );
  if (outcome === "member_changed") return "overtaken";
  return outcome === "organization_changed" ? lastOwner : ok(null);
}
