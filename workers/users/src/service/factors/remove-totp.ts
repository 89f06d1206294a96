import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { note, type UsersCall } from "../call.ts";
import { planNotice } from "../letters/plan-letter.ts";
import { totpNotEnabled } from "./make-recovery-codes.ts";
import { requireOwner } from "./require-owner.ts";

/** Takes the caller's authenticator app away, and its recovery codes, and tells them; `users.totp_not_enabled` where there is none. */
export async function removeTotp(deps: Deps, call: UsersCall): Promise<Result<null>> {
  const nowMs = deps.clock.nowMs();
  const owner = await requireOwner(deps, call, nowMs);
  if (!owner.ok) return owner;
  const user = owner.value;
  const { totp, recoveryCodesLeft } = await deps.factors.count(user.id);
  if (!totp) return totpNotEnabled;
  await deps.store.commit([
    ...deps.factors.removeTotp(user.id),
    ...planNotice(deps, user, "totp_disabled", call, nowMs),
    note(deps, call, { action: "totp.disabled", targetId: user.id, before: { recoveryCodesLeft } }, nowMs),
  ]);
  return ok(null);
}
