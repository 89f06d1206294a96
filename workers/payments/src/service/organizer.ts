import { requireIdentity } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { Permission } from "@foyer/contracts/shared/permissions";
import type { OrganizationId } from "@foyer/kernel/ids";
import { type Failure, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";

/** May the caller do this for this organization? To others than its members, what it owns does not exist: `absent`. */
export async function authorizeOrganizer(
  deps: Deps,
  call: CallContext,
  input: { readonly organizationId: OrganizationId; readonly permission: Permission },
  absent: Failure,
): Promise<Result<null>> {
  const identity = requireIdentity(call.actor);
  if (!identity.ok) return identity;
  const allowed = await deps.users.authorize(call, input);
  if (allowed.ok) return ok(null);
  const told = ["auth.required", "auth.forbidden", "platform.unavailable"].includes(allowed.error.code);
  return { ok: false, error: told ? allowed.error : absent };
}
