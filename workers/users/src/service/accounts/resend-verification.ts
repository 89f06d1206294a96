import type { Deps } from "../../deps.ts";
import type { UsersCall } from "../call.ts";
import { mailQuietly } from "../letters/mail-quietly.ts";
import { planLink } from "../letters/plan-link.ts";

/**
 * Asks for another verification mail, which voids the links of earlier ones, if the address waits for one and has not been sent too many. Nobody
 * is told.
 */
export async function resendVerification(
  deps: Deps,
  call: UsersCall,
  input: { readonly email: string },
): Promise<void> {
  await mailQuietly(deps, input.email, async (user, nowMs) => {
    if (user.emailVerifiedAtMs !== null) return null;
    return (await planLink(deps, user, "verify_email", { kind: "verify_email" }, call.requestId, nowMs)).writes;
  });
}
