import type { Visibility } from "@foyer/contracts/events/api";
import { type Event, isPubliclyReadable } from "./event.ts";

/** Whether one needs more than the address to read it. */
export function isGated(visibility: Visibility): boolean {
  return visibility === "password" || visibility === "private";
}

/** What decides who may read an event. */
export type Gate = Pick<Event, "status" | "publishedAtMs" | "visibility" | "accessVersion">;

/** Who wants to read. */
export interface Reader {
  /** Belongs to its organization. */
  readonly member: boolean;
  /** The access version that the grant shown opens it at; null without a good one. */
  readonly grantedVersion: number | null;
}

/**
 * What a reader gets: `member` reads everything, `open` is for everyone, `granted` for whoever showed a grant. Of what asks for a password others
 * learn the title; all else is absent for them.
 */
export type Reading = "member" | "open" | "granted" | "password_required" | "absent";

/** Who may read what: the table of docs/design/events.md. */
export function decideReading(event: Gate, { member, grantedVersion }: Reader): Reading {
  if (member) return "member";
  if (!isPubliclyReadable(event)) return "absent";
  if (!isGated(event.visibility)) return "open";
  if (grantedVersion === event.accessVersion) return "granted";
  return event.visibility === "password" ? "password_required" : "absent";
}

/** What of an event decides its access version. */
type Secured = Pick<Event, "visibility" | "accessVersion"> & { readonly passwordHash: string | null };

/** The access version after a change: grants given before are void where the password is another, or the gate is. */
export function accessVersionAfter(before: Secured, after: Omit<Secured, "accessVersion">): number {
  const shut = isGated(after.visibility) && after.visibility !== before.visibility;
  const rekeyed = after.passwordHash !== null && after.passwordHash !== before.passwordHash;
  return shut || rekeyed ? before.accessVersion + 1 : before.accessVersion;
}
