import { type CatalogEntry, commonErrors, type ErrorCatalog, type FailureKind } from "@foyer/contracts/shared/errors";
import { assert } from "@foyer/kernel/assert";
import type { Failure } from "@foyer/kernel/result";

/** The one place that knows which HTTP status a kind of failure is (RFC 9110 section 15). */
export const statusByKind = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  gone: 410,
  precondition_failed: 412,
  too_large: 413,
  unsupported_media: 415,
  range_not_satisfiable: 416,
  invalid: 422,
  limited: 429,
  unavailable: 503,
} as const satisfies Record<FailureKind, number>;

const retryAfterDefaultSeconds = 2;

/**
 * Turns a failure into an RFC 9457 problem response, with further headers where given. A code that no catalog declares is a
 * bug and throws.
 */
export function problemResponse(
  failure: Failure,
  catalog: ErrorCatalog,
  requestId: string,
  further: Readonly<Record<string, string>> = {},
): Response {
  const entry: CatalogEntry | undefined =
    catalog[failure.code] ?? commonErrors[failure.code as keyof typeof commonErrors];
  assert(entry !== undefined, `the code ${failure.code} is in no error catalog`);
  const status = statusByKind[entry.kind];
  const headers: Record<string, string> = {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    ...further,
  };
  if (status === 401) headers["www-authenticate"] = entry.challenge ?? "Bearer";
  if (failure.retryAfterSeconds !== undefined || status === 429 || status === 503) {
    headers["retry-after"] = String(failure.retryAfterSeconds ?? retryAfterDefaultSeconds);
  }
  const problem = {
    ...failure.extra,
    type: `https://foyer.dev/problems/${failure.code}`,
    title: entry.title,
    status,
    detail: failure.detail,
    code: failure.code,
    requestId,
    ...(failure.errors === undefined ? {} : { errors: failure.errors }),
  };
  return new Response(JSON.stringify(problem), { status, headers });
}

/** The answer to a bug: a request id to ask about, and nothing else. */
export function internalErrorResponse(requestId: string): Response {
  const problem = {
    type: "about:blank",
    title: "Internal error",
    status: 500,
    detail: "Something went wrong on our side.",
    code: "platform.internal",
    requestId,
  };
  return new Response(JSON.stringify(problem), {
    status: 500,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
  });
}
