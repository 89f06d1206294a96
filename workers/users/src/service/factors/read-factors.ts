import { requireUser } from "@foyer/auth/guards";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { FactorCounts } from "../../repository/factors.ts";
import type { UsersCall } from "../call.ts";

/** What the caller has beside their password. */
export async function readFactors(deps: Deps, call: UsersCall): Promise<Result<FactorCounts>> {
  const actor = requireUser(call.actor);
  return actor.ok ? ok(await deps.factors.count(actor.value.userId)) : actor;
}
