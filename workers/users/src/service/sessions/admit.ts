import type { FactorMethod, SessionMode } from "@foyer/contracts/users/api/sessions";
import { secondMs } from "@foyer/kernel/clock";
import { randomSecret, sha256Hex } from "@foyer/kernel/encoding";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { User } from "../../domain/user.ts";
import type { Write } from "../../repository/database.ts";
import type { Conflict } from "../../repository/store.ts";
import type { Account } from "../../repository/users.ts";
import type { UsersCall } from "../call.ts";
import { planSession, type SignedIn } from "./plan-session.ts";

/** By what somebody signs in, and where the session's tokens are kept. */
export interface How {
  readonly method: string;
  readonly mode: SessionMode;
}

/** Whoever has shown a first factor: they are in, or asked for their second. */
export type Admission =
  | { readonly kind: "signed_in"; readonly signedIn: SignedIn }
  | { readonly kind: "second_factor"; readonly token: string; readonly methods: readonly FactorMethod[] };

/**
 * Lets somebody in who has shown a first factor: a session, or a challenge where the account has a second one. `further` is committed
 * along. `users.suspended` for an account that is. `overtaken` where the account is no longer as it was read: what was shown is to be
 * looked at anew.
 */
export async function admit(
  deps: Deps,
  call: UsersCall,
  account: Pick<Account, "user" | "hasSecondFactor">,
  how: How,
  further: readonly Write[],
): Promise<Result<Admission> | "overtaken"> {
  const { user, hasSecondFactor } = account;
  const allowed = refuseSuspended(deps, user);
  if (!allowed.ok) return allowed;
  if (hasSecondFactor) {
    const token = randomSecret();
    const challenge = {
      hash: await sha256Hex(token),
      kind: "second_factor",
      userId: user.id,
      ...how,
      expiresAtMs: deps.clock.nowMs() + limits.challengeTtlSeconds * secondMs,
    } as const;
    const writes = [deps.users.mustBe(user), deps.challenges.insert(challenge), ...further];
    if ((await deps.store.commit(writes, ["user_changed", "user_gone"])) !== "committed") return "overtaken";
    return ok({ kind: "second_factor", token, methods: await deps.factors.listMethods(user.id) });
  }
  const entered = await enter(deps, call, user, how, further);
  return entered === "overtaken" ? entered : ok({ kind: "signed_in", signedIn: entered });
}

/**
 * Opens a session for somebody who has shown all factors that are asked of them, as long as their account is as it was read. `further` is
 * committed along; a conflict that is expected of it is the answer, and there is no session then. `overtaken` where the account changed:
 * a password that was right is another's by now, perhaps, or its owner suspended.
 */
export async function enter<C extends Conflict = never>(
  deps: Deps,
  call: UsersCall,
  user: User,
  how: How,
  further: readonly Write[],
  expected: readonly C[] = [],
): Promise<SignedIn | C | "overtaken"> {
  const { writes, signedIn } = await planSession(deps, call, user, how, deps.clock.nowMs());
  const outcome = await deps.store.commit(
    [deps.users.mustBe(user), ...further, ...writes],
    ["user_changed", "user_gone", ...expected],
  );
  if (outcome === "user_changed" || outcome === "user_gone") return "overtaken";
  deps.metrics.count("users.sign_in", { outcome: outcome === "committed" ? "admitted" : "refused" });
  return outcome === "committed" ? signedIn : outcome;
}

/** `users.suspended` for an account that is; only to be told to whoever has shown that it is theirs. */
export function refuseSuspended(deps: Pick<Deps, "metrics">, user: User): Result<null> {
  if (user.suspendedAtMs === null) return ok(null);
  deps.metrics.count("users.sign_in", { outcome: "suspended" });
  return fail("users.suspended", "This account is suspended. Support can tell you why.");
}
