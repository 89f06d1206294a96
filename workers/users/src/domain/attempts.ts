/** How often something may be guessed at, and how long one waits then. */
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
 * What can be guessed, and how often. The table of docs/design/identity.md. NIST SP 800-63B section 3.2.2 allows a hundred
 * failures of one account in a row; the waits make that many last for hours, however many networks they come from.
 */
export const attemptPolicies = {
  /** A password of one account, from one network: the owner elsewhere has attempts of their own. */
  passwordHere: { free: 5, firstWaitSeconds: 1, longestWaitSeconds: 900, forgottenAfterSeconds: daySeconds },
  /** Passwords of one account, from all networks together. */
  passwordAnywhere: { free: 50, firstWaitSeconds: 1, longestWaitSeconds: 900, forgottenAfterSeconds: daySeconds },
  /** Passwords of all accounts, from one network: a house full of people has one address. */
  passwordNetwork: { free: 50, firstWaitSeconds: 1, longestWaitSeconds: 300, forgottenAfterSeconds: daySeconds },
  /** Codes and keys of one account whose first factor is known already. */
  secondFactor: { free: 5, firstWaitSeconds: 1, longestWaitSeconds: 900, forgottenAfterSeconds: daySeconds },
  /** Mails that strangers can cause to one address. */
  mail: { free: 3, firstWaitSeconds: 300, longestWaitSeconds: 3_600, forgottenAfterSeconds: daySeconds },
  /** Mails that people with accounts cause to one address: counted apart, so that nobody's invitations hold up its owner's own mails. */
  mailByMembers: { free: 3, firstWaitSeconds: 300, longestWaitSeconds: 3_600, forgottenAfterSeconds: daySeconds },
} as const satisfies Record<string, AttemptPolicy>;

export type AttemptKind = keyof typeof attemptPolicies;

/** What is remembered of one thing that is guessed at. */
export interface AttemptState {
  /** Attempts that were not taken back. */
  readonly count: number;
  /** No attempt is taken before this moment. */
  readonly lockedUntilMs: number;
  readonly lastAtMs: number;
}

export const noAttempts: AttemptState = { count: 0, lockedUntilMs: 0, lastAtMs: 0 };

/** Seconds to wait after so many attempts. */
function waitSecondsAfter(policy: AttemptPolicy, count: number): number {
  if (count <= policy.free) return 0;
  const doublings = Math.min(count - policy.free - 1, 32);
  return Math.min(policy.firstWaitSeconds * 2 ** doublings, policy.longestWaitSeconds);
}

/**
 * Counts an attempt before it is known to fail, so that guesses made at once are all counted. Refused, and not counted, while a wait is
 * under way.
 */
export function decideAttempt(
  policy: AttemptPolicy,
  before: AttemptState,
  nowMs: number,
): { readonly taken: true; readonly state: AttemptState } | { readonly taken: false; readonly waitSeconds: number } {
  if (before.lockedUntilMs > nowMs) {
    return { taken: false, waitSeconds: Math.max(1, Math.ceil((before.lockedUntilMs - nowMs) / 1000)) };
  }
  const known = nowMs - before.lastAtMs < policy.forgottenAfterSeconds * 1000 ? before.count : 0;
  const count = known + 1;
  const lockedUntilMs = nowMs + waitSecondsAfter(policy, count) * 1000;
  return { taken: true, state: { count, lockedUntilMs, lastAtMs: nowMs } };
}

/** The state once an attempt is taken back: it was good, or never made. */
export function takeBack(state: AttemptState): AttemptState {
  return { ...state, count: Math.max(0, state.count - 1), lockedUntilMs: 0 };
}
