import type { UserId } from "@foyer/kernel/ids";
import { fail, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { note, type UsersCall } from "../call.ts";
import { planNotice } from "../letters/plan-letter.ts";
import { planEnd } from "../sessions/end-other-sessions.ts";
import { openUser, refuseAdministrators } from "./administrator.ts";
import { type AdminUserDetail, readUser } from "./read-user.ts";

/**
 * Suspends an account: its sessions end at once, its access tokens are refused within a minute, links that were mailed are void, and nobody
 * signs in to it. `users.user_state` for one that is suspended, for oneself, and for an administrator.
 */
export async function suspendUser(
  deps: Deps,
  call: UsersCall,
  input: { readonly userId: UserId; readonly reason: string },
): Promise<Result<AdminUserDetail>> {
  const opened = await openUser(deps, call, input.userId);
  if (!opened.ok) return opened;
  const { administrator, user } = opened.value;
  const allowed = refuseAdministrators(administrator, user);
  if (!allowed.ok) return allowed;
  const nowMs = deps.clock.nowMs();
  const outcome = await deps.store.commit(
    [
      deps.administration.setSuspended(user.id, { atMs: nowMs, reason: input.reason }),
      deps.users.touch(user.id, null, nowMs),
      deps.singleUseTokens.voidAll(user.id, ["reset_password", "change_email_current", "change_email_new"], nowMs),
      ...planEnd(deps, user.id, null, "suspended", nowMs),
      deps.revocations.revokeTokens(user.id, nowMs),
      ...planNotice(deps, user, "suspended", { ...call, client: null }, nowMs),
      note(deps, call, { action: "user.suspended", targetId: user.id, after: { reason: input.reason } }, nowMs),
    ],
    ["user_changed"],
  );
  if (outcome === "user_changed") return fail("users.user_state", "The account is suspended already.");
  return readUser(deps, call, input);
}
