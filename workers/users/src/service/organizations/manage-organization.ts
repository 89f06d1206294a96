import { requireFresh } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { Permission } from "@foyer/contracts/shared/permissions";
import type { OrganizationId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { Organization } from "../../domain/organization.ts";
import type { MemberStanding } from "../../repository/members.ts";
import { readOrganization } from "./read-organization.ts";

/** An organization, and what whoever acts in it is there; their commits make sure that they still are. */
export interface Opened {
  readonly organization: Organization;
  readonly by: MemberStanding;
}

/** An organization of the caller's, if their role has the permission; the answers of {@link readOrganization}, and no program gets in. */
export async function openOrganization(
  deps: Pick<Deps, "organizations">,
  call: CallContext,
  input: { readonly organizationId: OrganizationId; readonly permission: Permission },
): Promise<Result<Opened>> {
  const found = await readOrganization(deps, call, input);
  if (!found.ok) return found;
  const { role } = found.value;
  if (call.actor.kind !== "user" || role === null) return fail("auth.forbidden", "This is for people to do.");
  return ok({ organization: found.value, by: { userId: call.actor.userId, role } });
}

/** As {@link openOrganization}, for what asks for a fresh proof of identity; then the answers of `requireFresh`. */
export async function manageOrganization(
  deps: Pick<Deps, "organizations" | "clock">,
  call: CallContext,
  input: { readonly organizationId: OrganizationId; readonly permission: Permission },
): Promise<Result<Opened>> {
  const opened = await openOrganization(deps, call, input);
  if (!opened.ok) return opened;
  const fresh = requireFresh(call.actor, deps.clock.nowMs());
  return fresh.ok ? opened : fresh;
}

/** Refuses what an organization takes no more of while it waits to be closed. */
export function refuseWhileClosing({ closingAtMs }: Organization): Result<null> {
  return closingAtMs === null
    ? ok(null)
    : fail("users.organization_closing", "The organization is being closed and takes nothing new.");
}
