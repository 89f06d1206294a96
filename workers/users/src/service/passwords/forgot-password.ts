import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { note, type UsersCall } from "../call.ts";
import { mailQuietly } from "../letters/mail-quietly.ts";
import { planLink } from "../letters/plan-link.ts";

/**
 * Mails a link that sets a new password, if the address has an account; an account without a password gets its first. The answer and the work are
 * the same for every address. A suspended account gets no link.
 */
export async function forgotPassword(
  deps: Deps,
  call: UsersCall,
  input: { readonly email: string },
): Promise<Result<null>> {
  await mailQuietly(deps, input.email, async (user, nowMs) => {
    const link = await planLink(deps, user, "reset_password", { kind: "reset_password" }, call.requestId, nowMs);
    const noted = note(deps, call, { action: "password.reset_requested", targetId: user.id }, nowMs);
    return user.suspendedAtMs === null ? [...link.writes, noted] : null;
  });
  return ok(null);
}
