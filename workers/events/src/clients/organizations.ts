import type { CallContext } from "@foyer/contracts/shared/actor";
import type { UsersRpc } from "@foyer/contracts/users/rpc";
import { type Clock, secondMs } from "@foyer/kernel/clock";
import { isId, type OrganizationId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { ok, type Result } from "@foyer/kernel/result";

/**
 * Which organization a slug leads to. Answers are believed for {@link limits.organizationsKnownSeconds}; slugs of nobody's are not kept, so that
 * made-up ones displace nothing.
 */
export function createOrganizationLookup(users: Pick<UsersRpc, "findOrganization">, clock: Clock) {
  const known = new Map<string, { readonly id: OrganizationId; readonly untilMs: number }>();

  return async (call: CallContext, idOrSlug: string): Promise<Result<OrganizationId>> => {
    if (isId("organization", idOrSlug)) return ok(idOrSlug);
    const kept = known.get(idOrSlug);
    if (kept !== undefined && kept.untilMs > clock.nowMs()) return ok(kept.id);
    known.delete(idOrSlug);
    const found = await users.findOrganization(call, { idOrSlug });
    if (!found.ok) return found;
    const untilMs = clock.nowMs() + limits.organizationsKnownSeconds * secondMs;
    known.set(idOrSlug, { id: found.value.id, untilMs });
    const oldest = known.keys().next();
    if (known.size > limits.organizationsKnownMax && oldest.done !== true) known.delete(oldest.value);
    return ok(found.value.id);
  };
}
