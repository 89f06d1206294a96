import { sha256Hex } from "@foyer/kernel/encoding";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { type AttemptKind, attemptPolicies } from "../domain/attempts.ts";
import type { AttemptGuard } from "../durable-objects/attempt-guard.ts";

/** One thing that is guessed at, such as an account, with the counters that its attempts are counted under. */
export interface Guarded {
  /** What it is: an address, a user, a network. */
  readonly of: string;
  readonly counters: readonly { readonly kind: AttemptKind; readonly from?: string }[];
}

/** Port of the counters of attempts. */
export interface AttemptGuards {
  /**
   * Counts an attempt at each of these, before it is known to fail; `users.too_many_attempts`, counting none, where one of them is to be
   * left alone for a while. They are asked in turn, so that a flood at the first costs one question each.
   */
  begin(guarded: readonly Guarded[]): Promise<Result<null>>;
  /** Forgets all attempts at these. */
  clear(guarded: readonly Guarded[]): Promise<void>;
  /** Takes one attempt at each of these back. */
  takeBack(guarded: readonly Guarded[]): Promise<void>;
}

/** Counters in Durable Objects, one object for each thing. All names are hashes, so none of them says of whom it is. */
export function createAttemptGuards(namespace: DurableObjectNamespace<AttemptGuard>): AttemptGuards {
  const guardOf = async ({ of, counters }: Guarded) =>
    namespace.getByName(await sha256Hex(`${counters[0]?.kind}\n${of}`));
  const namesOf = ({ counters }: Guarded): Promise<string[]> =>
    Promise.all(counters.map(({ kind, from = "" }) => sha256Hex(`${kind}\n${from}`)));

  async function attempt(guarded: Guarded) {
    const [guard, names] = await Promise.all([guardOf(guarded), namesOf(guarded)]);
    const counters = guarded.counters.map(({ kind }, index) => ({
      name: names[index] ?? "",
      policy: attemptPolicies[kind],
    }));
    return guard.attempt(counters);
  }

  return {
    async begin(guarded) {
      for (const [index, each] of guarded.entries()) {
        const answer = await attempt(each);
        if (answer.taken) continue;
        await this.takeBack(guarded.slice(0, index));
        const { waitSeconds: retryAfterSeconds } = answer;
        return fail("users.too_many_attempts", "Too many attempts; try again later.", { retryAfterSeconds });
      }
      return ok(null);
    },
    async clear(guarded) {
      await Promise.all(guarded.map(async (each) => (await guardOf(each)).clear(await namesOf(each))));
    },
    async takeBack(guarded) {
      await Promise.all(guarded.map(async (each) => (await guardOf(each)).takeBack(await namesOf(each))));
    },
  };
}
