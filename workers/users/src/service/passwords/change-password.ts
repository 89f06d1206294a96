import { requireFresh, requireSelf } from "@foyer/auth/guards";
import type { UserActor } from "@foyer/contracts/shared/actor";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { note, type UsersCall } from "../call.ts";
import { planNotice } from "../letters/plan-letter.ts";
import { planEnd } from "../sessions/end-other-sessions.ts";
import { untilStored } from "../until-stored.ts";
import { checkNewPassword } from "./check-new-password.ts";
import { checkPassword } from "./check-password.ts";

/**
 * Changes the caller's password, ends their other sessions and tells them. The current one proves that it is they
 * (`users.invalid_credentials`); an account without one asks for a fresh proof instead (`auth.step_up_required`).
 */
export async function changePassword(
  deps: Deps,
  call: UsersCall,
  input: { readonly currentPassword?: string | undefined; readonly password: string },
): Promise<Result<null>> {
  const actor = requireSelf(call.actor);
  if (!actor.ok) return actor;
  return untilStored(() => attempt(deps, call, actor.value, input));
}

async function attempt(
  deps: Deps,
  call: UsersCall,
  actor: UserActor,
  input: { readonly currentPassword?: string | undefined; readonly password: string },
): Promise<Result<null> | "overtaken"> {
  const { userId, sessionId } = actor;
  const nowMs = deps.clock.nowMs();
  const account = await deps.users.findAccount(userId);
  if (account === null) return fail("auth.invalid_token", "This account exists no more.");
  const { user, passwordHash } = account;

  if (passwordHash === null) {
    const fresh = requireFresh(actor, nowMs);
    if (!fresh.ok) return fresh;
  } else {
    const matches = await checkPassword(deps, call, user.email, async () => account, input.currentPassword ?? "");
    if (!matches.ok) return matches;
    if (matches.value === null) return fail("users.invalid_credentials", "This is not the current password.");
  }
  const allowed = checkNewPassword(deps, input.password, user);
  if (!allowed.ok) return allowed;

  const outcome = await deps.store.commit(
    [
      // Whoever knows a password that was just replaced by a mailed link must not replace it back.
      deps.users.touch(userId, user.version, nowMs),
      deps.users.setPasswordHash(userId, deps.passwords.hash(input.password), nowMs),
      deps.singleUseTokens.voidAll(userId, ["reset_password"], nowMs),
      ...planEnd(deps, userId, sessionId, "password_changed", nowMs),
      ...planNotice(deps, user, "password_changed", call, nowMs),
      note(deps, call, { action: "password.changed", targetId: userId }, nowMs),
    ],
    ["user_changed"],
  );
  return outcome === "user_changed" ? "overtaken" : ok(null);
}
