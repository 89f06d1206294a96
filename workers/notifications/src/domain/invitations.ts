import type { EventInvitation } from "@foyer/contracts/events/guests";
import { limits } from "@foyer/kernel/limits";
import { formatEventTime } from "./event-time.ts";
import { compose } from "./layout.ts";
import { type MailContent, toLine, toPersonName } from "./mail.ts";

/**
 * An invitation to a private event as a mail. Its secret stands in the fragment, which no server, no log and no `Referer` ever sees. It greets nobody by
 * name: organizers write to addresses of their choice, and names would be texts of their choice, too.
 */
export function eventInvitationMail(invitation: EventInvitation, publicUrl: string): MailContent {
  const { event, organizationName } = invitation;
  const title = toLine(event.title, limits.titleCharsMax);
  const organization = toPersonName(organizationName) ?? "An organizer";
  const url = `${publicUrl}/events/${encodeURIComponent(event.eventId)}#invitation=${encodeURIComponent(invitation.token)}`;
  return compose(`You are invited: ${title}`, [
    { kind: "paragraph", text: `${organization} invites you to a private event.` },
    {
      kind: "facts",
      facts: [
        ["Event", title],
        ["When", formatEventTime(event)],
        ["Where", toLine(event.place, limits.titleCharsMax)],
      ],
    },
    { kind: "link", label: "Open the invitation", url },
    {
      kind: "paragraph",
      text: "The link is for you: whoever has it can see the event. If you do not know them, ignore this mail.",
    },
  ]);
}
