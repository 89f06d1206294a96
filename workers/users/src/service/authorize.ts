import { roleAllows } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { Permission, Role } from "@foyer/contracts/shared/permissions";
import type { OrganizationId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";

/** The answer to everyone who asks for an organization that is not theirs, or is none. */
export const organizationNotFound = fail("users.organization_not_found", "No such organization.");

/**
 * May this actor do this in this organization? The one decision that all workers ask for. Administrators of the platform have
 * no key to the tenants' doors: they act through their own routes. Whoever is no member learns nothing of the organization.
 */
export async function authorize(
  deps: Deps,
  call: CallContext,
  input: { readonly organizationId: OrganizationId; readonly permission: Permission },
): Promise<Result<{ readonly organizationId: OrganizationId; readonly role: Role }>> {
  const { actor } = call;
  const { organizationId, permission } = input;
  switch (actor.kind) {
    case "anonymous":
      return fail("auth.required", "Sign in first.");
    case "system":
      return ok({ organizationId, role: "owner" });
    case "api_key":
      return actor.organizationId === organizationId
        ? fail("auth.forbidden", "Keys may not do this.")
        : organizationNotFound;
    case "user": {
      const role = await deps.organizations.findRole(organizationId, actor.userId);
      if (role === null) return organizationNotFound;
      return roleAllows(role, permission)
        ? ok({ organizationId, role })
        : fail("auth.forbidden", "Your role does not allow this.");
    }
  }
}
