import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { User } from "../../domain/user.ts";
import type { Write } from "../../repository/database.ts";
import { asActor, note, type UsersCall } from "../call.ts";
import { planNotice } from "../letters/plan-letter.ts";
import { planEnd } from "../sessions/end-other-sessions.ts";
import { checkNewPassword } from "./check-new-password.ts";
import { guardOfAccount } from "./check-password.ts";

const linkInvalid = fail("users.token_invalid", "This link is no longer valid; ask for a new one.");

/**
 * Sets a new password by a mailed link, ends every session and tells the owner. The mail proves the address, too. Where it was never proven
 * before, whoever opened the account may have been a stranger: all that they left in it to come back by goes with their password.
 * `users.token_invalid` for a link that was used, replaced, has expired or never was; `users.password_common`, which leaves the link usable.
 */
export async function resetPassword(
  deps: Deps,
  call: UsersCall,
  input: { readonly token: string; readonly password: string },
): Promise<Result<null>> {
  const nowMs = deps.clock.nowMs();
  const hash = await deps.linkSecrets.hashOf(input.token);
  const token = await deps.singleUseTokens.findByHash(hash, ["reset_password"], nowMs);
  const user = token === null ? null : await deps.users.findById(token.userId);
  if (token === null || user === null) return linkInvalid;
  const allowed = checkNewPassword(deps, input.password, user);
  if (!allowed.ok) return allowed;

  const outcome = await deps.store.commit(
    [
      deps.singleUseTokens.use(token.id, nowMs),
      deps.singleUseTokens.voidAll(user.id, ["verify_email", "change_email_current", "change_email_new"], nowMs),
      deps.users.setPasswordHash(user.id, deps.passwords.hash(input.password), nowMs),
      deps.users.markVerified(user.id, nowMs),
      deps.users.touch(user.id, null, nowMs),
      ...(user.emailVerifiedAtMs === null ? dropForeignWaysIn(deps, user) : []),
      deps.emailChanges.remove(user.id),
      ...planEnd(deps, user.id, null, "password_reset", nowMs),
      ...planNotice(deps, user, "password_reset", call, nowMs),
      note(deps, call, { action: "password.reset", targetId: user.id, actor: asActor(user) }, nowMs),
    ],
    ["token_used"],
  );
  if (outcome === "token_used") return linkInvalid;
  // The owner is here: whoever guessed at the old password locks nobody out of the new one.
  await deps.guards.clear([guardOfAccount(user.email, call)]);
  return ok(null);
}

/** What a stranger may have left in an account whose address they never owned. */
function dropForeignWaysIn(deps: Deps, user: User): Write[] {
  return [...deps.factors.removeTotp(user.id), deps.passkeys.removeAll(user.id), deps.identities.removeAll(user.id)];
}
