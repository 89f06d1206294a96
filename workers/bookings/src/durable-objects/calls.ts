import type { Result } from "@foyer/kernel/result";
import type { IdempotencyClaim } from "./answers.ts";

/** One call on a box office, as it travels. */
export interface OfficeCall {
  readonly operation: string;
  readonly input: unknown;
  readonly requestId: string;
  /** Null where the caller sent no key. */
  readonly idempotency: IdempotencyClaim | null;
}

/** The operation's result, and whether it is an earlier one given again. */
export interface OfficeAnswer {
  readonly result: Result<unknown>;
  readonly replayed: boolean;
}
