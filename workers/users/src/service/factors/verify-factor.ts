import { sha256Hex } from "@foyer/kernel/encoding";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { UsersCall } from "../call.ts";
import { enter, refuseSuspended } from "../sessions/admit.ts";
import type { SignedIn } from "../sessions/plan-session.ts";
import { untilStored } from "../until-stored.ts";
import { checkFactor, factorConflicts, factorInvalid, guardOfFactors, type ShownFactor } from "./check-factor.ts";

const challengeInvalid = fail("users.challenge_invalid", "This attempt to sign in has ended; begin again.");

/**
 * Answers the challenge of a sign-in by a second factor. `users.challenge_invalid` for one that was used, has expired, was answered
 * wrongly too often or never was; `users.factor_invalid` for a wrong factor; `users.too_many_attempts` past the limits of the account, however many
 * challenges the guesses are spread over; `users.suspended` for an account that was suspended meanwhile.
 */
export async function verifyFactor(
  deps: Deps,
  call: UsersCall,
  input: ShownFactor & { readonly token: string },
): Promise<Result<SignedIn>> {
  const nowMs = deps.clock.nowMs();
  const hash = await sha256Hex(input.token);
  const answersMax = limits.challengeFailuresMax;
  const challenge = await deps.challenges.find(hash, "second_factor", answersMax, nowMs);
  const userId = challenge?.userId ?? null;
  const user = userId === null ? null : await deps.users.findById(userId);
  if (challenge === null || user === null) return challengeInvalid;
  const allowed = refuseSuspended(deps, user);
  if (!allowed.ok) return allowed;
  if (challenge.isOver) return challengeInvalid;

  const guard = guardOfFactors(user.id);
  const begun = await deps.guards.begin([guard]);
  if (!begun.ok) {
    deps.metrics.count("users.sign_in", { outcome: "limited" });
    return begun;
  }
  if (!(await deps.challenges.countAnswer(hash, answersMax))) return challengeInvalid;
  const proven = await checkFactor(deps, call, user, input, nowMs);
  if (proven === null) {
    deps.metrics.count("users.sign_in", { outcome: "refused" });
    return factorInvalid;
  }

  const how = { method: `${challenge.method}+${proven.method}`, mode: challenge.mode ?? "bearer" };
  const further = [deps.challenges.use(hash, nowMs), ...proven.writes];
  const entered = await untilStored<SignedIn>(async () => {
    const current = await deps.users.findById(user.id);
    if (current === null) return challengeInvalid;
    const stillAllowed = refuseSuspended(deps, current);
    if (!stillAllowed.ok) return stillAllowed;
    const outcome = await enter(deps, call, current, how, further, ["challenge_used", ...factorConflicts]);
    if (outcome === "overtaken") return outcome;
    if (outcome === "challenge_used") return challengeInvalid;
    return typeof outcome === "string" ? factorInvalid : ok(outcome);
  });
  if (entered.ok) await deps.guards.clear([guard]);
  return entered;
}
