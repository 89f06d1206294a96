import { requireUser } from "@foyer/auth/guards";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { Session } from "../../domain/session.ts";
import type { UsersCall } from "../call.ts";

/** The caller's open sessions behind the given one, oldest first, and which of them is the caller's own. */
export async function listSessions(
  deps: Deps,
  call: UsersCall,
  input: { readonly after: string; readonly limit: number },
): Promise<Result<{ readonly currentId: string; readonly sessions: Session[] }>> {
  const actor = requireUser(call.actor);
  if (!actor.ok) return actor;
  const { userId, sessionId } = actor.value;
  const sessions = await deps.sessions.listOpen(userId, input.after, input.limit, deps.clock.nowMs());
  return ok({ currentId: sessionId, sessions });
}
