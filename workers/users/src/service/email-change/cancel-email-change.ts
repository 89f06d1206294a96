import { requireSelf } from "@foyer/auth/guards";
import { maskAddress } from "@foyer/kernel/mail-addresses";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { note, type UsersCall } from "../call.ts";
import { readProfile } from "../profile/read-profile.ts";

/** Takes the caller's wish for another address back, and voids its links. Where there is none, that is a success. */
export async function cancelEmailChange(deps: Deps, call: UsersCall): Promise<Result<null>> {
  const self = requireSelf(call.actor);
  if (!self.ok) return self;
  const profile = await readProfile(deps, call);
  if (!profile.ok) return profile;
  const { id: userId, pendingEmail } = profile.value;
  if (pendingEmail === null) return ok(null);
  const nowMs = deps.clock.nowMs();
  await deps.store.commit([
    deps.singleUseTokens.voidAll(userId, ["change_email_current", "change_email_new"], nowMs),
    deps.emailChanges.remove(userId),
    deps.users.touch(userId, null, nowMs),
    note(
      deps,
      call,
      { action: "user.email_change_cancelled", targetId: userId, before: { email: maskAddress(pendingEmail) } },
      nowMs,
    ),
  ]);
  return ok(null);
}
