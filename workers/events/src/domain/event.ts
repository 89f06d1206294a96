import type { EventDetails, EventStatus, EventText, Visibility } from "@foyer/contracts/events/api";
import type { EventId, Id, OrganizationId } from "@foyer/kernel/ids";
import type { StoredLocation } from "./venue.ts";

/** An event as the use-cases know it. Times are epoch milliseconds. */
export interface Event {
  readonly id: EventId;
  readonly organizationId: OrganizationId;
  readonly organizationName: string;
  readonly slug: string;
  /** Whether the slug alone leads to it; of two organizations' same slugs, the first claimed does. */
  readonly slugIsBare: boolean;
  readonly status: EventStatus;
  readonly version: number;
  /** BCP 47 tag of the language that title and description are in. */
  readonly locale: string;
  readonly title: string;
  readonly summary: string;
  readonly startsAtMs: number | null;
  readonly endsAtMs: number | null;
  readonly timezone: string;
  /** Its times are midnights: it lasts whole days. */
  readonly allDay: boolean;
  readonly location: StoredLocation | null;
  readonly categoryId: Id<"category"> | null;
  readonly tags: readonly string[];
  readonly visibility: Visibility;
  /** Grows when somebody who could read it no longer may; grants name it. */
  readonly accessVersion: number;
  readonly minimumAge: number | null;
  readonly cover: Cover | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** When it was first published; an event that has been public once keeps its page. */
  readonly publishedAtMs: number | null;
  /** When a scheduled event becomes public by itself. */
  readonly publishAtMs: number | null;
  /** What the organizer says of a cancellation or postponement. */
  readonly statusNote: string | null;
  /** When it was to start before it was moved. */
  readonly previousStartsAtMs: number | null;
  /** Revision of its calendar entry (RFC 5545 SEQUENCE). */
  readonly calendarSequence: number;
  readonly seriesId: Id<"series"> | null;
  /** Wall-clock start that its series' rule gave it (RFC 5545 RECURRENCE-ID). */
  readonly recurrenceId: string | null;
}

/** An event with its whole text, as it is read alone. */
export interface EventWithText extends Event {
  readonly description: string;
  /** Further titles and descriptions by BCP 47 tag. */
  readonly translations: Readonly<Record<string, EventText>>;
  readonly details: EventDetails;
  readonly categoryName: string | null;
  /** Keyed hash of a gated event's password. Shown to nobody. */
  readonly passwordHash: string | null;
  /** Fields that an occurrence was given for itself, which a change of its series leaves alone. */
  readonly overrides: readonly string[];
}

/** What every new event begins its life with. Whether it has its slug bare is decided as it is stored. */
export function newLife(nowMs: number) {
  return {
    slugIsBare: true,
    status: "draft",
    version: 1,
    accessVersion: 1,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    publishedAtMs: null,
    publishAtMs: null,
    statusNote: null,
    previousStartsAtMs: null,
    calendarSequence: 0,
    seriesId: null,
    recurrenceId: null,
    overrides: [],
  } as const satisfies Partial<EventWithText>;
}

export interface Cover {
  readonly mediaId: Id<"media">;
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
  /** What it shows; empty where nobody said. */
  readonly alt: string;
}

/** States of which nobody outside knows anything: not yet public, or not any more. */
const hidden: ReadonlySet<EventStatus> = new Set(["draft", "scheduled"]);

/**
 * Whether anyone who has the address may read it: published, or postponed, ended or put away after having been published, so that a ticket
 * holder who follows an old link learns what became of the event. Drafts and scheduled events are their organization's alone.
 */
export function isPubliclyReadable(event: Pick<Event, "status" | "publishedAtMs">): boolean {
  return event.status === "published" || (!hidden.has(event.status) && event.publishedAtMs !== null);
}

/** Whether it belongs in lists and in search. */
export function isListed(event: Pick<Event, "status" | "visibility">): boolean {
  return event.status === "published" && event.visibility === "public";
}

/** Whether its content may still change. What is over, called off or put away stays as it was. */
export function isEditable(status: EventStatus): boolean {
  return hidden.has(status) || isAnnounced(status);
}

/** Whether people outside count on it: it is public, or was and will be again. */
export function isAnnounced(status: EventStatus): boolean {
  return status === "published" || status === "postponed";
}

/** Whether it may vanish: nobody outside has ever seen it, so nobody can have bought anything. */
export function isDeletable(event: Pick<Event, "status" | "publishedAtMs">): boolean {
  return event.status === "draft" && event.publishedAtMs === null;
}
