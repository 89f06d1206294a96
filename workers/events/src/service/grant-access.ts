import type { OpenEvent } from "@foyer/contracts/events/access";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { secondMs } from "@foyer/kernel/clock";
import { equalInConstantTime } from "@foyer/kernel/encoding";
import { type EventId, isId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { type EventWithText, isPubliclyReadable } from "../domain/event.ts";
import { isGated } from "../domain/reading.ts";
import { asSystem } from "./access.ts";

/** What lets its holder in, and until when. */
export interface EventGrant {
  readonly eventId: EventId;
  readonly grant: string;
  readonly endsAtMs: number;
}

/**
 * Lets somebody into a gated event: for its password, for the token of an invitation, for being invited under a proven address, or for being a member of
 * its organization. Guesses at passwords are counted before they are looked at. Fails with `events.not_found` (a private event is absent
 * for whoever is not invited), `events.access_denied`, `events.too_many_attempts`, `events.not_gated`.
 */
export async function grantAccess(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly network: string | null; readonly shown: OpenEvent },
): Promise<Result<EventGrant>> {
  const event = await deps.events.find(input.eventId);
  if (event === null) return absent;
  const entitled = await isEntitled(deps, call, event, input);
  if (!entitled.ok) return entitled;
  if (!isGated(event.visibility)) return fail("events.not_gated", "Everybody who has the address may read this event.");
  const endsAtSeconds = Math.floor(deps.clock.nowMs() / secondMs) + limits.eventAccessTtlSeconds;
  const { id: eventId, accessVersion } = event;
  const grant = await deps.eventSecrets.sign({ eventId, accessVersion, endsAtSeconds });
  return ok({ eventId, grant, endsAtMs: endsAtSeconds * secondMs });
}

const absent = fail("events.not_found", "No such event.");

async function isEntitled(
  deps: Deps,
  call: CallContext,
  event: EventWithText,
  { network, shown }: { readonly network: string | null; readonly shown: OpenEvent },
): Promise<Result<null>> {
  const member = await isMember(deps, call, event);
  if (!member.ok || member.value) return member.ok ? ok(null) : member;
  if (!isPubliclyReadable(event)) return absent;
  if (!isGated(event.visibility)) return ok(null);
  const refused =
    event.visibility === "private" ? absent : fail("events.access_denied", "This does not open the event.");
  if (shown.password !== undefined) {
    if (event.visibility !== "password" || event.passwordHash === null) return refused;
    return checkPassword(deps, event.id, event.passwordHash, { network, password: shown.password });
  }
  const invited =
    shown.invitation === undefined
      ? await isInvitedInPerson(deps, call, event.id)
      : ok(await isInvitation(deps, event.id, shown.invitation));
  if (!invited.ok) return invited;
  return invited.value ? ok(null) : refused;
}

async function isMember(deps: Deps, call: CallContext, { organizationId }: EventWithText): Promise<Result<boolean>> {
  if (call.actor.kind === "anonymous") return ok(false);
  const membership = await deps.users.authorize(call, { organizationId, permission: "events.read" });
  return !membership.ok && membership.error.code === "platform.unavailable" ? membership : ok(membership.ok);
}

async function checkPassword(
  deps: Deps,
  eventId: EventId,
  passwordHash: string,
  { network, password }: { readonly network: string | null; readonly password: string },
): Promise<Result<null>> {
  const attempt = await deps.accessGuard.begin(eventId, network);
  if (!attempt.ok) return attempt;
  if (!equalInConstantTime(await deps.eventSecrets.hashPassword(eventId, password), passwordHash))
    return fail("events.access_denied", "This does not open the event.");
  await attempt.value.takeBack();
  return ok(null);
}

async function isInvitation(deps: Deps, eventId: EventId, token: string): Promise<boolean> {
  const [guestId = ""] = token.split(".", 1);
  const guest = isId("guest", guestId) ? await deps.guests.find(eventId, guestId) : null;
  return guest !== null && deps.eventSecrets.isInvitationToken(guest, token);
}

/** Whether whoever is signed in has proven an address that is on the list. */
async function isInvitedInPerson(deps: Deps, call: CallContext, eventId: EventId): Promise<Result<boolean>> {
  if (call.actor.kind !== "user") return ok(false);
  const contacts = await deps.users.getContacts(asSystem(call), { userIds: [call.actor.userId] });
  if (!contacts.ok) return contacts;
  const [contact] = contacts.value;
  if (contact?.emailVerified !== true) return ok(false);
  return ok((await deps.guests.findByEmail(eventId, contact.email.toLowerCase())) !== null);
}
