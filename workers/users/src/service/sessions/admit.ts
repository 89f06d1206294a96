import type { FactorMethod, SessionMode } from "@foyer/contracts/users/api/sessions";
import { secondMs } from "@foyer/kernel/clock";
import { randomSecret, sha256Hex } from "@foyer/kernel/encoding";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { Write } from "../../repository/database.ts";
import type { Account } from "../../repository/users.ts";
import type { UsersCall } from "../call.ts";
import { planSession, type SignedIn } from "./plan-session.ts";

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
  how: { readonly method: string; readonly mode: SessionMode },
  further: readonly Write[],
): Promise<Result<Admission>> {
  const { user, hasSecondFactor } = account;
  const nowMs = deps.clock.nowMs();
  if (user.suspendedAtMs !== null) {
    deps.metrics.count("users.sign_in", { outcome: "suspended" });
    return fail("users.suspended", "This account is suspended. Support can tell you why.");
  }
  if (hasSecondFactor) {
    const token = randomSecret();
    const challenge = {
      hash: await sha256Hex(token),
      kind: "second_factor",
      userId: user.id,
      ...how,
      expiresAtMs: nowMs + limits.challengeTtlSeconds * secondMs,
    } as const;
    await deps.store.commit([deps.challenges.insert(challenge), ...further]);
    return ok({ kind: "second_factor", token, methods: await deps.factors.listMethods(user.id) });
  }
  const { writes, signedIn } = await planSession(deps, call, user, how, nowMs);
  await deps.store.commit([...writes, ...further]);
  deps.metrics.count("users.sign_in", { outcome: "admitted" });
  return ok({ kind: "signed_in", signedIn });
}
