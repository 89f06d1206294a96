import { DurableObject } from "cloudflare:workers";
import { type AttemptPolicy, type AttemptState, decideAttempt, noAttempts, takeBack } from "../domain/attempts.ts";

/** One of the counters of an object, and the policy that holds for it. */
export interface Counter {
  readonly name: string;
  readonly policy: AttemptPolicy;
}

/** What one thing that is guessed at answers to an attempt. */
export type AttemptAnswer = { readonly taken: true } | { readonly taken: false; readonly waitSeconds: number };

/** Beyond so many counters, those that are forgotten are removed. */
const countersKept = 256;

/**
 * Counts the attempts at one account, network or mailbox. One object each, and everything between reading and writing is
 * synchronous, so of a thousand guesses at once each is counted. It forgets itself.
 */
export class AttemptGuard extends DurableObject {
  /** Counts an attempt under all of these counters, or under none, and says how long to wait. */
  attempt(counters: readonly Counter[]): AttemptAnswer {
    const { kv } = this.ctx.storage;
    const nowMs = Date.now();
    const decided = counters.map(({ name, policy }) => ({
      name,
      outcome: decideAttempt(policy, kv.get<AttemptState>(name) ?? noAttempts, nowMs),
    }));
    const waits = decided.flatMap(({ outcome }) => (outcome.taken ? [] : [outcome.waitSeconds]));
    if (waits.length > 0) return { taken: false, waitSeconds: Math.max(...waits) };
    for (const { name, outcome } of decided) if (outcome.taken) kv.put(name, outcome.state);
    const keptMs = Math.max(...counters.map(({ policy }) => policy.forgottenAfterSeconds)) * 1000;
    this.#removeForgotten(nowMs - keptMs);
    void this.ctx.storage.setAlarm(nowMs + keptMs);
    return { taken: true };
  }

  /** Takes one attempt under these counters back. */
  takeBack(names: readonly string[]): void {
    const { kv } = this.ctx.storage;
    for (const name of names) {
      const state = kv.get<AttemptState>(name);
      if (state !== undefined) kv.put(name, takeBack(state));
    }
  }

  /** Forgets all attempts under these counters: whoever came in is the owner. */
  clear(names: readonly string[]): void {
    for (const name of names) this.ctx.storage.kv.delete(name);
  }

  override async alarm(): Promise<void> {
    await this.ctx.storage.deleteAll();
  }

  #removeForgotten(beforeMs: number): void {
    const { kv } = this.ctx.storage;
    const known = [...kv.list<AttemptState>()];
    if (known.length <= countersKept) return;
    for (const [name, { lastAtMs }] of known) if (lastAtMs < beforeMs) kv.delete(name);
  }
}
