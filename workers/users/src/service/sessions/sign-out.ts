import { requireUser } from "@foyer/auth/guards";
import { sha256Hex } from "@foyer/kernel/encoding";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { UsersCall } from "../call.ts";

/**
 * Ends the session of a refresh token, or else the caller's own; `auth.required` where neither is known. A token of no session,
 * or of an ended one, is a success: the caller is signed out. Access tokens of the session are void within a minute.
 */
export async function signOut(
  deps: Deps,
  call: UsersCall,
  input: { readonly refreshToken?: string | undefined },
): Promise<Result<null>> {
  if (input.refreshToken !== undefined) {
    const session = await deps.sessions.findByToken(await sha256Hex(input.refreshToken));
    if (session !== null) await end(deps, session.id);
    return ok(null);
  }
  const user = requireUser(call.actor);
  if (!user.ok) return user;
  await end(deps, user.value.sessionId);
  return ok(null);
}

async function end(deps: Deps, sessionId: string): Promise<void> {
  const nowMs = deps.clock.nowMs();
  await deps.store.commit([
    deps.sessions.end(sessionId, "logout", nowMs),
    deps.revocations.revokeTokens(sessionId, nowMs),
  ]);
}
