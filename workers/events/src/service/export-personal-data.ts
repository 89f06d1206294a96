import type { PersonalData } from "@foyer/auth/personal-data";
import type { CallContext, UserActor } from "@foyer/contracts/shared/actor";
import { toRfc3339 } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { asSystem } from "./access.ts";

/** What is kept here of people's doings and not given. */
const withheld = {
  history: "Which account changed an event: kept for the event's organization, by the account's id alone.",
};

/**
 * Everything that events keeps about the caller: whom they follow, and which guest lists their address is on, where they have
 * proven it to be theirs.
 */
export async function exportPersonalData(
  deps: Pick<Deps, "users" | "guests" | "organizers">,
  call: CallContext & { readonly actor: UserActor },
): Promise<Result<PersonalData>> {
  const contacts = await deps.users.getContacts(asSystem(call), { userIds: [call.actor.userId] });
  if (!contacts.ok) return contacts;
  const [contact] = contacts.value;
  if (contact === undefined) return fail("auth.invalid_token", "This account exists no more.");
  const { email, emailVerified } = contact;
  const found = emailVerified ? await deps.guests.listOfPerson(email.toLowerCase(), limits.exportRowsMax + 1) : [];
  const followed = await deps.organizers.listFollowed(call.actor.userId, {
    limit: limits.followsPerUserMax,
    before: null,
  });
  return ok({
    follows: followed.map(({ organizationId, followedAtMs }) => ({
      organizationId,
      followedAt: toRfc3339(followedAtMs),
    })),
    invitations: found.slice(0, limits.exportRowsMax).map(({ eventId, title, name, createdAtMs, lastSentAtMs }) => ({
      eventId,
      title,
      email,
      name,
      createdAt: toRfc3339(createdAtMs),
      lastSentAt: lastSentAtMs === null ? null : toRfc3339(lastSentAtMs),
    })),
    cutShort: found.length > limits.exportRowsMax ? ["invitations"] : [],
    withheld,
  });
}
