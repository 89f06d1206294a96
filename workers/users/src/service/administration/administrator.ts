import { requireFresh, requirePlatformAdmin } from "@foyer/auth/guards";
import type { UserActor } from "@foyer/contracts/shared/actor";
import type { UserId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { AdminUser } from "../../repository/administration.ts";
import type { UsersCall } from "../call.ts";

export const userNotFound = fail("users.user_not_found", "No such user.");

/** An administrator of the platform who has proven themselves lately, and the user that they want to do something to. */
export async function openUser(
  deps: Deps,
  call: UsersCall,
  userId: UserId,
): Promise<Result<{ readonly administrator: UserActor; readonly user: AdminUser }>> {
  const administrator = requirePlatformAdmin(call.actor);
  if (!administrator.ok) return administrator;
  const fresh = requireFresh(administrator.value, deps.clock.nowMs());
  if (!fresh.ok) return fresh;
  const user = await deps.administration.find(userId);
  return user === null ? userNotFound : ok({ administrator: administrator.value, user });
}

/** The refusal of what an administrator cannot do to themselves or to another administrator. */
export function refuseAdministrators(administrator: UserActor, user: AdminUser): Result<null> {
  if (user.id === administrator.userId) return fail("users.user_state", "Not to yourself.");
  if (user.platformAdmin) return fail("users.user_state", "Not to an administrator; take the role away first.");
  return ok(null);
}
