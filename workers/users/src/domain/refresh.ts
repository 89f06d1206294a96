import { secondMs } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import type { Session } from "./session.ts";
import type { User } from "./user.ts";

/** What is known of a refresh token after an attempt to replace it by another. */
export interface RefreshAttempt {
  readonly session: Pick<Session, "id" | "clientHash" | "authenticatedAtMs" | "mode" | "impersonatorId">;
  readonly user: User;
  /** Hash of the token that took its place, and when; null while it is the current one. */
  readonly replacedBy: string | null;
  readonly replacedAtMs: number | null;
  /** What that one was derived with. */
  readonly nonce: string | null;
  /** Whether that one was replaced in its turn, so that its holder had it. */
  readonly successorUsed: boolean;
  /** The session has ended. */
  readonly isOver: boolean;
}

/**
 * The outcome of showing a refresh token: `rotated` for the one caller whose successor was stored; `repeated` for the same client that shows
 * the token again within seconds, because the answer was lost or two tabs asked at once, and gets the same successor; `reused` for a token that
 * was replaced before (a thief or the victim of one: nobody can tell, so the family ends); `invalid` for everything else.
 */
export function decideRefresh(
  attempt: RefreshAttempt | null,
  successorHash: string,
  clientHash: string,
  nowMs: number,
): "rotated" | "repeated" | "reused" | "invalid" {
  if (attempt === null) return "invalid";
  if (attempt.replacedBy === successorHash) return "rotated";
  if (attempt.replacedBy === null) return "invalid";
  const isRecent = nowMs - (attempt.replacedAtMs ?? 0) <= limits.refreshGraceSeconds * secondMs;
  const isSameClient = attempt.session.clientHash === clientHash;
  return isRecent && isSameClient && !attempt.successorUsed && !attempt.isOver && attempt.nonce !== null
    ? "repeated"
    : "reused";
}
