import { requireFresh, requireSelf } from "@foyer/auth/guards";
import type { Id, UserId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { providerTitles } from "../../domain/providers.ts";
import { mayRemoveWayIn } from "../../domain/ways-in.ts";
import { note, type UsersCall } from "../call.ts";
import { planNotice } from "../letters/plan-letter.ts";

const lastWayIn = fail(
  "users.last_way_in",
  "It is the last way into your account; set a password or add a passkey first.",
);

/**
 * Takes an identity from the caller's account, and tells them. Asks for a fresh proof; `users.identity_not_found` for what is none of theirs,
 * `users.last_way_in` where nothing else would open the account.
 */
export async function unlinkIdentity(
  deps: Deps,
  call: UsersCall,
  input: { readonly identityId: Id<"identity"> },
): Promise<Result<null>> {
  const nowMs = deps.clock.nowMs();
  const actor = requireSelf(call.actor);
  if (!actor.ok) return actor;
  const fresh = requireFresh(actor.value, nowMs);
  if (!fresh.ok) return fresh;
  const { userId } = actor.value;
  const [user, identity] = await Promise.all([
    deps.users.findById(userId),
    deps.identities.find(input.identityId, userId),
  ]);
  if (user === null || identity === null) return fail("users.identity_not_found", "No such identity.");
  if (!mayRemoveWayIn(await waysIn(deps, userId, user.hasPassword))) return lastWayIn;
  const { provider } = identity;
  const outcome = await deps.store.commit(
    [
      deps.identities.remove(identity.id),
      deps.users.keepWayIn(userId),
      ...planNotice(deps, user, "identity_unlinked", { ...call, name: providerTitles[provider] }, nowMs),
      note(deps, call, { action: "identity.unlinked", targetId: identity.id, before: { provider } }, nowMs),
    ],
    ["user_changed"],
  );
  return outcome === "user_changed" ? lastWayIn : ok(null); // another way in was taken away meanwhile
}

async function waysIn(deps: Deps, userId: UserId, hasPassword: boolean) {
  const [identities, { passkeys }] = await Promise.all([deps.identities.list(userId), deps.factors.count(userId)]);
  return { hasPassword, passkeys, identities: identities.length };
}
