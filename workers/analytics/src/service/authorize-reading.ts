import { requireIdentity } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId, OrganizationId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Peers } from "./ports.ts";

/** Failures that a caller is told as they are; every other says only that nothing is there. */
const told: ReadonlySet<string> = new Set(["auth.required", "auth.forbidden", "platform.unavailable"]);

/**
 * May this caller see figures of this event? Fails with `analytics.event_not_found` for an unknown event and for one of an
 * organization that the caller is no member of, which look alike.
 */
export async function authorizeEventReading(
  deps: { readonly peers: Peers },
  call: CallContext,
  eventId: EventId,
): Promise<Result<OrganizationId>> {
  const identity = requireIdentity(call.actor);
  if (!identity.ok) return identity;
  const owner = await deps.peers.findOwner(call.requestId, eventId);
  if (!owner.ok) return owner.error.code === "platform.unavailable" ? owner : noEvent;
  const allowed = await deps.peers.authorizeReading(call, owner.value);
  if (!allowed.ok) return told.has(allowed.error.code) ? allowed : noEvent;
  return owner;
}

/** As {@link authorizeEventReading} for a whole organization, with `analytics.organization_not_found`. */
export async function authorizeOrganizationReading(
  deps: { readonly peers: Peers },
  call: CallContext,
  organizationId: OrganizationId,
): Promise<Result<OrganizationId>> {
  const identity = requireIdentity(call.actor);
  if (!identity.ok) return identity;
  const allowed = await deps.peers.authorizeReading(call, organizationId);
  if (!allowed.ok) {
    return told.has(allowed.error.code)
      ? allowed
      : fail("analytics.organization_not_found", "There is no such organization.");
  }
  return ok(organizationId);
}

const noEvent = fail("analytics.event_not_found", "There is no such event.");
