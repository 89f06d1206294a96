import type { UserId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { isSetupOver, stepOfCode, totpPlace } from "../../domain/totp.ts";
import { note, type UsersCall } from "../call.ts";
import { planNotice } from "../letters/plan-letter.ts";
import { factorInvalid, guardOfFactors } from "./check-factor.ts";
import { planRecoveryCodes } from "./make-recovery-codes.ts";
import { requireOwner } from "./require-owner.ts";
import { totpEnabled } from "./set-up-totp.ts";

/**
 * Takes the first code of an app that was set up: from now on signing in by password, or at a provider, asks for its codes. The recovery
 * codes are the answer, and their owner is told; sessions stay. It asks for a fresh proof once more, because what it hands out opens the
 * account. `users.totp_not_enabled` where nothing is to be confirmed, or no longer; `users.factor_invalid`.
 */
export async function confirmTotp(
  deps: Deps,
  call: UsersCall,
  input: { readonly code: string },
): Promise<Result<readonly string[]>> {
  const nowMs = deps.clock.nowMs();
  const owner = await requireOwner(deps, call, nowMs);
  if (!owner.ok) return owner;
  const user = owner.value;
  const app = await deps.factors.findTotp(user.id);
  if (app !== null && app.confirmedAtMs !== null) return totpEnabled;
  if (app === null || isSetupOver(app.createdAtMs, nowMs)) {
    return fail("users.totp_not_enabled", "There is no app to confirm, or its time is over; set one up again.");
  }
  const guard = guardOfFactors(user.id);
  const begun = await deps.guards.begin([guard]);
  if (!begun.ok) return begun;
  const step = stepOfCode(await deps.vault.open(app.secret, totpPlace(user.id)), input.code, nowMs);
  if (step === null) return factorInvalid;

  const recovery = await planRecoveryCodes(deps, user.id);
  const outcome = await deps.store.commit(
    [
      deps.factors.confirmTotp(user.id, app.secret, nowMs),
      deps.factors.takeStep(user.id, step),
      ...recovery.writes,
      // Whoever is signing in at this moment by one factor is asked for the second.
      deps.users.touch(user.id, null, nowMs),
      ...planNotice(deps, user, "totp_enabled", call, nowMs),
      note(deps, call, { action: "totp.enabled", targetId: user.id }, nowMs),
    ],
    ["totp_changed", "totp_absent"],
  );
  if (outcome !== "committed") return explainChange(deps, user.id);
  await deps.guards.clear([guard]);
  return ok(recovery.codes);
}

/** Somebody was faster: the app is confirmed, or it is another one, whose code this is not. */
async function explainChange(deps: Deps, userId: UserId): Promise<Result<never>> {
  const app = await deps.factors.findTotp(userId);
  return app !== null && app.confirmedAtMs !== null ? totpEnabled : factorInvalid;
}
