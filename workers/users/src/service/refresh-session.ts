import type { CallContext } from "@foyer/contracts/shared/actor";
import type { SessionBody } from "@foyer/contracts/users/api";
import { secondMs } from "@foyer/kernel/clock";
import { sha256Hex } from "@foyer/kernel/encoding";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { decideRefresh } from "../domain/refresh.ts";
import type { User } from "../domain/user.ts";
import { newRefreshToken, sessionBody } from "./plan-session.ts";

/**
 * Replaces a refresh token by the next one and signs a new access token (RFC 9700 section 4.14.2). A token that was replaced
 * before ends its whole family with `users.refresh_reused`; anything else that is no current token is `users.refresh_invalid`.
 */
export async function refreshSession(
  deps: Deps,
  call: CallContext,
  input: { readonly refreshToken: string },
): Promise<Result<{ readonly user: User; readonly session: SessionBody }>> {
  const nowMs = deps.clock.nowMs();
  const successor = await newRefreshToken();
  const attempt = await deps.sessions.rotate(
    await sha256Hex(input.refreshToken),
    { hash: successor.hash, expiresAtMs: nowMs + limits.refreshTokenTtlSeconds * secondMs },
    nowMs,
    { id: newId("audit", nowMs), requestId: call.requestId },
  );
  const outcome = decideRefresh(attempt, successor.hash);
  if (outcome === "rotated" && attempt !== null) {
    const { user, sessionId } = attempt;
    return ok({ user, session: await sessionBody(deps, user, sessionId, successor.token) });
  }
  if (outcome === "reused") {
    deps.log.warn("refresh token reused", { sessionId: attempt?.sessionId, userId: attempt?.user.id });
    return fail("users.refresh_reused", "This refresh token was used before; the session has ended. Sign in again.");
  }
  return fail("users.refresh_invalid", "The session has ended; sign in again.");
}
