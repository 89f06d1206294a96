import { limits } from "@foyer/kernel/limits";
import { fail } from "@foyer/kernel/result";

export const memberNotFound = fail("users.member_not_found", "No such member.");
export const roleNotGrantable = fail("users.role_not_grantable", "Your role may not give or take this role.");
export const lastOwner = fail("users.last_owner", "The last owner must stay; make somebody else an owner first.");
export const ownershipLimit = fail(
  "users.organization_limit",
  `One may own ${limits.organizationsPerUserMax} organizations at most.`,
);
