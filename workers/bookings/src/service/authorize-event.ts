import { requireIdentity } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { Permission } from "@foyer/contracts/shared/permissions";
import type { EventId, OrganizationId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";

/**
 * May this caller do this at this event? Another tenant's event does not exist for them: `bookings.event_not_found`.
 */
export async function authorizeEvent(
  deps: Pick<Deps, "sales" | "users">,
  call: CallContext,
  input: { readonly eventId: EventId; readonly permission: Permission },
): Promise<Result<{ readonly organizationId: OrganizationId }>> {
  const identity = requireIdentity(call.actor);
  if (!identity.ok) return identity;
  const organizationId = await deps.sales.organizationOf(input.eventId, call.requestId);
  if (organizationId === null) return eventNotFound();
  const allowed = await deps.users.authorize(call, { organizationId, permission: input.permission });
  if (allowed.ok) return ok({ organizationId });
  return allowed.error.code.startsWith("auth.") ? fail(allowed.error.code, allowed.error.detail) : eventNotFound();
}

function eventNotFound(): ReturnType<typeof fail> {
  return fail("bookings.event_not_found", "There is no such event.");
}
