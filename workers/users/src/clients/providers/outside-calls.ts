import type { ProviderName } from "@foyer/contracts/users/api/providers";
import { limits } from "@foyer/kernel/limits";
import { type Failure, fail, ok, type Result } from "@foyer/kernel/result";
import type { Logger } from "@foyer/telemetry/logger";

/** What a provider answered that is not its own failure: the status, and the body where it is JSON, else null. */
export interface ProviderReply {
  readonly status: number;
  readonly body: unknown;
}

/** A call to a provider. `what` is for the log. */
export type CallProvider = (
  what: string,
  url: string,
  init: { readonly method: "GET" | "POST"; readonly headers?: Record<string, string>; readonly body?: URLSearchParams },
) => Promise<Result<ProviderReply>>;

export const unavailable = fail("users.provider_unavailable", "The provider does not answer right now; try again.");
export const refused = fail("users.provider_refused", "The provider did not confirm who you are.");

/** Carries a failure through a library that knows exceptions only. */
export class ProviderFault extends Error {
  override readonly name = "ProviderFault";
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.code);
    this.failure = failure;
  }
}

const firstPauseMs = 200;
const tooMany = 429;
const ownFault = 500;

/**
 * Calls a provider within {@link limits.outsideCallTimeoutMs}, all in all, and reads no more than
 * {@link limits.providerAnswerBytesMax}. Redirects are not followed: secrets go where the configuration says. Reading is tried once more
 * where the provider fails; what spends a code is not. `users.provider_unavailable` for silence, a failure of the provider's own, and an
 * answer that cannot be one.
 */
export function createProviderCalls(
  provider: ProviderName,
  log: Logger,
  timeoutMs: number = limits.outsideCallTimeoutMs,
): CallProvider {
  return async (what, url, init) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const headers = { accept: "application/json", "user-agent": "foyer", ...init.headers };
    const isLast = (attempt: number): boolean => init.method !== "GET" || attempt > 1 || signal.aborted;
    for (let attempt = 1; ; attempt += 1) {
      const reply = await callOnce(url, { ...init, headers, redirect: "manual", signal });
      if (typeof reply !== "string") return ok(reply);
      log.warn("identity provider does not answer", { provider, what, attempt, reason: reply });
      if (isLast(attempt)) return unavailable;
      await new Promise((resolve) => setTimeout(resolve, firstPauseMs * (0.5 + Math.random())));
    }
  };
}

/** One try; the reason where there is no answer to speak of. */
async function callOnce(url: string, init: RequestInit): Promise<ProviderReply | string> {
  try {
    const response = await fetch(url, init);
    const { status } = response;
    if (status >= ownFault || status === tooMany || (status >= 300 && status < 400)) {
      await response.body?.cancel();
      return `status ${status}`;
    }
    const text = await readAtMost(response, limits.providerAnswerBytesMax);
    if (text === null) return "too much";
    const body = parseJson(text);
    return response.ok && body === null ? "no JSON" : { status, body };
  } catch (thrown) {
    // Its message may quote what was sent; its kind does not.
    return thrown instanceof Error ? thrown.name : "unknown";
  }
}

async function readAtMost(response: Response, bytesMax: number): Promise<string | null> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > bytesMax) {
      await reader.cancel();
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a page, or nothing
  }
}
