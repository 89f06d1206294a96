import { limits } from "@foyer/kernel/limits";

interface Waiting<C, A> {
  readonly call: C;
  readonly resolve: (answer: A) => void;
  readonly reject: (thrown: unknown) => void;
}

/** How a batch is decided: all calls in one transaction, with an answer for each in order. Throws to roll all back. */
export type DecideBatch<C, A> = (calls: readonly C[]) => A[];

/**
 * Group commit. Calls that arrive together are decided together, in one synchronous stretch and one transaction, and so
 * share one wait for the disk. A refusal is an answer like any other; an unexpected throw rolls the batch back, and each
 * call is decided again alone, so that it fails alone.
 */
export class Coalescer<C, A> {
  readonly #decide: DecideBatch<C, A>;
  #waiting: Waiting<C, A>[] = [];
  #scheduled = false;

  constructor(decide: DecideBatch<C, A>) {
    this.#decide = decide;
  }

  submit(call: C): Promise<A> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setTimeout(() => this.#flush(), 0);
  }

  #flush(): void {
    this.#scheduled = false;
    const batch = this.#waiting.splice(0, limits.batchCallsMax);
    if (this.#waiting.length > 0) this.#schedule();
    if (batch.length === 0) return;
    try {
      this.#answer(batch, this.#decide(batch.map((waiting) => waiting.call)));
    } catch (thrown) {
      if (batch.length === 1) batch[0]?.reject(thrown);
      else for (const waiting of batch) this.#alone(waiting);
    }
  }

  #alone(waiting: Waiting<C, A>): void {
    try {
      this.#answer([waiting], this.#decide([waiting.call]));
    } catch (thrown) {
      waiting.reject(thrown);
    }
  }

  #answer(batch: readonly Waiting<C, A>[], answers: readonly A[]): void {
    for (const [index, waiting] of batch.entries()) {
      const answer = answers[index];
      if (answer === undefined) waiting.reject(new Error("a call was left without an answer"));
      else waiting.resolve(answer);
    }
  }
}
