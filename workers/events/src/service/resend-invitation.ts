import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId, Id } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { type Guest, resendWaitSeconds } from "../domain/guests.ts";
import { openEvent } from "./access.ts";
import { sendInvitations } from "./send-invitations.ts";

/**
 * Sends a guest's invitation once more, with the same link. Fails with `events.guest_not_found`, `events.invitation_too_soon` shortly after the last
 * one and when there were {@link limits.invitationMailsPerGuestMax}.
 */
export async function resendInvitation(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly guestId: Id<"guest"> },
): Promise<Result<Guest>> {
  const { eventId, guestId } = input;
  const opened = await openEvent(deps, call, eventId, "events.write");
  if (!opened.ok) return opened;
  const absent = fail("events.guest_not_found", "No such guest.");
  const guest = await deps.guests.find(eventId, guestId);
  if (guest === null) return absent;
  const nowMs = deps.clock.nowMs();
  const retryAfterSeconds = resendWaitSeconds(guest, nowMs);
  if (guest.mailsSent >= limits.invitationMailsPerGuestMax)
    return fail("events.invitation_too_soon", `A guest gets at most ${limits.invitationMailsPerGuestMax} mails.`);
  if (retryAfterSeconds > 0)
    return fail("events.invitation_too_soon", "The invitation was sent just now.", { retryAfterSeconds });
  await deps.guests.askForMail(guestId, nowMs);
  await sendInvitations(deps, call.requestId, eventId);
  const sent = await deps.guests.find(eventId, guestId);
  return sent === null ? absent : ok(sent);
}
