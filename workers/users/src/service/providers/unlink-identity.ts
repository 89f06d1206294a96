import { requireFresh, requireSelf } from "@foyer/auth/guards";
import type { Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { providerTitles } from "../../domain/providers.ts";
import { isLastWayIn } from "../../domain/ways-in.ts";
import { note, type UsersCall } from "../call.ts";
import { planNotice } from "../letters/plan-letter.ts";
import { untilStored } from "../until-stored.ts";

/**
 * Takes an identity from the caller's account, and tells them. Asks for a fresh proof; `users.identity_not_found` for what is none of theirs,
 * `users.last_way_in` where nothing else would open the account. Two that take away ways in at once meet in the account's version, and the
 * second looks anew at what is left.
 */
export async function unlinkIdentity(
  deps: Deps,
  call: UsersCall,
  input: { readonly identityId: Id<"identity"> },
): Promise<Result<null>> {
  return untilStored(() => attempt(deps, call, input.identityId));
}

async function attempt(deps: Deps, call: UsersCall, identityId: Id<"identity">): Promise<Result<null> | "overtaken"> {
  const nowMs = deps.clock.nowMs();
  const actor = requireSelf(call.actor);
  if (!actor.ok) return actor;
  const fresh = requireFresh(actor.value, nowMs);
  if (!fresh.ok) return fresh;
  const { userId } = actor.value;
  // The account first: what is counted after its version was read is no older than that.
  const user = await deps.users.findById(userId);
  const [identities, { passkeys }] = await Promise.all([deps.identities.list(userId), deps.factors.count(userId)]);
  const identity = identities.find(({ id }) => id === identityId);
  if (user === null || identity === undefined) return fail("users.identity_not_found", "No such identity.");
  if (isLastWayIn({ hasPassword: user.hasPassword, passkeys, identities: identities.length })) {
    return fail("users.last_way_in", "Nothing else opens your account; set a password or add a passkey first.");
  }
  const { provider } = identity;
  const outcome = await deps.store.commit(
    [
      deps.users.touch(userId, user.version, nowMs),
      deps.identities.remove(identityId),
      ...planNotice(deps, user, "identity_unlinked", { ...call, name: providerTitles[provider] }, nowMs),
      note(deps, call, { action: "identity.unlinked", targetId: identityId, before: { provider } }, nowMs),
    ],
    ["user_changed"],
  );
  return outcome === "user_changed" ? "overtaken" : ok(null);
}
