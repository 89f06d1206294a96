import { newId } from "@foyer/kernel/ids";
import { fail } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { type ProviderClaims, providerTitles } from "../../domain/providers.ts";
import type { User } from "../../domain/user.ts";
import type { Write } from "../../repository/database.ts";
import type { Identity } from "../../repository/identities.ts";
import { asActor, note, type UsersCall } from "../call.ts";
import { planNotice } from "../letters/plan-letter.ts";

export const identityLimit = fail("users.identity_limit", "This account has as many identities as it may have.");

/** How an identity came to its account. */
type LinkedBy = "registration" | "address" | "owner";

/**
 * A new identity of a user's: the writes that link it, note it and tell the owner, who needs no word of what they registered with.
 * Committing meets `identity_taken` or `identity_limit`.
 */
export function planIdentity(
  deps: Pick<Deps, "identities" | "letters" | "store" | "audit">,
  call: UsersCall,
  user: User,
  claims: ProviderClaims,
  by: LinkedBy,
  nowMs: number,
): { readonly identity: Identity; readonly writes: readonly Write[] } {
  const { provider, subject, email, name } = claims;
  const identity: Identity = {
    id: newId("identity", nowMs),
    userId: user.id,
    provider,
    subject,
    email,
    name,
    createdAtMs: nowMs,
    lastUsedAtMs: nowMs,
  };
  const facts = {
    action: "identity.linked",
    targetId: identity.id,
    actor: asActor(user),
    after: { provider, by },
  } as const;
  const notice =
    by === "registration"
      ? []
      : planNotice(deps, user, "identity_linked", { ...call, name: providerTitles[provider] }, nowMs);
  return { identity, writes: [deps.identities.insert(identity), ...notice, note(deps, call, facts, nowMs)] };
}
