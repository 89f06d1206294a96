import type { CallContext } from "@foyer/contracts/shared/actor";
import { secondMs } from "@foyer/kernel/clock";
import { sha256Hex } from "@foyer/kernel/encoding";
import { limits } from "@foyer/kernel/limits";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { waitSeconds } from "../domain/attempts.ts";
import { planVerification } from "./plan-verification.ts";

/**
 * Asks for another verification mail, which voids the links of earlier ones. The answer is one and the same for an unverified
 * address, a verified one, an unknown one, and one that has been sent too many mails: a stranger learns nothing, and nobody's
 * mailbox is filled.
 */
export async function resendVerification(
  deps: Deps,
  call: CallContext,
  input: { readonly email: string },
): Promise<Result<null>> {
  const nowMs = deps.clock.nowMs();
  const key = await sha256Hex(`verification mail ${input.email}`);
  const { account, counts } = await deps.signIns.begin(
    input.email,
    [key],
    nowMs,
    limits.verificationMailWindowSeconds * secondMs,
  );
  const limited =
    waitSeconds(
      counts.map((count) => ({ ...count, max: limits.verificationMailsMax })),
      nowMs,
    ) !== null;
  const due = account !== null && account.user.emailVerifiedAtMs === null && !limited;
  // The same work for every address; what is planned for nobody is thrown away and a write that meets no row takes its place.
  const writes = await planVerification(deps, account?.user ?? { id: "usr_" }, call.requestId, nowMs);
  await deps.store.commit(due ? writes : [deps.signIns.clear("")]);
  return ok(null);
}
