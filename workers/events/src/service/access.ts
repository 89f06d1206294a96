import { requireIdentity } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { Permission } from "@foyer/contracts/shared/permissions";
import type { EventId, OrganizationId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { EventWithText } from "../domain/event.ts";

const visibleRefusals = ["auth.required", "auth.forbidden", "platform.unavailable"];

/** May the caller do this in the organization? Whoever is no member of it is told `absentCode`: it does not exist for them. */
export async function authorizeIn(
  deps: Pick<Deps, "users">,
  call: CallContext,
  input: { readonly organizationId: OrganizationId; readonly permission: Permission; readonly absentCode: string },
): Promise<Result<null>> {
  const identity = requireIdentity(call.actor);
  if (!identity.ok) return identity;
  const { organizationId, permission, absentCode } = input;
  const answer = await deps.users.authorize(call, { organizationId, permission });
  if (answer.ok) return ok(null);
  return visibleRefusals.includes(answer.error.code) ? answer : fail(absentCode, "Nothing is here for you.");
}

/** An event that the caller may do this with, or `events.not_found`. */
export async function openEvent(
  deps: Pick<Deps, "users" | "events">,
  call: CallContext,
  idOrSlug: string,
  permission: Permission,
): Promise<Result<EventWithText>> {
  const identity = requireIdentity(call.actor);
  if (!identity.ok) return identity;
  const event = await deps.events.find(idOrSlug);
  if (event === null) return fail("events.not_found", "No such event.");
  const { organizationId } = event;
  const allowed = await authorizeIn(deps, call, { organizationId, permission, absentCode: "events.not_found" });
  return allowed.ok ? ok(event) : allowed;
}

/** An event that the caller may take from one state to another: for members with `events.publish`, and for this worker's clock. */
export async function openToMove(
  deps: Pick<Deps, "users" | "events">,
  call: CallContext,
  eventId: EventId,
): Promise<Result<EventWithText>> {
  if (call.actor.kind !== "system") return openEvent(deps, call, eventId, "events.publish");
  const event = await deps.events.find(eventId);
  return event === null ? fail("events.not_found", "No such event.") : ok(event);
}

/** This worker speaking for itself, to peers who have no business with the person behind. */
export function asSystem(call: CallContext): CallContext {
  return { actor: { kind: "system", name: "events" }, requestId: call.requestId };
}
