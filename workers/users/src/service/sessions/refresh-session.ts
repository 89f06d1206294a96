import { required } from "@foyer/kernel/assert";
import { hmacSha256, randomSecret, sha256Hex } from "@foyer/kernel/encoding";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { decideRefresh, type RefreshAttempt } from "../../domain/refresh.ts";
import { auditEntry, type UsersCall } from "../call.ts";
import { accessTokenOf, clientHashOf, refreshTtlMs, type SignedIn } from "./plan-session.ts";

/**
 * Replaces a refresh token by the next one and signs a new access token (RFC 9700 section 4.14.2). The next one is derived from the
 * token and a fresh nonce, so the same client that shows the token again within seconds gets the same answer. A token that was replaced before
 * ends its whole family with `users.refresh_reused`; anything else that is no current token is `users.refresh_invalid`.
 */
export async function refreshSession(
  deps: Deps,
  call: UsersCall,
  input: { readonly refreshToken: string },
): Promise<Result<SignedIn>> {
  const nowMs = deps.clock.nowMs();
  const nonce = randomSecret();
  const successor = await hmacSha256(input.refreshToken, nonce);
  const successorHash = await sha256Hex(successor);
  const clientHash = await clientHashOf(call.client);
  const { device, place } = call.client;
  const attempt = await deps.sessions.rotate(
    await sha256Hex(input.refreshToken),
    { hash: successorHash, nonce, expiresAtMs: nowMs + refreshTtlMs },
    { device, place, clientHash },
    nowMs,
  );
  switch (decideRefresh(attempt, successorHash, clientHash, nowMs)) {
    case "rotated":
      return ok(await answer(deps, attempt, successor, nowMs));
    case "repeated":
      return ok(await answer(deps, attempt, await hmacSha256(input.refreshToken, attempt?.nonce ?? ""), nowMs));
    case "reused":
      await endFamily(deps, call, attempt, nowMs);
      return fail("users.refresh_reused", "This refresh token was used before; the session has ended. Sign in again.");
    case "invalid":
      return fail("users.refresh_invalid", "The session has ended; sign in again.");
  }
}

async function answer(
  deps: Deps,
  attempt: RefreshAttempt | null,
  refreshToken: string,
  nowMs: number,
): Promise<SignedIn> {
  const { user, session } = required(attempt, "a token that was replaced has a session");
  const accessToken = await accessTokenOf(deps, user, session, nowMs);
  return { user, tokens: { mode: session.mode, accessToken, refreshToken } };
}

async function endFamily(deps: Deps, call: UsersCall, attempt: RefreshAttempt | null, nowMs: number): Promise<void> {
  const { session, user } = required(attempt, "a token that was replaced has a session");
  deps.log.warn("refresh token reused", { sessionId: session.id, userId: user.id });
  await deps.store.commit([
    deps.sessions.end(session.id, "refresh_reused", nowMs),
    deps.audit.ifChanged(auditEntry(call, { action: "session.refresh_reused", targetId: session.id }, nowMs)),
    deps.revocations.revokeTokens(session.id, nowMs),
  ]);
}
