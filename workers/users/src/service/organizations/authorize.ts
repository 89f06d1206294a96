import { roleAllows } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { Permission, Role } from "@foyer/contracts/shared/permissions";
import type { OrganizationId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";

/** The answer to everyone who asks for an organization that is not theirs, or is none. */
export const organizationNotFound = fail("users.organization_not_found", "No such organization.");

/** What an organization that is about to close takes no more of. */
const newWork: ReadonlySet<Permission> = new Set<Permission>(["events.write", "events.publish", "sales.write"]);

const closing = fail("auth.forbidden", "The organization is being closed and takes no new work.");

/**
 * May this actor do this in this organization? The one decision that all workers ask for. Administrators of the platform have
 * no key to the tenants' doors: they act through their own routes. Whoever is no member learns nothing of the organization. A key may do
 * what its scopes say, and has no role.
 */
export async function authorize(
  deps: Pick<Deps, "organizations">,
  call: CallContext,
  input: { readonly organizationId: OrganizationId; readonly permission: Permission },
): Promise<Result<{ readonly organizationId: OrganizationId; readonly role: Role | null }>> {
  const { actor } = call;
  const { organizationId, permission } = input;
  switch (actor.kind) {
    case "anonymous":
      return fail("auth.required", "Sign in first.");
    case "system":
      return ok({ organizationId, role: "owner" });
    case "api_key": {
      if (actor.organizationId !== organizationId) return organizationNotFound;
      if (!actor.scopes.includes(permission)) return fail("auth.forbidden", "The key's scopes do not allow this.");
      const isClosed = newWork.has(permission) && (await deps.organizations.isClosing(organizationId));
      return isClosed ? closing : ok({ organizationId, role: null });
    }
    case "user": {
      const standing = await deps.organizations.findStanding(organizationId, actor.userId);
      if (standing === null) return organizationNotFound;
      if (!roleAllows(standing.role, permission)) return fail("auth.forbidden", "Your role does not allow this.");
      const isClosed = newWork.has(permission) && standing.closingAtMs !== null;
      return isClosed ? closing : ok({ organizationId, role: standing.role });
    }
  }
}
