import type { CallContext } from "@foyer/contracts/shared/actor";
import type { OrganizationId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { Invitation } from "../../domain/invitation.ts";
import { readOrganization } from "../organizations/read-organization.ts";

/** Invitations behind the given one, oldest first, those that ran out lately among them. */
export async function listInvitations(
  deps: Deps,
  call: CallContext,
  input: { readonly organizationId: OrganizationId; readonly after: string; readonly limit: number },
): Promise<Result<Invitation[]>> {
  const { organizationId, after, limit } = input;
  const organization = await readOrganization(deps, call, { organizationId, permission: "members.write" });
  if (!organization.ok) return organization;
  return ok(await deps.invitations.list(organizationId, after, limit));
}
