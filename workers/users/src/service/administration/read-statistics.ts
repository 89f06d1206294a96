import { requirePlatformAdmin } from "@foyer/auth/guards";
import { secondMs } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { AccountStatistics } from "../../repository/administration.ts";
import type { UsersCall } from "../call.ts";

/** How many accounts there are and what state they are in, for administrators of the platform. */
export async function readStatistics(deps: Deps, call: UsersCall): Promise<Result<AccountStatistics>> {
  const administrator = requirePlatformAdmin(call.actor);
  if (!administrator.ok) return administrator;
  const nowMs = deps.clock.nowMs();
  return ok(await deps.administration.count(nowMs, nowMs - limits.erasureRetellSeconds * secondMs));
}
