import { requireUser, roleAllows } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { Permission } from "@foyer/contracts/shared/permissions";
import type { OrganizationId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { Organization } from "../../domain/organization.ts";
import { organizationNotFound } from "./authorize.ts";

/** An organization of the caller's, if their role has the permission; the same answers as {@link authorize}, in one read. */
export async function readOrganization(
  deps: Pick<Deps, "organizations">,
  call: CallContext,
  input: { readonly organizationId: OrganizationId; readonly permission: Permission },
): Promise<Result<Organization>> {
  const actor = requireUser(call.actor);
  if (!actor.ok) return actor;
  const organization = await deps.organizations.findForMember(input.organizationId, actor.value.userId);
  if (organization === null) return organizationNotFound;
  return roleAllows(organization.role, input.permission)
    ? ok(organization)
    : fail("auth.forbidden", "Your role does not allow this.");
}
