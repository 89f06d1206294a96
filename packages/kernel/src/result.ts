/**
 * An expected failure. The code is the contract with callers (`bookings.sold_out`); the detail is text for people
 * and may change. Bugs are thrown, never returned.
 */
export interface Failure {
  /** Stable, `<domain>.<snake_case>`; declared in the domain's error catalog. */
  readonly code: string;
  /** One sentence for a person; never holds secrets or another tenant's data. */
  readonly detail: string;
  /** Which inputs are at fault, where the failure is about inputs. */
  readonly errors?: readonly FieldFault[];
  /** Further members of the problem document, such as what is left of a sold-out ticket type. */
  readonly extra?: Readonly<Record<string, JsonValue>>;
  /** Seconds after which a repetition may succeed; becomes `Retry-After`. */
  readonly retryAfterSeconds?: number;
}

/** One input at fault: `path` is a JSON path without the leading dollar (`items.0.quantity`, `query.limit`). */
export interface FieldFault {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** Anything `JSON.stringify` round-trips. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** What every use-case and RPC method returns: a value, or an expected failure. Survives structured clone. */
export type Result<T, F extends Failure = Failure> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: F };

/** Wraps a value as success. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** Builds a failed result from a stable code and a sentence. */
export function fail(
  code: string,
  detail: string,
  more: Omit<Failure, "code" | "detail"> = {},
): { readonly ok: false; readonly error: Failure } {
  return { ok: false, error: { code, detail, ...more } };
}
