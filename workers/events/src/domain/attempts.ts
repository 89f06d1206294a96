/** How often a password may be guessed at, and how long one waits then. */
export interface AttemptPolicy {
  /** Attempts that cost nothing. */
  readonly free: number;
  /** The wait after the first attempt beyond those; it doubles with each further one. */
  readonly firstWaitSeconds: number;
  readonly longestWaitSeconds: number;
  /** After so long without an attempt, everything is forgotten. */
  readonly forgottenAfterSeconds: number;
}

const daySeconds = 86_400;

/**
 * Four digits are ten thousand guesses. From one network the waits make that months; from all networks together, where each wait also keeps guests
 * out who know the password, at least a month.
 */
export const attemptPolicies = {
  /** One event's password, from one network. */
  here: { free: 5, firstWaitSeconds: 1, longestWaitSeconds: 900, forgottenAfterSeconds: daySeconds },
  /** One event's password, from all networks together. */
  anywhere: { free: 100, firstWaitSeconds: 1, longestWaitSeconds: 300, forgottenAfterSeconds: daySeconds },
} as const satisfies Record<string, AttemptPolicy>;

/** Seconds to wait after the first, second, … attempt; the last entry holds for all that follow. */
export function waitsOf(policy: AttemptPolicy): number[] {
  const waits: number[] = Array.from({ length: policy.free }, () => 0);
  for (let wait = policy.firstWaitSeconds; wait < policy.longestWaitSeconds; wait *= 2) waits.push(wait);
  return [...waits, policy.longestWaitSeconds];
}
