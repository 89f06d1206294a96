import { requireUser } from "@foyer/auth/guards";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { Passkey } from "../../repository/passkeys.ts";
import type { UsersCall } from "../call.ts";

/** The caller's passkeys behind the given one, oldest first. */
export async function listPasskeys(
  deps: Deps,
  call: UsersCall,
  input: { readonly after: string; readonly limit: number },
): Promise<Result<Passkey[]>> {
  const actor = requireUser(call.actor);
  if (!actor.ok) return actor;
  const all = await deps.passkeys.list(actor.value.userId);
  return ok(all.filter(({ id }) => id > input.after).slice(0, input.limit));
}
