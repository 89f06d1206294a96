import type { SessionBody } from "@foyer/contracts/users/api";
import { secondMs } from "@foyer/kernel/clock";
import { randomSecret, sha256Hex } from "@foyer/kernel/encoding";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { Deps } from "../deps.ts";
import type { User } from "../domain/user.ts";
import type { Write } from "../repository/database.ts";

/** A refresh token as its owner gets it, and as it is stored. */
export async function newRefreshToken(): Promise<{ readonly token: string; readonly hash: string }> {
  const token = randomSecret();
  return { token, hash: await sha256Hex(token) };
}

/** Access token of a user's session, with the refresh token that goes along. */
export async function sessionBody(
  deps: Deps,
  user: User,
  sessionId: string,
  refreshToken: string,
): Promise<SessionBody> {
  const accessToken = await deps.signer.sign({
    userId: user.id,
    sessionId,
    emailVerified: user.emailVerifiedAtMs !== null,
    platformAdmin: user.platformAdmin,
  });
  return { accessToken, refreshToken, tokenType: "Bearer", expiresIn: limits.accessTokenTtlSeconds };
}

/** A new session: the writes that make it, and what its owner gets once they are committed. */
export async function planSession(
  deps: Deps,
  user: User,
  nowMs: number,
): Promise<{ readonly sessionId: string; readonly writes: readonly Write[]; readonly body: SessionBody }> {
  const sessionId = newId("session", nowMs);
  const { token, hash } = await newRefreshToken();
  return {
    sessionId,
    writes: deps.sessions.insert({
      id: sessionId,
      userId: user.id,
      tokenHash: hash,
      nowMs,
      tokenExpiresAtMs: nowMs + limits.refreshTokenTtlSeconds * secondMs,
      expiresAtMs: nowMs + limits.sessionTtlSeconds * secondMs,
    }),
    body: await sessionBody(deps, user, sessionId, token),
  };
}
