import type { InviteGuests } from "@foyer/contracts/events/guests";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { randomSecret } from "@foyer/kernel/encoding";
import { type EventId, newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { type Guest, guestKeptUntilMs } from "../domain/guests.ts";
import { openEvent } from "./access.ts";
import { sendInvitations } from "./send-invitations.ts";

/**
 * Puts people on a private event's list; who is on it stays. Their mails go out once the event is published, as many as an organization may send in
 * a day. Fails with `events.not_private`, `events.too_many_guests` with none added.
 */
export async function inviteGuests(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly guests: InviteGuests["guests"] },
): Promise<Result<readonly Guest[]>> {
  const { eventId } = input;
  const opened = await openEvent(deps, call, eventId, "events.write");
  if (!opened.ok) return opened;
  const event = opened.value;
  if (event.visibility !== "private")
    return fail("events.not_private", "Make the event private before you invite guests to it.");
  const nowMs = deps.clock.nowMs();
  const guests = input.guests.map(
    ({ email, name }): Guest => ({
      id: newId("guest", nowMs),
      eventId,
      organizationId: event.organizationId,
      email,
      name: name ?? null,
      nonce: randomSecret(),
      mailDueAtMs: nowMs,
      mailsSent: 0,
      lastSentAtMs: null,
      createdAtMs: nowMs,
    }),
  );
  const outcome = await deps.guests.add(eventId, guests, guestKeptUntilMs(event, nowMs));
  if (outcome === "gone") return fail("events.not_found", "No such event.");
  if (outcome === "full")
    return fail("events.too_many_guests", `An event has at most ${limits.guestsPerEventMax} guests.`);
  await sendInvitations(deps, call.requestId, eventId);
  return ok(
    await deps.guests.listByEmails(
      eventId,
      guests.map(({ email }) => email),
    ),
  );
}
