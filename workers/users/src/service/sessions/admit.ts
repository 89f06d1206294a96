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
  const planned = await planAdmission(deps, call, account, how);
  if (!planned.ok) return planned;
  const { writes, admission } = planned.value;
  await deps.store.commit([...writes, ...further]);
  countAdmission(deps, admission);
  return ok(admission);
}

/** As {@link admit}, for whoever commits the writes together with others that may meet a conflict. */
export async function planAdmission(
  deps: Deps,
  call: UsersCall,
  { user, hasSecondFactor }: Pick<Account, "user" | "hasSecondFactor">,
  how: { readonly method: string; readonly mode: SessionMode },
): Promise<Result<{ readonly writes: readonly Write[]; readonly admission: Admission }>> {
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
    const methods = await deps.factors.listMethods(user.id);
    return ok({ writes: [deps.challenges.insert(challenge)], admission: { kind: "second_factor", token, methods } });
  }
  const { writes, signedIn } = await planSession(deps, call, user, how, nowMs);
  return ok({ writes, admission: { kind: "signed_in", signedIn } });
}

/** Counts an admission once it is committed. */
export function countAdmission(deps: Pick<Deps, "metrics">, admission: Admission): void {
  if (admission.kind === "signed_in") deps.metrics.count("users.sign_in", { outcome: "admitted" });
}
