import { checkIfMatch, etagOf } from "@foyer/http/etag";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { note, type UsersCall } from "../call.ts";
import { readProfile } from "../profile/read-profile.ts";
import { removeObjects } from "./remove-objects.ts";

/** Takes the caller's picture away; who has none is a success. `request.precondition_failed` where it is not the profile that `ifMatch` names. */
export async function removeAvatar(
  deps: Deps,
  call: UsersCall,
  input: { readonly ifMatch: string | undefined },
): Promise<Result<null>> {
  const current = await readProfile(deps, call);
  if (!current.ok) return current;
  const { id: userId, avatarId, version } = current.value;
  const condition = checkIfMatch(input.ifMatch, etagOf(version));
  if (!condition.ok) return condition;
  if (avatarId === null) return ok(null);
  const nowMs = deps.clock.nowMs();
  const outcome = await deps.store.commit(
    [
      deps.users.touch(userId, input.ifMatch === undefined ? null : version, nowMs),
      deps.avatars.leave(userId, nowMs),
      deps.users.setAvatar(userId, null),
      note(
        deps,
        call,
        { action: "user.avatar_changed", targetId: userId, before: { avatarId }, after: { avatarId: null } },
        nowMs,
      ),
    ],
    ["user_changed"],
  );
  if (outcome === "user_changed")
    return fail("request.precondition_failed", "The profile has changed since it was read; read it again.");
  await removeObjects(deps, [avatarId]);
  return ok(null);
}
