import type { ErasureDue } from "@foyer/contracts/users/rpc";
import type { UserId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";

/** What a worker is to look for when a person is forgotten. `users.erasure_unknown` where nobody of that id is being forgotten, or all have done so. */
export async function getErasure(
  deps: Pick<Deps, "erasures">,
  input: { readonly userId: UserId },
): Promise<Result<ErasureDue>> {
  const erasure = await deps.erasures.find(input.userId);
  if (erasure === null || erasure.email === null) return fail("users.erasure_unknown", "No such erasure.");
  const { userId, email, emailVerified, requestedAtMs } = erasure;
  return ok({ userId, email, emailVerified, requestedAtMs });
}
