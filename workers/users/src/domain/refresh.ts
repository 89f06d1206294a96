import type { User } from "./user.ts";

/** What is known of a refresh token after an attempt to replace it by another. */
export interface RefreshAttempt {
  readonly sessionId: string;
  readonly user: User;
  readonly replacedBy: string | null;
}

/**
 * The outcome of showing a refresh token: `rotated` for the one caller whose successor was stored, `reused` for a token that
 * had a successor before (a thief or the victim of one: nobody can tell, so the family ends), `invalid` for everything else.
 */
export function decideRefresh(attempt: RefreshAttempt | null, successorHash: string): "rotated" | "reused" | "invalid" {
  if (attempt === null) return "invalid";
  if (attempt.replacedBy === successorHash) return "rotated";
  return attempt.replacedBy === null ? "invalid" : "reused";
}
