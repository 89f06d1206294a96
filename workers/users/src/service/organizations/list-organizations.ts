import { requireUser } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { Organization } from "../../domain/organization.ts";

/** The caller's organizations behind the given id, oldest first. */
export async function listOrganizations(
  deps: Deps,
  call: CallContext,
  input: { readonly after: string; readonly limit: number },
): Promise<Result<Organization[]>> {
  const actor = requireUser(call.actor);
  if (!actor.ok) return actor;
  return ok(await deps.organizations.listForMember(actor.value.userId, input.after, input.limit));
}
