import { requireFresh, requireSelf } from "@foyer/auth/guards";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { User } from "../../domain/user.ts";
import type { UsersCall } from "../call.ts";

/**
 * The account of a caller who changes how they sign in: they themselves, with a fresh proof (`auth.impersonation_refused`,
 * `auth.step_up_required`).
 */
export async function requireOwner(deps: Pick<Deps, "users">, call: UsersCall, nowMs: number): Promise<Result<User>> {
  const actor = requireSelf(call.actor);
  if (!actor.ok) return actor;
  const fresh = requireFresh(actor.value, nowMs);
  if (!fresh.ok) return fresh;
  const user = await deps.users.findById(actor.value.userId);
  return user === null ? fail("auth.invalid_token", "This account exists no more.") : ok(user);
}

/**
 * As {@link requireOwner}, with an address that is verified: whoever registers a stranger's address must not leave a factor of theirs in the
 * account (`users.email_not_verified`).
 */
export async function requireVerifiedOwner(
  deps: Pick<Deps, "users">,
  call: UsersCall,
  nowMs: number,
): Promise<Result<User>> {
  const owner = await requireOwner(deps, call, nowMs);
  if (!owner.ok || owner.value.emailVerifiedAtMs !== null) return owner;
  return fail("users.email_not_verified", "Verify your address first; a mail told you how.");
}
