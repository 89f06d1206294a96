/** How often something was tried in the running window, this time included. */
export interface AttemptCount {
  readonly count: number;
  readonly windowEndsAtMs: number;
}

/** Seconds to wait where one of the counters is above its limit, else null. Equal for known and unknown accounts. */
export function waitSeconds(
  counters: readonly (AttemptCount & { readonly max: number })[],
  nowMs: number,
): number | null {
  const waits = counters
    .filter((counter) => counter.count > counter.max)
    .map((counter) => Math.max(1, Math.ceil((counter.windowEndsAtMs - nowMs) / 1000)));
  return waits.length === 0 ? null : Math.max(...waits);
}
