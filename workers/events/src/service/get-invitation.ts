import { requireSystem } from "@foyer/auth/guards";
import type { EventInvitation } from "@foyer/contracts/events/guests";
import { type CallContext, callContextSchema } from "@foyer/contracts/shared/actor";
import { isId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { toFacts } from "../domain/facts.ts";
import { takesGuestsIn } from "../domain/guests.ts";

/** What an invitation's mail says, its secret included; `events.invitation_void` where nobody needs it any more. For other workers. */
export async function getInvitation(
  deps: Pick<Deps, "events" | "guests" | "eventSecrets" | "clock">,
  call: CallContext,
  input: { readonly eventId: string; readonly guestId: string },
): Promise<Result<EventInvitation>> {
  const allowed = requireSystem(callContextSchema.parse(call).actor); // a peer that calls wrongly is a bug
  if (!allowed.ok) return allowed;
  const { eventId, guestId } = input;
  const gone = fail("events.invitation_void", "This invitation is no longer good.");
  if (!isId("event", eventId) || !isId("guest", guestId)) return gone;
  const [event, guest] = await Promise.all([deps.events.find(eventId), deps.guests.find(eventId, guestId)]);
  if (event === null || guest === null || !takesGuestsIn(event)) return gone;
  if (event.status === "cancelled" || (event.endsAtMs ?? Number.POSITIVE_INFINITY) <= deps.clock.nowMs()) return gone;
  return ok({
    eventId,
    guestId,
    to: guest.email,
    token: await deps.eventSecrets.invitationToken(guest),
    organizationName: event.organizationName,
    event: toFacts(event),
  });
}
