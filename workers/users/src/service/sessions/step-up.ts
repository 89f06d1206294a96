import { requireSelf } from "@foyer/auth/guards";
import type { SessionMode } from "@foyer/contracts/users/api/sessions";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { demandedProofs, type Proof } from "../../domain/step-up.ts";
import type { Write } from "../../repository/database.ts";
import type { Account } from "../../repository/users.ts";
import { note, type UsersCall } from "../call.ts";
import {
  checkFactor,
  factorConflicts,
  factorInvalid,
  guardOfFactors,
  type ShownFactor,
} from "../factors/check-factor.ts";
import { checkPassword } from "../passwords/check-password.ts";
import { refuseSuspended } from "./admit.ts";
import { accessTokenOf } from "./plan-session.ts";

/** A session whose owner has just proven themselves again. */
export interface SteppedUp {
  readonly mode: SessionMode;
  readonly accessToken: string;
}

/** What somebody shows to prove themselves again; one of these. */
export type ShownProof = ShownFactor & { readonly password?: string | undefined };

const sessionOver = fail("auth.invalid_token", "The session has ended; sign in again.");

/** How a person hears what is demanded of them. */
const words: Readonly<Record<Proof, string>> = {
  password: "the password",
  code: "a code of the authenticator app",
  recoveryCode: "a recovery code",
  passkey: "a passkey",
};

/**
 * Proves again who holds a session, which makes it fresh: the next access token of the same session says so. The strongest factor of the account is
 * demanded (`users.factor_too_weak` for another one, and for an account that has none: its owner signs in at the provider again).
 * `users.factor_invalid` or `users.invalid_credentials` for a wrong one, `users.too_many_attempts` past the limits.
 */
export async function stepUp(deps: Deps, call: UsersCall, shown: ShownProof): Promise<Result<SteppedUp>> {
  const actor = requireSelf(call.actor);
  if (!actor.ok) return actor;
  const { userId, sessionId } = actor.value;
  const nowMs = deps.clock.nowMs();
  const [session, account] = await Promise.all([
    deps.sessions.findOpen(sessionId, userId, nowMs),
    deps.users.findAccount(userId),
  ]);
  if (session === null || session.impersonatorId !== null || account === null) return sessionOver;
  const allowed = refuseSuspended(deps, account.user);
  if (!allowed.ok) return allowed;
  const demanded = await checkDemand(deps, account, shown);
  if (!demanded.ok) return demanded;
  const proven = await prove(deps, call, account, shown, nowMs);
  if (!proven.ok) return proven;

  const accessToken = await accessTokenOf(deps, account.user, { ...session, authenticatedAtMs: nowMs }, nowMs);
  const outcome = await deps.store.commit(
    [
      deps.sessions.setAuthenticated(session.id, nowMs),
      ...proven.value.writes,
      note(
        deps,
        call,
        { action: "session.stepped_up", targetId: session.id, after: { method: proven.value.method } },
        nowMs,
      ),
    ],
    ["session_over", ...factorConflicts],
  );
  if (outcome === "session_over") return sessionOver;
  if (outcome !== "committed") return factorInvalid;
  if (shown.password === undefined) await deps.guards.clear([guardOfFactors(userId)]);
  return ok({ mode: session.mode, accessToken });
}

/** Whether what is shown is what this account is asked for. */
async function checkDemand(deps: Deps, account: Account, shown: ShownProof): Promise<Result<null>> {
  const { user, passwordHash, hasSecondFactor: hasTotp } = account;
  const { passkeys } = await deps.factors.count(user.id);
  const demanded = demandedProofs({ hasTotp, hasPassword: passwordHash !== null, passkeys });
  if (demanded.some((proof) => shown[proof] !== undefined)) return ok(null);
  const detail =
    demanded.length === 0
      ? "Nothing here proves who you are; sign in at your provider again."
      : `Prove who you are by ${demanded.map((proof) => words[proof]).join(" or ")}.`;
  return fail("users.factor_too_weak", detail, { extra: { demanded } });
}

/** Looks at what is shown, behind the limits of its kind. */
async function prove(
  deps: Deps,
  call: UsersCall,
  account: Account,
  shown: ShownProof,
  nowMs: number,
): Promise<Result<{ readonly method: string; readonly writes: readonly Write[] }>> {
  if (shown.password !== undefined) {
    const checked = await checkPassword(deps, call, account.user.email, async () => account, shown.password);
    if (!checked.ok) return checked;
    return checked.value === null
      ? fail("users.invalid_credentials", "This is not your password.")
      : ok({ method: "password", writes: [] });
  }
  const begun = await deps.guards.begin([guardOfFactors(account.user.id)]);
  if (!begun.ok) return begun;
  const proven = await checkFactor(deps, call, account.user, shown, nowMs);
  return proven === null ? factorInvalid : ok(proven);
}
