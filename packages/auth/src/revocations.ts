import type { Revocation } from "@foyer/contracts/users/rpc";
import type { Clock } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";

/** How long the list is believed as it is. Together with the pause below, what ends early is refused well within a minute. */
const freshMs = limits.revocationsFreshSeconds * 1000;
/** While one request asks for what is new, the others go on with what is known, but not with what is older than this. */
const waitlessMs = 3 * freshMs;
const retryPauseMs = 2_000;
/** How long the list is believed while nobody can be asked: an outage of users must not sign everybody out. */
const staleMs = 60 * 60_000;
/** A token that was issued before its subject's entry has run out by then. */
const entryMs = (limits.accessTokenTtlSeconds + limits.clockSkewSeconds) * 1000;

/** Subjects whose tokens ended before their time: sessions, users, API keys, signing keys. */
export interface Revocations {
  /** Learns what is new. Throws where nothing is known yet and nobody can be asked. */
  freshen(): Promise<void>;
  /** Whether a credential of these subjects, issued at that moment, is void. */
  covers(subjects: readonly string[], issuedAtMs: number): boolean;
}

/**
 * The list that users publishes, as one isolate knows it. `fetchAfter` returns what was added behind a sequence number, oldest
 * first, at most {@link limits.revocationsPerPageMax} at once.
 */
export function createRevocations(
  fetchAfter: (sequence: number) => Promise<readonly Revocation[]>,
  clock: Clock,
): Revocations {
  const before = new Map<string, number>();
  let sequence = 0;
  let fetchedAtMs = Number.NEGATIVE_INFINITY;
  let askedAtMs = Number.NEGATIVE_INFINITY;

  async function fetchAll(): Promise<void> {
    const startedAtMs = clock.nowMs();
    for (;;) {
      const page = await fetchAfter(sequence);
      for (const entry of page) {
        before.set(entry.subject, Math.max(entry.beforeMs, before.get(entry.subject) ?? 0));
        sequence = Math.max(sequence, entry.sequence);
      }
      if (page.length < limits.revocationsPerPageMax) break;
    }
    fetchedAtMs = startedAtMs;
    for (const [subject, beforeMs] of before) if (beforeMs + entryMs < startedAtMs) before.delete(subject);
  }

  return {
    async freshen() {
      const nowMs = clock.nowMs();
      // A clock that was set back leaves a list from the future, which is as good as none.
      const ageMs = nowMs < fetchedAtMs ? Number.POSITIVE_INFINITY : nowMs - fetchedAtMs;
      if (ageMs <= freshMs) return;
      const someoneAsks = Math.abs(nowMs - askedAtMs) < retryPauseMs;
      if (someoneAsks && ageMs <= waitlessMs) return;
      askedAtMs = nowMs;
      try {
        await fetchAll();
      } catch (thrown) {
        if (nowMs - fetchedAtMs > staleMs) throw thrown;
      }
    },
    covers(subjects, issuedAtMs) {
      return subjects.some((subject) => {
        const beforeMs = before.get(subject);
        return beforeMs !== undefined && issuedAtMs <= beforeMs;
      });
    },
  };
}
