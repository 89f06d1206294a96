import { requireSelf } from "@foyer/auth/guards";
import type { Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { Passkey } from "../../repository/passkeys.ts";
import { note, type UsersCall } from "../call.ts";

export const passkeyNotFound = fail("users.passkey_not_found", "No such passkey.");

/** Gives one of the caller's passkeys another name; `users.passkey_not_found` for what is none of theirs. */
export async function renamePasskey(
  deps: Deps,
  call: UsersCall,
  input: { readonly passkeyId: Id<"passkey">; readonly name: string },
): Promise<Result<Passkey>> {
  const actor = requireSelf(call.actor);
  if (!actor.ok) return actor;
  const passkey = await deps.passkeys.find(input.passkeyId, actor.value.userId);
  if (passkey === null) return passkeyNotFound;
  const nowMs = deps.clock.nowMs();
  await deps.store.commit([
    deps.passkeys.rename(passkey.id, input.name),
    note(deps, call, { action: "passkey.renamed", targetId: passkey.id }, nowMs),
  ]);
  return ok({ ...passkey, name: input.name });
}
