/**
 * Whether a thrown thing is the platform's own passing trouble (a database or object that moves, restarts or is overloaded) and
 * not a bug: the caller is told to come again. Objects mark theirs by `retryable` and `overloaded`
 * (https://developers.cloudflare.com/durable-objects/best-practices/error-handling/); D1 tells by its text only
 * (https://developers.cloudflare.com/d1/observability/debug-d1/#error-list).
 */
export function isPassingFault(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  if ("retryable" in thrown && thrown.retryable === true) return true;
  if ("overloaded" in thrown && thrown.overloaded === true) return true;
  return d1Passing.test(thrown.message) || (thrown.cause instanceof Error && d1Passing.test(thrown.cause.message));
}

const d1Passing =
  /^(?:D1_\w+: )?(?:Network connection lost|Cannot resolve D1 DB due to transient issue|Replica tried to sync with primary but received|(?:Internal error|Internal error while starting up D1 DB storage|Internal error in D1 DB storage|D1 DB storage operation exceeded timeout) .*caused object to be reset|D1 DB reset because its code was updated|D1 DB is overloaded)/;
