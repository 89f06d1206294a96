import type { UserId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { note, type UsersCall } from "../call.ts";
import { planNotice } from "../letters/plan-letter.ts";
import { planEnd } from "../sessions/end-other-sessions.ts";
import { openUser } from "./administrator.ts";

/** Signs a user out everywhere, and tells them. How many sessions ended. */
export async function revokeSessions(
  deps: Deps,
  call: UsersCall,
  input: { readonly userId: UserId; readonly reason: string },
): Promise<Result<{ readonly ended: number }>> {
  const opened = await openUser(deps, call, input.userId);
  if (!opened.ok) return opened;
  const { user } = opened.value;
  const nowMs = deps.clock.nowMs();
  const ended = await deps.sessions.countOpen(user.id, nowMs);
  await deps.store.commit([
    ...planEnd(deps, user.id, null, "revoked", nowMs),
    deps.revocations.revokeTokens(user.id, nowMs),
    ...planNotice(deps, user, "sessions_ended", { ...call, client: null }, nowMs),
    note(deps, call, { action: "session.ended", targetId: user.id, after: { reason: input.reason, ended } }, nowMs),
  ]);
  return ok({ ended });
}
