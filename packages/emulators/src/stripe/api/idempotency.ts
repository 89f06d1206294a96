import { StripeApiError } from "./errors.ts";

/** An answer as it is kept: status and body. */
export interface KeptAnswer {
  readonly status: number;
  readonly body: string;
  /** The call that it was first given to. */
  readonly requestId: string;
}

interface Entry {
  readonly endpoint: string;
  readonly params: string;
  /** Null while the first call is under way. */
  answer: KeptAnswer | null;
}

/** Stripe's idempotency keys: one effect a key, and the first answer for everyone who repeats the call. */
export class IdempotencyKeys {
  readonly #entries = new Map<string, Entry>();

  /**
   * Claims a key for a call. Answers what was answered before, or null for the first. Refuses a key that is used for
   * something else (400), or whose first call is still under way (409).
   */
  claim(key: string, endpoint: string, params: string): KeptAnswer | null {
    if (key.length > 255) {
      throw new StripeApiError(400, {
        type: "invalid_request_error",
        message: "Idempotency keys must be at most 255 characters.",
      });
    }
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      this.#entries.set(key, { endpoint, params, answer: null });
      return null;
    }
    if (entry.endpoint !== endpoint) {
      throw conflict(
        `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${endpoint}' ` +
          `vs '${entry.endpoint}'). Try using a key other than '${key}' if you meant to execute a different request.`,
      );
    }
    if (entry.params !== params) {
      throw conflict(
        "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using " +
          `a key other than '${key}' if you meant to execute a different request.`,
      );
    }
    if (entry.answer === null) {
      throw new StripeApiError(409, {
        type: "idempotency_error",
        code: "idempotency_key_in_use",
        message:
          `There is currently another in-progress request using this Idempotent Key (that probably means you submitted ` +
          `twice, and the other request is still going through): ${key}. If you want to repeat the request, please wait.`,
      });
    }
    return entry.answer;
  }

  /** Keeps the answer of the call that claimed the key, for 24 hours at Stripe, for as long as it runs here. */
  keep(key: string, answer: KeptAnswer): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.answer = answer;
  }

  /** Gives a key back whose call never began. */
  release(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}

function conflict(message: string): StripeApiError {
  return new StripeApiError(400, { type: "idempotency_error", message });
}
