import type { Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { isLastWayIn } from "../../domain/ways-in.ts";
import { note, type UsersCall } from "../call.ts";
import { requireOwner } from "../factors/require-owner.ts";
import { planNotice } from "../letters/plan-letter.ts";
import { untilStored } from "../until-stored.ts";
import { passkeyNotFound } from "./rename-passkey.ts";

/**
 * Takes one of the caller's passkeys away, and tells them. `users.passkey_not_found`; `users.last_way_in` where nothing else would open the
 * account. Ways in are taken away one after the other: who finds the account changed looks at it anew.
 */
export async function removePasskey(
  deps: Deps,
  call: UsersCall,
  input: { readonly passkeyId: Id<"passkey"> },
): Promise<Result<null>> {
  return untilStored(() => attempt(deps, call, input.passkeyId));
}

async function attempt(deps: Deps, call: UsersCall, passkeyId: Id<"passkey">): Promise<Result<null> | "overtaken"> {
  const nowMs = deps.clock.nowMs();
  const owner = await requireOwner(deps, call, nowMs);
  if (!owner.ok) return owner;
  const user = owner.value;
  const [passkeys, identities] = await Promise.all([deps.passkeys.list(user.id), deps.identities.list(user.id)]);
  const passkey = passkeys.find(({ id }) => id === passkeyId);
  if (passkey === undefined) return passkeyNotFound;
  const ways = { hasPassword: user.hasPassword, passkeys: passkeys.length, identities: identities.length };
  if (isLastWayIn(ways)) {
    return fail("users.last_way_in", "Nothing else opens your account; set a password or add another passkey first.");
  }
  const outcome = await deps.store.commit(
    [
      deps.users.touch(user.id, user.version, nowMs),
      deps.passkeys.remove(passkey.id),
      ...planNotice(deps, user, "passkey_removed", { ...call, name: passkey.name }, nowMs),
      note(deps, call, { action: "passkey.removed", targetId: passkey.id, before: { userId: user.id } }, nowMs),
    ],
    ["user_changed"],
  );
  return outcome === "user_changed" ? "overtaken" : ok(null);
}
