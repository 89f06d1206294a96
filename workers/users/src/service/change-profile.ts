import type { CallContext } from "@foyer/contracts/shared/actor";
import { checkIfMatch, etagOf } from "@foyer/http/etag";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { ProfileChange, User } from "../domain/user.ts";
import { readProfile } from "./read-profile.ts";

/** Changes the caller's own profile; `request.precondition_failed` where it is not the version that `ifMatch` names. */
export async function changeProfile(
  deps: Deps,
  call: CallContext,
  input: { readonly change: ProfileChange; readonly ifMatch: string | undefined },
): Promise<Result<User>> {
  const current = await readProfile(deps, call);
  if (!current.ok) return current;
  const { id, version } = current.value;
  const condition = checkIfMatch(input.ifMatch, etagOf(version));
  if (!condition.ok) return condition;
  if (Object.values(input.change).every((value) => value === undefined)) return current;
  const expected = input.ifMatch === undefined ? null : version;
  const changed = await deps.users.update(id, input.change, expected, deps.clock.nowMs());
  return changed === null
    ? fail("request.precondition_failed", "The profile has changed since it was read; read it again.")
    : ok(changed);
}
