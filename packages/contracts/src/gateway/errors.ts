import type { ErrorCatalog } from "../shared/errors.ts";

/** Codes of the gateway beside those that every worker has. */
export const gatewayErrors = {
  "gateway.origin_not_allowed": { kind: "forbidden", title: "Pages of this origin may not call the API" },
  "gateway.cross_site": { kind: "forbidden", title: "This did not come from a page of this site" },
} as const satisfies ErrorCatalog;
