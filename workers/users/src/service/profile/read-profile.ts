import { requireUser } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { User } from "../../domain/user.ts";

/** The caller's own account; `auth.invalid_token` where it exists no more. */
export async function readProfile(deps: Deps, call: CallContext): Promise<Result<User>> {
  const actor = requireUser(call.actor);
  if (!actor.ok) return actor;
  const user = await deps.users.findById(actor.value.userId);
  return user === null ? fail("auth.invalid_token", "This account exists no more.") : ok(user);
}
