import type { Consumer } from "@foyer/contracts/messages/routing";

/** The producer bindings that a worker holds; only those of the consumers it tells something. */
export type Queues = Readonly<Partial<Record<Consumer, Queue>>>;

/** Delay before the next attempt: doubling from two seconds to a limit, with jitter so that failures do not march in step. */
export function backoffSeconds(attempt: number, maxSeconds: number): number {
  const ceiling = Math.min(maxSeconds, 2 ** Math.min(attempt, 20));
  return Math.max(1, Math.round(ceiling * (0.5 + Math.random() / 2)));
}
