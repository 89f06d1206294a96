import { requirePlatformAdmin } from "@foyer/auth/guards";
import { isId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { AdminUser, AdminUserFilter } from "../../repository/administration.ts";
import type { UsersCall } from "../call.ts";

/** Users that match, newest first, for administrators of the platform; an id finds its user alone. */
export async function listUsers(deps: Deps, call: UsersCall, filter: AdminUserFilter): Promise<Result<AdminUser[]>> {
  const administrator = requirePlatformAdmin(call.actor);
  if (!administrator.ok) return administrator;
  const { text } = filter;
  if (text === null || !isId("user", text)) return ok(await deps.administration.list(filter));
  const user = await deps.administration.find(text);
  return ok(user === null ? [] : [user]);
}
