import type { CallContext } from "@foyer/contracts/shared/actor";
import { newId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { User } from "../domain/user.ts";

/** Uses a verification link up. `users.token_invalid` for one that was used, replaced, has expired or never was. */
export async function verifyEmail(
  deps: Deps,
  call: CallContext,
  input: { readonly token: string },
): Promise<Result<User>> {
  const nowMs = deps.clock.nowMs();
  const user = await deps.singleUseTokens.verifyEmail(await deps.linkSecrets.hashOf(input.token), nowMs, {
    id: newId("audit", nowMs),
    requestId: call.requestId,
  });
  if (user === null) return fail("users.token_invalid", "This link is no longer valid; ask for a new one.");
  return ok(user);
}
