import type { SessionMode } from "@foyer/contracts/users/api/sessions";
import { secondMs } from "@foyer/kernel/clock";
import { randomSecret, sha256Hex } from "@foyer/kernel/encoding";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { Deps } from "../../deps.ts";
import type { Client } from "../../domain/client.ts";
import type { Session } from "../../domain/session.ts";
import type { User } from "../../domain/user.ts";
import type { Write } from "../../repository/database.ts";
import { asActor, note, type UsersCall } from "../call.ts";

/** What the owner of a session gets: by its mode, in the answer's body or in cookies. */
export interface Tokens {
  readonly mode: SessionMode;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Somebody who has just come in. */
export interface SignedIn {
  readonly user: User;
  readonly tokens: Tokens;
}

/** Access token of a user's session, of the moment at which both were looked at: what ends them later ends it along. */
export function accessTokenOf(
  deps: Pick<Deps, "signer">,
  user: User,
  session: Pick<Session, "id" | "authenticatedAtMs" | "impersonatorId">,
  nowMs: number,
): Promise<string> {
  return deps.signer.sign(
    {
      userId: user.id,
      sessionId: session.id,
      emailVerified: user.emailVerifiedAtMs !== null,
      platformAdmin: user.platformAdmin && session.impersonatorId === null,
      authenticatedAtMs: session.authenticatedAtMs,
      impersonatorId: session.impersonatorId,
    },
    nowMs,
  );
}

/** By what a client is known to be the same for some seconds: its browser and its network. */
export function clientHashOf({ userAgent, network }: Client): Promise<string> {
  return sha256Hex(`client\n${network ?? ""}\n${userAgent}`);
}

/** Ends when neither it nor its refresh token may be used any more. */
export const refreshTtlMs = limits.refreshTokenTtlSeconds * secondMs;

/** A new session: the writes that make it, and what its owner gets once they are committed. */
export async function planSession(
  deps: Deps,
  call: UsersCall,
  user: User,
  how: { readonly method: string; readonly mode: SessionMode },
  nowMs: number,
): Promise<{ readonly writes: readonly Write[]; readonly signedIn: SignedIn }> {
  const refreshToken = randomSecret();
  const session: Session = {
    id: newId("session", nowMs),
    userId: user.id,
    createdAtMs: nowMs,
    lastUsedAtMs: nowMs,
    expiresAtMs: nowMs + limits.sessionTtlSeconds * secondMs,
    authenticatedAtMs: nowMs,
    method: how.method,
    mode: how.mode,
    device: call.client.device,
    place: call.client.place,
    clientHash: await clientHashOf(call.client),
    impersonatorId: null,
  };
  const token = { hash: await sha256Hex(refreshToken), expiresAtMs: nowMs + refreshTtlMs };
  return {
    writes: [
      ...deps.sessions.insert(session, token),
      note(
        deps,
        call,
        {
          action: "session.started",
          targetId: session.id,
          actor: asActor(user),
          after: { method: session.method, mode: session.mode, device: session.device },
        },
        nowMs,
      ),
    ],
    signedIn: {
      user,
      tokens: { mode: how.mode, accessToken: await accessTokenOf(deps, user, session, nowMs), refreshToken },
    },
  };
}
