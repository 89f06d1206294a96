import type { Assertion } from "@foyer/contracts/users/api/second-factors";
import { sha256Hex } from "@foyer/kernel/encoding";
import type { UserId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { answeredChallenge, counterGoesOn, userHandleOf } from "../../domain/passkeys.ts";
import type { Write } from "../../repository/database.ts";
import type { Passkey } from "../../repository/passkeys.ts";

const passkeyWrong = fail("users.factor_invalid", "This passkey does not open this account.");

/**
 * Looks at a passkey that somebody shows in answer to a challenge, which is used up by this, whatever comes of it. `ownerId` is whose it must be;
 * null where the passkey itself says who comes. `users.challenge_invalid` where the challenge was answered before, has expired or is none
 * of ours; `users.factor_invalid` for everything else that is wrong. The use counts once it is committed, which meets `passkey_counter`.
 */
export async function checkAssertion(
  deps: Pick<Deps, "challenges" | "passkeys" | "webAuthn" | "log">,
  assertion: Assertion,
  ownerId: UserId | null,
  nowMs: number,
): Promise<Result<{ readonly passkey: Passkey; readonly use: Write }>> {
  const challenge = answeredChallenge(assertion.response.clientDataJSON);
  if (challenge === null) return passkeyWrong;
  const taken = await deps.challenges.take(await sha256Hex(challenge), "passkey", nowMs);
  if (taken === null) return fail("users.challenge_invalid", "This attempt to use a passkey has ended; begin again.");

  const passkey = await deps.passkeys.findByCredential(assertion.id);
  if (passkey === null || !isOwners(passkey, assertion.response.userHandle ?? null, ownerId)) return passkeyWrong;
  const shown = await deps.webAuthn.verifyAssertion(assertion, challenge, passkey);
  if (shown === null) return passkeyWrong;
  if (!counterGoesOn(passkey.counter, shown.counter)) {
    const { id, userId, counter: known } = passkey;
    deps.log.warn("passkey counts back: it may have been copied", { id, userId, known, shown: shown.counter });
    return passkeyWrong;
  }
  return ok({ passkey, use: deps.passkeys.use(passkey.id, shown.counter, shown.backedUp, nowMs) });
}

/**
 * Whether a passkey is whose it must be (WebAuthn section 7.2, step 6). Where its owner is known already, an authenticator may leave out whom it
 * was made for; where they are not, it must say so.
 */
function isOwners({ userId }: Passkey, handle: string | null, ownerId: UserId | null): boolean {
  if (ownerId !== null && userId !== ownerId) return false;
  return handle === null ? ownerId !== null : handle === userHandleOf(userId);
}
