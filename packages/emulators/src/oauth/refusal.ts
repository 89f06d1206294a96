/**
 * Why a request is refused. Each provider says it in its own words and shape; what the words are about is the same
 * everywhere (https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1 and section-5.2).
 */
export type RefusalCode =
  // At the authorization endpoint
  | "unknown_client"
  | "unsupported_response_type"
  | "invalid_scope"
  // At both
  | "invalid_request"
  | "redirect_uri_mismatch"
  // At the token endpoint
  | "invalid_client"
  | "unsupported_grant_type"
  | "code_unknown"
  | "code_expired"
  | "code_spent"
  | "verifier_missing"
  | "verifier_wrong"
  | "verifier_unneeded";

/** Thrown to refuse a request, caught in one place at each endpoint, where answers are made. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The code of RFC 6749 that a refusal at the token endpoint falls under. */
export function grantErrorOf(code: RefusalCode): string {
  switch (code) {
    case "invalid_request":
    case "invalid_client":
    case "unsupported_grant_type":
      return code;
    default:
      return "invalid_grant";
  }
}
