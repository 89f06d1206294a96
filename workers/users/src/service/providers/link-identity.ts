import type { UserId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { ProviderClaims } from "../../domain/providers.ts";
import type { Identity } from "../../repository/identities.ts";
import type { UsersCall } from "../call.ts";
import { identityLimit, planIdentity } from "./plan-identity.ts";

/**
 * Links an identity to the account of its signed-in owner, and tells them. One that is linked to it already is a success;
 * `users.identity_taken` for one that opens another account, `users.identity_limit`.
 */
export async function linkIdentity(
  deps: Deps,
  call: UsersCall,
  userId: UserId,
  claims: ProviderClaims,
): Promise<Result<Identity>> {
  const nowMs = deps.clock.nowMs();
  const known = await deps.identities.findBySubject(claims.provider, claims.subject);
  if (known !== null) return ofOwner(known, userId);
  const user = await deps.users.findById(userId);
  if (user === null) return fail("auth.invalid_token", "This account exists no more.");
  const { identity, writes } = planIdentity(deps, call, user, claims, "owner", nowMs);
  const outcome = await deps.store.commit(writes, ["identity_taken", "identity_limit"]);
  if (outcome === "committed") return ok(identity);
  if (outcome === "identity_limit") return identityLimit;
  // Another request was first; whose it was decides.
  return ofOwner(await deps.identities.findBySubject(claims.provider, claims.subject), userId);
}

function ofOwner(known: Identity | null, userId: UserId): Result<Identity> {
  return known?.userId === userId
    ? ok(known)
    : fail("users.identity_taken", "This identity opens another account already.");
}
