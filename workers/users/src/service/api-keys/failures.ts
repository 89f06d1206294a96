import { limits } from "@foyer/kernel/limits";
import { fail } from "@foyer/kernel/result";

export const keyNotFound = fail("users.api_key_not_found", "No such API key.");
export const keyLimit = fail(
  "users.api_key_limit",
  `An organization has ${limits.apiKeysPerOrganizationMax} API keys at most.`,
);
