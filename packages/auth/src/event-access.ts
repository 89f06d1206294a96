import { equalInConstantTime, hmacSha256 } from "@foyer/kernel/encoding";
import type { EventId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";

/** Header that shows a grant to one event. */
export const eventAccessHeader = "x-event-access";

/** What a grant says: who shows it may enter this event as it was gated at this version, until then. */
export interface EventAccess {
  readonly eventId: EventId;
  /** The event's access version at the time; the event's own decides whether that still holds. */
  readonly accessVersion: number;
  /** Epoch seconds. */
  readonly endsAtSeconds: number;
}

/** A grant as text: `version.end.signature`, HMAC-SHA-256 under the secret that events and bookings share. */
export async function signEventAccess(secret: string, access: EventAccess): Promise<string> {
  const { accessVersion, endsAtSeconds } = access;
  return `${accessVersion}.${endsAtSeconds}.${await hmacSha256(secret, signedText(access))}`;
}

/**
 * The access version that a grant opens an event at; null where it was not signed by us, is for another event or has ended. The event's
 * present version must be the same.
 */
export async function verifyEventAccess(
  secret: string,
  grant: string,
  asked: { readonly eventId: EventId; readonly nowMs: number },
): Promise<number | null> {
  if (grant.length > limits.eventAccessCharsMax) return null;
  const [, version, end, signature] = /^([1-9]\d{0,9})\.([1-9]\d{0,11})\.([A-Za-z0-9_-]{43})$/.exec(grant) ?? [];
  if (version === undefined || end === undefined || signature === undefined) return null;
  const access = { eventId: asked.eventId, accessVersion: Number(version), endsAtSeconds: Number(end) };
  const expected = await hmacSha256(secret, signedText(access));
  if (!equalInConstantTime(expected, signature)) return null;
  return access.endsAtSeconds * 1000 > asked.nowMs ? access.accessVersion : null;
}

function signedText({ eventId, accessVersion, endsAtSeconds }: EventAccess): string {
  return `foyer-event-access\n${eventId}\n${accessVersion}\n${endsAtSeconds}`;
}
