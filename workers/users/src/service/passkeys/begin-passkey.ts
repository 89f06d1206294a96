import { secondMs } from "@foyer/kernel/clock";
import { randomSecret, sha256Hex } from "@foyer/kernel/encoding";
import type { UserId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { UsersCall } from "../call.ts";
import { requireVerifiedOwner } from "../factors/require-owner.ts";

export const passkeyLimit = fail("users.passkey_limit", "You have as many passkeys as one may have; remove one first.");

/** Options that make a new passkey for the caller. `users.email_not_verified`, `users.passkey_limit`. */
export async function beginRegistration(deps: Deps, call: UsersCall): Promise<Result<{ readonly challenge: string }>> {
  const owner = await requireVerifiedOwner(deps, call, deps.clock.nowMs());
  if (!owner.ok) return owner;
  const known = await deps.passkeys.list(owner.value.id);
  if (known.length >= limits.passkeysPerUserMax) return passkeyLimit;
  const challenge = await giveChallenge(deps, "passkey_registration", owner.value.id);
  return ok(await deps.webAuthn.registrationOptions(owner.value, known, challenge));
}

/** Options that let anybody show a passkey, to sign in, as a second factor or for a step-up. They say nothing of anybody. */
export async function beginAssertion(deps: Deps): Promise<Result<{ readonly challenge: string }>> {
  return ok(await deps.webAuthn.assertionOptions(await giveChallenge(deps, "passkey", null)));
}

/** A fresh challenge of 256 bits; what is stored of it is its hash. */
async function giveChallenge(
  deps: Pick<Deps, "challenges" | "store" | "clock">,
  kind: "passkey" | "passkey_registration",
  userId: UserId | null,
): Promise<string> {
  const challenge = randomSecret();
  const hash = await sha256Hex(challenge);
  const expiresAtMs = deps.clock.nowMs() + limits.challengeTtlSeconds * secondMs;
  await deps.store.commit([deps.challenges.insert({ hash, kind, userId, method: null, mode: null, expiresAtMs })]);
  return challenge;
}
