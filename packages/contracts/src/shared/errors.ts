import { limits } from "@foyer/kernel/limits";

/**
 * What sort of failure a code stands for. Only packages/http knows which status each kind becomes; domains and
 * contracts speak of kinds.
 */
export type FailureKind =
  | "malformed"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "gone"
  | "precondition_failed"
  | "too_large"
  | "unsupported_media"
  | "range_not_satisfiable"
  | "invalid"
  | "limited"
  | "unavailable";

/** One stable error code: its kind and a short title that does not change between occurrences (RFC 9457 `title`). */
export interface CatalogEntry {
  readonly kind: FailureKind;
  readonly title: string;
  /** What `WWW-Authenticate` says of a refusal that asks for more than a credential (RFC 9470); `Bearer` where left out. */
  readonly challenge?: string;
}

/** All codes of one domain. */
export type ErrorCatalog = Readonly<Record<string, CatalogEntry>>;

/** Codes that every worker may answer with. */
export const commonErrors = {
  "request.malformed_json": { kind: "malformed", title: "The body is not JSON" },
  "request.invalid": { kind: "invalid", title: "The request has invalid fields" },
  "request.too_large": { kind: "too_large", title: "The body is too large" },
  "request.unsupported_media_type": { kind: "unsupported_media", title: "The content type is not supported" },
  "request.not_found": { kind: "not_found", title: "Nothing is here" },
  "request.limited": { kind: "limited", title: "Too many requests" },
  "request.precondition_failed": { kind: "precondition_failed", title: "The resource has changed meanwhile" },
  "auth.required": { kind: "unauthenticated", title: "A credential is required" },
  "auth.invalid_token": { kind: "unauthenticated", title: "The credential is not valid" },
  "auth.forbidden": { kind: "forbidden", title: "Not allowed" },
  "auth.step_up_required": {
    kind: "unauthenticated",
    title: "A fresh proof of identity is required",
    challenge: `Bearer error="insufficient_user_authentication", max_age="${limits.stepUpFreshSeconds}"`,
  },
  "auth.impersonation_refused": { kind: "forbidden", title: "Not in another's place" },
  "idempotency.mismatch": { kind: "invalid", title: "The idempotency key was used with another request" },
  "idempotency.in_flight": { kind: "conflict", title: "A request with this idempotency key is still running" },
  "idempotency.invalid_key": { kind: "malformed", title: "The idempotency key is not valid" },
  "platform.unavailable": { kind: "unavailable", title: "Try again shortly" },
} as const satisfies ErrorCatalog;
