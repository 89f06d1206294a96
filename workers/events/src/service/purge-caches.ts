import { secondMs } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { backoffSeconds } from "@foyer/messaging/queues";
import type { Deps } from "../deps.ts";

/** Whoever can make the caches in front of the platform forget answers by their `Cache-Tag`. */
export interface CachePurger {
  /** Whether they were told; at most {@link limits.cachePurgeTagsPerCallMax} tags. Never throws. */
  purge(tags: readonly string[]): Promise<boolean>;
}

/**
 * Has caches forget what has changed. What fails is tried again later, with growing pauses, and given up after
 * {@link limits.cachePurgeAttemptsMax} times: what is cached has ended by itself long before. Where no purger is configured nothing is
 * sent, and what was noted is thrown away. Returns how many tags were purged.
 */
export async function purgeCaches(deps: Pick<Deps, "cachePurges" | "purger" | "clock" | "log">): Promise<number> {
  const { cachePurges, purger, clock, log } = deps;
  if (purger === null) {
    await cachePurges.clear();
    return 0;
  }
  let purged = 0;
  for (let call = 0; call < limits.cachePurgeCallsPerRunMax; call += 1) {
    const nowMs = clock.nowMs();
    const leased = await cachePurges.lease(nowMs, nowMs + limits.cachePurgeLeaseSeconds * secondMs);
    if (leased.length === 0) break;
    if (!(await purger.purge(leased.map(({ tag }) => tag)))) {
      const spent = leased.filter(({ attempts }) => attempts >= limits.cachePurgeAttemptsMax);
      if (spent.length > 0) log.error("cache purge given up", { count: spent.length });
      await cachePurges.end(spent);
      const attempts = Math.max(...leased.map((purge) => purge.attempts));
      const delayMs = backoffSeconds(attempts, limits.retryDelaySecondsMax) * secondMs;
      await cachePurges.postpone(leased, clock.nowMs() + delayMs);
      break;
    }
    await cachePurges.end(leased);
    purged += leased.length;
  }
  return purged;
}
