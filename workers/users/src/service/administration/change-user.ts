import { checkIfMatch, etagOf } from "@foyer/http/etag";
import type { UserId } from "@foyer/kernel/ids";
import { fail, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { ProfileChange } from "../../domain/user.ts";
import type { UsersCall } from "../call.ts";
import { planChange } from "../profile/change-profile.ts";
import { openUser, userNotFound } from "./administrator.ts";
import { type AdminUserDetail, readUser } from "./read-user.ts";

/** An administrator of the platform puts a profile right; `request.precondition_failed` for a stale `ifMatch`. */
export async function changeUser(
  deps: Deps,
  call: UsersCall,
  input: { readonly userId: UserId; readonly change: ProfileChange; readonly ifMatch: string | undefined },
): Promise<Result<AdminUserDetail>> {
  const opened = await openUser(deps, call, input.userId);
  if (!opened.ok) return opened;
  const before = await deps.users.findById(input.userId);
  if (before === null) return userNotFound;
  const condition = checkIfMatch(input.ifMatch, etagOf(before.version));
  if (!condition.ok) return condition;
  const nowMs = deps.clock.nowMs();
  const writes = planChange(deps, call, before, input.change, nowMs);
  if (writes.length > 0) {
    const touched = deps.users.touch(before.id, input.ifMatch === undefined ? null : before.version, nowMs);
    const outcome = await deps.store.commit([touched, ...writes], ["user_changed"]);
    if (outcome === "user_changed")
      return fail("request.precondition_failed", "The user has changed since they were read; read them again.");
  }
  return readUser(deps, call, input);
}
