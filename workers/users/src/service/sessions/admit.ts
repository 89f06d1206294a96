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
 * along. `users.suspended` for an account that is.
 */
export async function admit(
  deps: Deps,
  call: UsersCall,
  account: Pick<Account, "user" | "hasSecondFactor">,
  how: How,
  further: readonly Write[],
): Promise<Result<Admission>> {
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
    await deps.store.commit([deps.challenges.insert(challenge), ...further]);
    return ok({ kind: "second_factor", token, methods: await deps.factors.listMethods(user.id) });
  }
  return ok({ kind: "signed_in", signedIn: await enter<never>(deps, call, user, how, further) });
}

/**
 * Opens a session for somebody who has shown all factors that are asked of them. `further` is committed along; a conflict that is expected of it is
 * the answer, and there is no session then.
 */
export async function enter<C extends Conflict = never>(
  deps: Deps,
  call: UsersCall,
  user: User,
  how: How,
  further: readonly Write[],
  expected: readonly C[] = [],
): Promise<SignedIn | C> {
  const { writes, signedIn } = await planSession(deps, call, user, how, deps.clock.nowMs());
  const outcome = await deps.store.commit([...further, ...writes], expected);
  deps.metrics.count("users.sign_in", { outcome: outcome === "committed" ? "admitted" : "refused" });
  return outcome === "committed" ? signedIn : outcome;
}

/** `users.suspended` for an account that is; only to be told to whoever has shown that it is theirs. */
export function refuseSuspended(deps: Pick<Deps, "metrics">, user: User): Result<null> {
  if (user.suspendedAtMs === null) return ok(null);
  deps.metrics.count("users.sign_in", { outcome: "suspended" });
  return fail("users.suspended", "This account is suspended. Support can tell you why.");
}
