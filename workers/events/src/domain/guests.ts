import { dayMs, secondMs } from "@foyer/kernel/clock";
import type { EventId, Id, OrganizationId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { type Event, isPubliclyReadable } from "./event.ts";

/** Somebody on the list of a private event. Times are epoch milliseconds. */
export interface Guest {
  readonly id: Id<"guest">;
  readonly eventId: EventId;
  readonly organizationId: OrganizationId;
  /** Lower case. */
  readonly email: string;
  readonly name: string | null;
  /** What makes the token of the invitation one that cannot be made from ids alone. */
  readonly nonce: string;
  /** When the next mail is to be tried; null where none is due. */
  readonly mailDueAtMs: number | null;
  readonly mailsSent: number;
  readonly lastSentAtMs: number | null;
  readonly createdAtMs: number;
}

/** Whether guests of this event can be let in: it is private, and there is something to read. */
export function takesGuestsIn(event: Pick<Event, "status" | "publishedAtMs" | "visibility">): boolean {
  return event.visibility === "private" && isPubliclyReadable(event);
}

/** When a guest is to be looked at again, to be forgotten if the event is over by then. */
export function guestKeptUntilMs(event: Pick<Event, "endsAtMs">, nowMs: number): number {
  return Math.max(event.endsAtMs ?? nowMs, nowMs) + limits.guestsKeptDays * dayMs;
}

/** Seconds until a guest may be written to again; 0 where they may be now. */
export function resendWaitSeconds({ mailDueAtMs, lastSentAtMs }: Guest, nowMs: number): number {
  if (mailDueAtMs !== null || lastSentAtMs === null) return 0;
  return Math.max(0, Math.ceil((lastSentAtMs + limits.invitationPauseSeconds * secondMs - nowMs) / secondMs));
}

/** The day, UTC, that mails are counted under. */
export function mailDayOf(nowMs: number): number {
  return Math.floor(nowMs / dayMs);
}
