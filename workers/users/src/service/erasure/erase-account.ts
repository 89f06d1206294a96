import { requireFresh, requireSelf } from "@foyer/auth/guards";
import type { UserId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { newMessage } from "@foyer/messaging/message";
import type { Deps } from "../../deps.ts";
import type { Erasure } from "../../repository/erasures.ts";
import { removeObjects } from "../avatars/remove-objects.ts";
import { note, type UsersCall } from "../call.ts";
import { planNotice } from "../letters/plan-letter.ts";
import { readProfile } from "../profile/read-profile.ts";

/**
 * Forgets the caller: account, credentials, sessions, memberships, picture and letters go at once, one last letter says so, and the workers that
 * keep data of theirs are told. What is kept is told by ids alone. `users.sole_owner`, with the organizations, while one would be left without an
 * owner.
 */
export async function eraseAccount(deps: Deps, call: UsersCall): Promise<Result<Erasure>> {
  const nowMs = deps.clock.nowMs();
  const self = requireSelf(call.actor);
  if (!self.ok) return self;
  const fresh = requireFresh(self.value, nowMs);
  if (!fresh.ok) return fresh;
  const profile = await readProfile(deps, call);
  if (!profile.ok) return profile;
  const user = profile.value;
  const refused = await refuseSoleOwner(deps, user.id);
  if (refused !== null) return refused;

  const erasure: Erasure = {
    userId: user.id,
    email: user.email,
    emailVerified: user.emailVerifiedAtMs !== null,
    requestedAtMs: nowMs,
    completedAtMs: null,
  };
  const message = newMessage(
    "user.erasure_due",
    { userId: user.id },
    { source: "users", requestId: call.requestId, nowMs },
  );
  const outcome = await deps.store.commit(
    [
      deps.erasures.keepOwners(user.id),
      deps.erasures.insert(erasure),
      deps.avatars.leave(user.id, nowMs),
      deps.letters.removeOf(user.id),
      // What names an address without being its owner's goes where the address was proven to be theirs.
      ...(erasure.emailVerified ? [deps.letters.removeTo(user.email), deps.invitations.removeTo(user.email)] : []),
      deps.users.remove(user.id),
      deps.revocations.revokeTokens(user.id, nowMs),
      ...planNotice(deps, { ...user, id: null }, "erased", call, nowMs),
      ...deps.store.tell(message, nowMs),
      note(deps, call, { action: "user.erased", targetId: user.id }, nowMs),
    ],
    ["organization_changed", "erasure_begun"],
  );
  if (outcome === "organization_changed") return (await refuseSoleOwner(deps, user.id)) ?? changedMeanwhile;
  if (outcome === "erasure_begun") return ok((await deps.erasures.find(user.id)) ?? erasure);
  await removeObjects(deps, [user.avatarId]);
  return ok(erasure);
}

const changedMeanwhile = fail("platform.unavailable", "An organization has changed meanwhile; try again.");

async function refuseSoleOwner(deps: Deps, userId: UserId) {
  const ids = await deps.members.listSolelyOwned(userId);
  if (ids.length === 0) return null;
  const organizations = (await deps.organizations.listByIds(ids)).map(({ id, name }) => ({ id, name }));
  return fail("users.sole_owner", "Give these organizations another owner, or close them, and then come back.", {
    extra: { organizations },
  });
}
