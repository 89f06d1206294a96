import { roleAllows } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { Permission } from "@foyer/contracts/shared/permissions";
import type { OrganizationId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { Organization } from "../../domain/organization.ts";
import { authorize, organizationNotFound } from "./authorize.ts";

/** An organization as the caller may see it, with this permission; the same answers as {@link authorize}, for members in one read. */
export async function readOrganization(
  deps: Pick<Deps, "organizations">,
  call: CallContext,
  input: { readonly organizationId: OrganizationId; readonly permission: Permission },
): Promise<Result<Organization>> {
  const { actor } = call;
  const { organizationId, permission } = input;
  if (actor.kind !== "user") {
    const allowed = await authorize(deps, call, input);
    if (!allowed.ok) return allowed;
    const organization = await deps.organizations.find(organizationId);
    return organization === null ? organizationNotFound : ok(organization);
  }
  const organization = await deps.organizations.findForMember(organizationId, actor.userId);
  if (organization === null) return organizationNotFound;
  return roleAllows(organization.role, permission)
    ? ok(organization)
    : fail("auth.forbidden", "Your role does not allow this.");
}
