import type { UserId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { canonicalRecoveryCode } from "../../domain/recovery-codes.ts";
import type { Write } from "../../repository/database.ts";
import { note, type UsersCall } from "../call.ts";
import { planNotice } from "../letters/plan-letter.ts";
import { requireOwner } from "./require-owner.ts";

export const totpNotEnabled = fail("users.totp_not_enabled", "No authenticator app is set up.");

/** New recovery codes in the place of all earlier ones, shown this once; `users.totp_not_enabled` where they would stand in for nothing. */
export async function makeRecoveryCodes(deps: Deps, call: UsersCall): Promise<Result<readonly string[]>> {
  const nowMs = deps.clock.nowMs();
  const owner = await requireOwner(deps, call, nowMs);
  if (!owner.ok) return owner;
  const user = owner.value;
  const { codes, writes } = await planRecoveryCodes(deps, user.id);
  const outcome = await deps.store.commit(
    [
      ...writes,
      ...planNotice(deps, user, "recovery_codes_made", call, nowMs),
      note(deps, call, { action: "recovery_codes.made", targetId: user.id, after: { count: codes.length } }, nowMs),
    ],
    ["totp_absent"],
  );
  return outcome === "committed" ? ok(codes) : totpNotEnabled;
}

/** A fresh set of codes, and the writes that put it in the place of the earlier one. Committing meets `totp_absent`. */
export async function planRecoveryCodes(
  deps: Pick<Deps, "factors" | "factorSecrets">,
  userId: UserId,
): Promise<{ readonly codes: readonly string[]; readonly writes: readonly Write[] }> {
  const codes = deps.factorSecrets.newRecoveryCodes();
  const hashes = await Promise.all(
    codes.map((code) => deps.factorSecrets.hashOfRecoveryCode(userId, canonicalRecoveryCode(code))),
  );
  return { codes, writes: deps.factors.putRecoveryCodes(userId, hashes) };
}
