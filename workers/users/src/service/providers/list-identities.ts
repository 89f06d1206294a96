import { requireUser } from "@foyer/auth/guards";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { Identity } from "../../repository/identities.ts";
import type { UsersCall } from "../call.ts";

/** The caller's linked identities behind the given one, oldest first. */
export async function listIdentities(
  deps: Deps,
  call: UsersCall,
  input: { readonly after: string; readonly limit: number },
): Promise<Result<Identity[]>> {
  const actor = requireUser(call.actor);
  if (!actor.ok) return actor;
  const identities = await deps.identities.list(actor.value.userId);
  return ok(identities.filter(({ id }) => id > input.after).slice(0, input.limit));
}
