import type { Envelope } from "@foyer/contracts/messages/envelope";
import { eventInvitationMail } from "../domain/invitations.ts";
import { deliverMail } from "./deliver-mail.ts";
import type { MailDeps } from "./ports.ts";
import { systemCall } from "./system-call.ts";

/**
 * Mails an invitation to a private event. Whom to write to, and the secret of the link, are asked of events only now. A guest who was taken off the list
 * meanwhile, and one of an event that is over or called off, gets no mail.
 */
export async function sendInvitation(
  deps: MailDeps,
  message: Envelope<"event.invitation_due">,
): Promise<readonly D1PreparedStatement[]> {
  const { eventId, guestId } = message.payload;
  const invitation = await deps.events.getInvitation(systemCall(message.requestId), { eventId, guestId });
  if (!invitation.ok) {
    if (invitation.error.code !== "events.invitation_void") throw new Error(`events: ${invitation.error.code}`);
    deps.log.info("invitation no longer needed", { messageId: message.id, eventId, guestId });
    return [];
  }
  const content = eventInvitationMail(invitation.value, deps.publicUrl);
  return deliverMail(deps, { messageId: message.id, kind: "event_invitation", to: invitation.value.to, content });
}
