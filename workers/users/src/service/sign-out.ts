import { requireUser } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { sha256Hex } from "@foyer/kernel/encoding";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";

/**
 * Ends the session of a refresh token, or else the caller's own; `auth.required` where neither is known. A token of no session,
 * or of an ended one, is a success: the caller is signed out.
 */
export async function signOut(
  deps: Deps,
  call: CallContext,
  input: { readonly refreshToken?: string | undefined },
): Promise<Result<null>> {
  const nowMs = deps.clock.nowMs();
  if (input.refreshToken !== undefined) {
    await deps.store.commit([deps.sessions.endByToken(await sha256Hex(input.refreshToken), nowMs)]);
    return ok(null);
  }
  const user = requireUser(call.actor);
  if (!user.ok) return user;
  await deps.store.commit([deps.sessions.endById(user.value.sessionId, user.value.userId, nowMs)]);
  return ok(null);
}
