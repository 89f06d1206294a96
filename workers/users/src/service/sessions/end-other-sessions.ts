import { requireUser } from "@foyer/auth/guards";
import type { UserId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { EndReason } from "../../domain/session.ts";
import type { Write } from "../../repository/database.ts";
import { note, type UsersCall } from "../call.ts";

/** Ends all of the caller's sessions but the one that asks. */
export async function endOtherSessions(deps: Deps, call: UsersCall): Promise<Result<null>> {
  const actor = requireUser(call.actor);
  if (!actor.ok) return actor;
  const { userId, sessionId } = actor.value;
  const nowMs = deps.clock.nowMs();
  await deps.store.commit([
    ...planEnd(deps, userId, sessionId, "ended", nowMs),
    note(deps, call, { action: "session.ended", targetId: userId, after: { kept: sessionId } }, nowMs),
  ]);
  return ok(null);
}

/**
 * The writes that end a user's sessions, but one where it is given, and void their access tokens. Sign-ins that wait for their second factor
 * end along: they were begun with what has changed.
 */
export function planEnd(
  deps: Pick<Deps, "sessions" | "revocations" | "challenges">,
  userId: UserId,
  exceptId: string | null,
  reason: EndReason,
  nowMs: number,
): Write[] {
  // The list first: it is made from the sessions that are open still.
  return [
    deps.revocations.revokeSessions(userId, exceptId, nowMs),
    deps.challenges.endSignIns(userId, nowMs),
    deps.sessions.endAll(userId, exceptId, reason, nowMs),
  ];
}
