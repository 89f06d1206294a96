import type { RegistrationResponse } from "@foyer/contracts/users/api/second-factors";
import { sha256Hex } from "@foyer/kernel/encoding";
import { newId, type UserId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { MadeCredential } from "../../clients/webauthn.ts";
import type { Deps } from "../../deps.ts";
import { answeredChallenge } from "../../domain/passkeys.ts";
import type { Passkey } from "../../repository/passkeys.ts";
import { note, type UsersCall } from "../call.ts";
import { requireVerifiedOwner } from "../factors/require-owner.ts";
import { planNotice } from "../letters/plan-letter.ts";
import { passkeyLimit } from "./begin-passkey.ts";

const passkeyInvalid = fail("users.passkey_invalid", "The passkey could not be verified.", {
  errors: [{ path: "response", code: "not_verified", message: "Not an answer to this account's challenge" }],
});

/**
 * Keeps a passkey that the caller has made, and tells them. `users.challenge_invalid` where the challenge is not one that this user was given, was
 * answered before or has expired; `users.passkey_invalid` for what is no passkey of ours, or known already; `users.passkey_limit`.
 */
export async function registerPasskey(
  deps: Deps,
  call: UsersCall,
  input: { readonly name: string; readonly response: RegistrationResponse },
): Promise<Result<Passkey>> {
  const nowMs = deps.clock.nowMs();
  const owner = await requireVerifiedOwner(deps, call, nowMs);
  if (!owner.ok) return owner;
  const user = owner.value;
  const made = await checkRegistration(deps, user.id, input.response, nowMs);
  if (!made.ok) return made;

  const passkey: Passkey = {
    ...made.value,
    id: newId("passkey", nowMs),
    userId: user.id,
    name: input.name,
    createdAtMs: nowMs,
    lastUsedAtMs: null,
  };
  const outcome = await deps.store.commit(
    [
      deps.passkeys.insert(passkey, limits.passkeysPerUserMax),
      ...planNotice(deps, user, "passkey_added", { ...call, name: passkey.name }, nowMs),
      note(
        deps,
        call,
        { action: "passkey.added", targetId: passkey.id, after: { userId: user.id, backedUp: passkey.backedUp } },
        nowMs,
      ),
    ],
    ["passkey_taken", "passkey_limit"],
  );
  if (outcome === "passkey_limit") return passkeyLimit;
  return outcome === "passkey_taken" ? passkeyInvalid : ok(passkey);
}

async function checkRegistration(
  deps: Deps,
  userId: UserId,
  response: RegistrationResponse,
  nowMs: number,
): Promise<Result<MadeCredential>> {
  const challenge = answeredChallenge(response.response.clientDataJSON);
  if (challenge === null) return passkeyInvalid;
  const taken = await deps.challenges.take(await sha256Hex(challenge), "passkey_registration", nowMs);
  if (taken?.userId !== userId) {
    return fail("users.challenge_invalid", "This attempt to add a passkey has ended; begin again.");
  }
  const made = await deps.webAuthn.verifyRegistration(response, challenge);
  return made === null ? passkeyInvalid : ok(made);
}
