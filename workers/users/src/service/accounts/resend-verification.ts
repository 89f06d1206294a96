import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { UsersCall } from "../call.ts";
import { mailQuietly } from "../letters/mail-quietly.ts";
import { planLink } from "../letters/plan-link.ts";

/**
 * Asks for another verification mail, which voids the links of earlier ones. The answer is one and the same for an unverified
 * address, a verified one, an unknown one, and one that has been sent too many mails.
 */
export async function resendVerification(
  deps: Deps,
  call: UsersCall,
  input: { readonly email: string },
): Promise<Result<null>> {
  await mailQuietly(deps, input.email, async (user, nowMs) => {
    const isDue = user.emailVerifiedAtMs === null;
    const link = await planLink(deps, user, "verify_email", { kind: "verify_email" }, call.requestId, nowMs);
    return isDue ? link.writes : null;
  });
  return ok(null);
}
