import { requireUser } from "@foyer/auth/guards";
import type { Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { note, type UsersCall } from "../call.ts";

/** Ends one of the caller's sessions, their own among them; `users.session_not_found` for what is none of theirs, or over. */
export async function endSession(
  deps: Deps,
  call: UsersCall,
  input: { readonly sessionId: Id<"session"> },
): Promise<Result<null>> {
  const actor = requireUser(call.actor);
  if (!actor.ok) return actor;
  const nowMs = deps.clock.nowMs();
  const session = await deps.sessions.findOpen(input.sessionId, actor.value.userId, nowMs);
  if (session === null) return fail("users.session_not_found", "No such session.");
  await deps.store.commit([
    deps.sessions.end(session.id, "ended", nowMs),
    deps.revocations.revokeTokens(session.id, nowMs),
    note(deps, call, { action: "session.ended", targetId: session.id, before: { device: session.device } }, nowMs),
  ]);
  return ok(null);
}
