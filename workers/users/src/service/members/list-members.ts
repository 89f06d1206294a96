import type { CallContext } from "@foyer/contracts/shared/actor";
import type { Role } from "@foyer/contracts/shared/permissions";
import type { OrganizationId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { Member } from "../../domain/organization.ts";
import { readOrganization } from "../organizations/read-organization.ts";

/** Members behind the given membership, longest first, and the caller's own role (null for a program), which decides how much of them they see. */
export async function listMembers(
  deps: Deps,
  call: CallContext,
  input: { readonly organizationId: OrganizationId; readonly after: string; readonly limit: number },
): Promise<Result<{ readonly role: Role | null; readonly members: Member[] }>> {
  const { organizationId, after, limit } = input;
  const organization = await readOrganization(deps, call, { organizationId, permission: "organization.read" });
  if (!organization.ok) return organization;
  return ok({
    role: organization.value.role,
    members: await deps.members.list(organizationId, after, limit),
  });
}
