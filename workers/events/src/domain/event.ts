import type { EventLocation, EventStatus, Visibility } from "@foyer/contracts/events/api";
import type { EventId, Id, OrganizationId } from "@foyer/kernel/ids";

/** An event as the use-cases know it. Times are epoch milliseconds. */
export interface Event {
  readonly id: EventId;
  readonly organizationId: OrganizationId;
  readonly organizationName: string;
  readonly slug: string;
  readonly status: EventStatus;
  readonly version: number;
  readonly title: string;
  readonly summary: string;
  readonly startsAtMs: number | null;
  readonly endsAtMs: number | null;
  readonly timezone: string;
  readonly location: EventLocation | null;
  readonly categoryId: Id<"category"> | null;
  readonly tags: readonly string[];
  readonly visibility: Visibility;
  readonly cover: Cover | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** When it was first published; an event that has been public once keeps its page. */
  readonly publishedAtMs: number | null;
}

/** An event with its whole text, as it is read alone. */
export interface EventWithText extends Event {
  readonly description: string;
  readonly categoryName: string | null;
}

export interface Cover {
  readonly mediaId: Id<"media">;
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
}

/**
 * Whether anyone who has the address may read it: published, or ended in another way after having been published, so that
 * a ticket holder who follows an old link learns that the event is cancelled. Drafts are their organization's alone.
 */
export function isPubliclyReadable(event: Pick<Event, "status" | "publishedAtMs">): boolean {
  return event.status === "published" || (event.status !== "draft" && event.publishedAtMs !== null);
}

/** Whether it belongs in lists and in search. */
export function isListed(event: Pick<Event, "status" | "visibility">): boolean {
  return event.status === "published" && event.visibility === "public";
}

/** Whether its content may still change. */
export function isEditable(status: EventStatus): boolean {
  return status === "draft" || status === "published";
}

/** Whether it may vanish: nobody outside has ever seen it, so nobody can have bought anything. */
export function isDeletable(event: Pick<Event, "status" | "publishedAtMs">): boolean {
  return event.status === "draft" && event.publishedAtMs === null;
}

/** Tags as they are kept: lower case, each once, in the order given. */
export function normalizeTags(tags: readonly string[]): string[] {
  return [...new Set(tags.map((tag) => tag.toLowerCase()))];
}
