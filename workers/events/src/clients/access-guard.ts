import type { Clock } from "@foyer/kernel/clock";
import type { EventId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { attemptPolicies } from "../domain/attempts.ts";
import type { AccessAttemptRepository } from "../repository/access-attempts.ts";
import type { EventSecrets } from "./event-secrets.ts";

/** One attempt that was counted. */
export interface CountedAttempt {
  /** It was good: nothing is held against anybody for it. */
  takeBack(): Promise<void>;
}

/**
 * Counts guesses at events' passwords, for each network and for all together, before they are known to fail. A wait that an isolate knows of is
 * answered from memory, so that a flood of guesses reaches the database about once a wait and isolate.
 */
export function createAccessGuard(attempts: AccessAttemptRepository, secrets: EventSecrets, clock: Clock) {
  const waits = new Map<string, number>();

  function remember(key: string, untilMs: number): void {
    waits.delete(key);
    waits.set(key, untilMs);
    const oldest = waits.keys().next();
    if (waits.size > limits.accessWaitsRememberedMax && oldest.done !== true) waits.delete(oldest.value);
  }

  return {
    /** Counts one; `events.too_many_attempts`, counting none, where one is to wait. */
    async begin(eventId: EventId, network: string | null): Promise<Result<CountedAttempt>> {
      const counters = [
        { key: await secrets.nameCounter(eventId, network ?? "unknown"), policy: attemptPolicies.here },
        { key: await secrets.nameCounter(eventId, null), policy: attemptPolicies.anywhere },
      ];
      const counted: string[] = [];
      const takeBack = async (): Promise<void> => {
        for (const key of counted) waits.delete(key);
        if (counted.length > 0) await attempts.takeBack(counted);
      };
      for (const counter of counters) {
        const nowMs = clock.nowMs();
        const knownMs = waits.get(counter.key) ?? 0;
        const lockedUntilMs = knownMs > nowMs ? knownMs : await attempts.begin(counter, nowMs);
        if (lockedUntilMs === null) {
          counted.push(counter.key);
          continue;
        }
        remember(counter.key, lockedUntilMs);
        await takeBack();
        const retryAfterSeconds = Math.max(1, Math.ceil((lockedUntilMs - nowMs) / 1000));
        return fail("events.too_many_attempts", "Too many attempts; try again later.", { retryAfterSeconds });
      }
      return ok({ takeBack });
    },
  };
}

export type AccessGuard = ReturnType<typeof createAccessGuard>;
