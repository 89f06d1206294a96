import type { Deps } from "../../deps.ts";
import { note, type UsersCall } from "../call.ts";
import { mailQuietly } from "../letters/mail-quietly.ts";
import { planLink } from "../letters/plan-link.ts";

/**
 * Mails a link that sets a new password, if the address has an account; an account without a password gets its first. Nobody is told whether
 * it has. A suspended account gets no link.
 */
export async function forgotPassword(deps: Deps, call: UsersCall, input: { readonly email: string }): Promise<void> {
  await mailQuietly(deps, input.email, async (user, nowMs) => {
    if (user.suspendedAtMs !== null) return null;
    const link = await planLink(deps, user, "reset_password", { kind: "reset_password" }, call.requestId, nowMs);
    return [...link.writes, note(deps, call, { action: "password.reset_requested", targetId: user.id }, nowMs)];
  });
}
