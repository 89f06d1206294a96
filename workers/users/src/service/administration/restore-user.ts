import type { UserId } from "@foyer/kernel/ids";
import { fail, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { note, type UsersCall } from "../call.ts";
import { planNotice } from "../letters/plan-letter.ts";
import { openUser } from "./administrator.ts";
import { type AdminUserDetail, readUser } from "./read-user.ts";

/** Opens a suspended account again; `users.user_state` for one that is not suspended. Its sessions stay ended. */
export async function restoreUser(
  deps: Deps,
  call: UsersCall,
  input: { readonly userId: UserId; readonly reason: string },
): Promise<Result<AdminUserDetail>> {
  const opened = await openUser(deps, call, input.userId);
  if (!opened.ok) return opened;
  const { user } = opened.value;
  const nowMs = deps.clock.nowMs();
  const outcome = await deps.store.commit(
    [
      deps.administration.setSuspended(user.id, null),
      deps.users.touch(user.id, null, nowMs),
      ...planNotice(deps, user, "restored", { ...call, client: null }, nowMs),
      note(
        deps,
        call,
        {
          action: "user.restored",
          targetId: user.id,
          before: { reason: user.suspendedReason },
          after: { reason: input.reason },
        },
        nowMs,
      ),
    ],
    ["user_changed"],
  );
  if (outcome === "user_changed") return fail("users.user_state", "The account is not suspended.");
  return readUser(deps, call, input);
}
