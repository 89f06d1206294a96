import type { Assertion } from "@foyer/contracts/users/api/second-factors";
import type { FactorMethod } from "@foyer/contracts/users/api/sessions";
import { fail } from "@foyer/kernel/result";
import type { Guarded } from "../../clients/attempt-guards.ts";
import type { Deps } from "../../deps.ts";
import { canonicalRecoveryCode } from "../../domain/recovery-codes.ts";
import { stepOfCode, totpPlace } from "../../domain/totp.ts";
import type { User } from "../../domain/user.ts";
import type { Write } from "../../repository/database.ts";
import type { Conflict } from "../../repository/store.ts";
import { asActor, note, type UsersCall } from "../call.ts";
import { planNotice } from "../letters/plan-letter.ts";
import { checkAssertion } from "../passkeys/check-assertion.ts";

/** A second factor as somebody shows it; one of these. */
export interface ShownFactor {
  readonly code?: string | undefined;
  readonly recoveryCode?: string | undefined;
  readonly passkey?: Assertion | undefined;
}

/** A factor that is right, and the writes that use it up: it counts once they are committed. */
export interface ProvenFactor {
  readonly method: FactorMethod;
  readonly writes: readonly Write[];
}

/** What committing those writes meets where the same factor was used at the same time. */
export const factorConflicts = [
  "totp_replayed",
  "recovery_code_used",
  "passkey_counter",
] as const satisfies readonly Conflict[];

export const factorInvalid = fail("users.factor_invalid", "The code or key is wrong, or was used before.");

/** What counts guesses at one account's second factors, wherever they are asked for. */
export function guardOfFactors(userId: string): Guarded {
  return { of: userId, counters: [{ kind: "secondFactor" }] };
}

/** Looks at a second factor of this user's; null for one that is wrong. The caller counts attempts before. */
export async function checkFactor(
  deps: Deps,
  call: UsersCall,
  user: User,
  shown: ShownFactor,
  nowMs: number,
): Promise<ProvenFactor | null> {
  if (shown.code !== undefined) return checkCode(deps, user, shown.code, nowMs);
  if (shown.recoveryCode !== undefined) return checkRecoveryCode(deps, call, user, shown.recoveryCode, nowMs);
  if (shown.passkey === undefined) return null;
  const checked = await checkAssertion(deps, shown.passkey, user.id, nowMs);
  return checked.ok ? { method: "passkey", writes: [checked.value.use] } : null;
}

async function checkCode(deps: Deps, user: User, code: string, nowMs: number): Promise<ProvenFactor | null> {
  const app = await deps.factors.findTotp(user.id);
  if (app === null || app.confirmedAtMs === null) return null;
  const step = stepOfCode(await deps.vault.open(app.secret, totpPlace(user.id)), code, nowMs);
  return step === null ? null : { method: "totp", writes: [deps.factors.takeStep(user.id, step)] };
}

async function checkRecoveryCode(
  deps: Deps,
  call: UsersCall,
  user: User,
  code: string,
  nowMs: number,
): Promise<ProvenFactor | null> {
  const hash = await deps.factorSecrets.hashOfRecoveryCode(user.id, canonicalRecoveryCode(code));
  if (!(await deps.factors.hasRecoveryCode(user.id, hash))) return null;
  return {
    method: "recovery_code",
    writes: [
      deps.factors.useRecoveryCode(user.id, hash, nowMs),
      ...planNotice(deps, user, "recovery_code_used", call, nowMs),
      note(deps, call, { action: "recovery_codes.used", targetId: user.id, actor: asActor(user) }, nowMs),
    ],
  };
}
