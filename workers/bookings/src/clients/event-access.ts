import { verifyEventAccess } from "@foyer/auth/event-access";
import { assert, required } from "@foyer/kernel/assert";
import type { Clock } from "@foyer/kernel/clock";
import type { EventId } from "@foyer/kernel/ids";

/** Reads the grants that events gives out for gated events. */
export interface EventAccess {
  /** The access version that a grant opens the event at; null for one that is not ours, is another event's or has ended. */
  versionOf(eventId: EventId, grant: string): Promise<number | null>;
}

const secretCharsMin = 32;

/** Grants under the secret that is shared with events. Throws at once where that is missing or too short to be one. */
export function createEventAccess(sharedSecret: string | undefined, clock: Clock): EventAccess {
  const secret = required(sharedSecret, "EVENT_ACCESS_SECRET is not set");
  assert(secret.length >= secretCharsMin, `EVENT_ACCESS_SECRET is shorter than ${secretCharsMin} characters`);
  return { versionOf: (eventId, grant) => verifyEventAccess(secret, grant, { eventId, nowMs: clock.nowMs() }) };
}
