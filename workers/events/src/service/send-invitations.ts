import { minuteMs } from "@foyer/kernel/clock";
import type { EventId, OrganizationId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { newMessage } from "@foyer/messaging/message";
import type { Deps } from "../deps.ts";
import { type Guest, takesGuestsIn } from "../domain/guests.ts";

/** How long a mail waits that cannot go out yet: its event is no public matter, or its organization has used up its day. */
const waitMs = 5 * minuteMs;

/**
 * Sees to the mails that are due, of one event or of those that wait longest. Each is asked for once: guests are noted as written to in the batch that
 * puts the message into the outbox.
 */
export async function sendInvitations(
  deps: Pick<Deps, "events" | "guests" | "clock">,
  requestId: string,
  eventId: EventId | null,
): Promise<number> {
  const nowMs = deps.clock.nowMs();
  const due = await deps.guests.listDue(nowMs, limits.guestsPerSweepMax, eventId);
  for (const [id, guests] of Map.groupBy(due, (guest) => guest.eventId)) {
    const event = await deps.events.find(id);
    const [first] = guests;
    if (first === undefined) continue;
    const ready =
      event !== null && takesGuestsIn(event) ? await fitting(deps, first.organizationId, guests, nowMs) : [];
    for (let at = 0; at < ready.length; at += limits.invitationMailsPerBatchMax)
      await sendBatch(deps, requestId, first.organizationId, ready.slice(at, at + limits.invitationMailsPerBatchMax));
    // Those that went out have no mail due any more, and are left alone by this.
    await deps.guests.postpone(
      guests.map((guest) => guest.id),
      nowMs + waitMs,
    );
  }
  return due.length;
}

async function fitting(
  deps: Pick<Deps, "guests">,
  organizationId: OrganizationId,
  guests: readonly Guest[],
  nowMs: number,
): Promise<readonly Guest[]> {
  return guests.slice(0, await deps.guests.mailsLeft(organizationId, nowMs));
}

async function sendBatch(
  deps: Pick<Deps, "guests" | "clock">,
  requestId: string,
  organizationId: OrganizationId,
  guests: readonly Guest[],
): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const messages = guests.map((guest) =>
    newMessage(
      "event.invitation_due",
      { eventId: guest.eventId, organizationId, guestId: guest.id },
      { source: "events", requestId, nowMs },
    ),
  );
  const ids = guests.map((guest) => guest.id);
  // Where somebody else sees to one of them at this moment, the next sweep sees to the rest.
  await deps.guests.beginMails(organizationId, ids, messages, nowMs);
}
