import type { ErrorCatalog } from "../shared/errors.ts";

/** Codes of the users domain. */
export const usersErrors = {
  "users.email_taken": { kind: "conflict", title: "The address has an account already" },
  "users.invalid_credentials": { kind: "unauthenticated", title: "Address or password is wrong" },
  "users.too_many_attempts": { kind: "limited", title: "Too many failed attempts" },
  "users.refresh_invalid": { kind: "unauthenticated", title: "The session has ended" },
  "users.refresh_reused": { kind: "unauthenticated", title: "The refresh token was used before" },
  "users.token_invalid": { kind: "gone", title: "The link is no longer valid" },
  "users.email_not_verified": { kind: "forbidden", title: "The address is not verified" },
  "users.organization_not_found": { kind: "not_found", title: "No such organization" },
  "users.organization_limit": { kind: "conflict", title: "Too many organizations" },
  "users.slug_taken": { kind: "conflict", title: "The slug is taken" },
} as const satisfies ErrorCatalog;
