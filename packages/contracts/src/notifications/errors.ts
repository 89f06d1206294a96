import type { ErrorCatalog } from "../shared/errors.ts";

/**
 * Codes of notifications beyond the common ones: none of its own. Its routes only list; those of dead letters bring their
 * codes with them.
 */
export const notificationsErrors = {} as const satisfies ErrorCatalog;
