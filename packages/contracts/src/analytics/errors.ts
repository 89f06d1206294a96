import type { ErrorCatalog } from "../shared/errors.ts";

/** Codes of the analytics domain. */
export const analyticsErrors = {
  "analytics.event_not_found": { kind: "not_found", title: "No such event" },
  "analytics.organization_not_found": { kind: "not_found", title: "No such organization" },
} as const satisfies ErrorCatalog;
