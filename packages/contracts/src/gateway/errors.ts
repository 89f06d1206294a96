import type { ErrorCatalog } from "../shared/errors.ts";

/** Codes of the gateway beside those that every worker has. */
export const gatewayErrors = {
  "gateway.origin_not_allowed": { kind: "forbidden", title: "Pages of this origin may not call the API" },
} as const satisfies ErrorCatalog;
