import type { ErrorCatalog } from "../shared/errors.ts";

/** Codes of the search domain beside the common ones: reading what is public can only fail for what was asked. */
export const searchErrors = {} as const satisfies ErrorCatalog;
