import type { Assertion } from "@foyer/contracts/users/api/second-factors";
import type { SessionMode } from "@foyer/contracts/users/api/sessions";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { UsersCall } from "../call.ts";
import { factorInvalid } from "../factors/check-factor.ts";
import { enter, refuseSuspended } from "../sessions/admit.ts";
import type { SignedIn } from "../sessions/plan-session.ts";
import { untilStored } from "../until-stored.ts";
import { checkAssertion } from "./check-assertion.ts";

/**
 * Signs in by passkey, without a name: the passkey says whose it is. It is something that one has, opened by something that one knows or is, so no
 * second factor is asked for, and it cannot be guessed at, so no lock-out holds it up. `users.challenge_invalid`, `users.factor_invalid`;
 * `users.suspended` is told to its owner only.
 */
export async function signInByPasskey(
  deps: Deps,
  call: UsersCall,
  input: { readonly response: Assertion; readonly mode: SessionMode },
): Promise<Result<SignedIn>> {
  const checked = await checkAssertion(deps, input.response, null, deps.clock.nowMs());
  if (!checked.ok) {
    deps.metrics.count("users.sign_in", { outcome: "refused" });
    return checked;
  }
  const { passkey, use } = checked.value;
  const how = { method: "passkey", mode: input.mode };
  return untilStored(async () => {
    const user = await deps.users.findById(passkey.userId);
    if (user === null) return factorInvalid;
    const allowed = refuseSuspended(deps, user);
    if (!allowed.ok) return allowed;
    const entered = await enter(deps, call, user, how, [use], ["passkey_counter"]);
    if (entered === "overtaken") return entered;
    return entered === "passkey_counter" ? factorInvalid : ok(entered);
  });
}
