import { problemFrom, retryAfterSeconds } from "./problem.ts";

export interface RetryOptions {
  /** Attempts in all; 1 never repeats. */
  readonly attemptsMax: number;
  /** Upper end of the first pause; it doubles with each attempt. */
  readonly pauseMs: number;
}

/** A server that asks for a longer pause than this is answered with its refusal, not waited for. */
const retryAfterSecondsMax = 20;
const repeatableStatuses = new Set([429, 502, 503, 504]);
const conflictStatus = 409;

/**
 * Sends a request, and again after a pause where that is safe: reading, and writing under an `Idempotency-Key`. Repeats
 * when the network fails, when the server is busy, and while the first request with the same key still runs.
 */
export async function fetchWithRetry(
  request: Request,
  options: RetryOptions,
  send: (request: Request) => Promise<Response>,
): Promise<Response> {
  const isRepeatable = request.method === "GET" || request.method === "HEAD" || request.headers.has("idempotency-key");
  for (let attempt = 1; ; attempt += 1) {
    const isLast = !isRepeatable || attempt >= options.attemptsMax;
    let response: Response;
    try {
      response = await send(isLast ? request : request.clone());
    } catch (thrown) {
      if (isLast || request.signal.aborted) throw thrown;
      await pause(jitter(options.pauseMs, attempt), request.signal);
      continue;
    }
    if (isLast || !(await isWorthRepeating(response))) return response;
    const asked = retryAfterSeconds(response);
    if (asked !== null && asked > retryAfterSecondsMax) return response;
    await response.body?.cancel();
    await pause((asked ?? 0) * 1_000 + jitter(options.pauseMs, attempt), request.signal);
  }
}

async function isWorthRepeating(response: Response): Promise<boolean> {
  if (repeatableStatuses.has(response.status)) return true;
  if (response.status !== conflictStatus) return false;
  return (await problemFrom(response.clone())).code === "idempotency.in_flight";
}

/** Full jitter: anything from nothing to the doubled pause, so that callers who failed together do not return together. */
function jitter(pauseMs: number, attempt: number): number {
  return Math.random() * pauseMs * 2 ** (attempt - 1);
}

function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, durationMs);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
