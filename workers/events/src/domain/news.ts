import type { HolderNotice, Payload } from "@foyer/contracts/messages/catalog";
import type { Consumer } from "@foyer/contracts/messages/routing";
import { type Event, type EventWithText, isAnnounced, isListed } from "./event.ts";
import { toPublicEvent } from "./facts.ts";

type PublicNews = "event.published" | "event.updated";
type VersionNews = "event.unpublished" | "event.completed" | "event.deleted";
/** What the organizer may say something of. */
type ExplainedNews = "event.postponed" | "event.cancelled";
type NewsOf<T extends PublicNews | VersionNews | ExplainedNews | "event.notice_due"> = {
  readonly type: T;
  readonly payload: Payload<T>;
  readonly only?: readonly Consumer[];
};

/** One message that a change of an event gives rise to; `only` where fewer workers are told than its type's route names. */
export type News = NewsOf<PublicNews> | NewsOf<VersionNews> | NewsOf<ExplainedNews> | NewsOf<"event.notice_due">;

type Named = Pick<Event, "id" | "organizationId" | "version">;

function aboutVersion(event: Named) {
  return { eventId: event.id, organizationId: event.organizationId, version: event.version };
}

/** A message that says no more than which version of which event it is about. */
export function versionNews(type: VersionNews, event: Named, only?: readonly Consumer[]): News {
  const payload = aboutVersion(event);
  return only === undefined ? { type, payload } : { type, payload, only };
}

/** Bids bookings to have the holders of tickets told of a change. */
export function holderNews(notice: HolderNotice, event: Named): News {
  return { type: "event.notice_due", payload: { ...aboutVersion(event), notice } };
}

function publicNews(type: PublicNews, event: EventWithText): News {
  const payload = { event: toPublicEvent(event) };
  // An unlisted event is for those who have its address: search never learns of it.
  return isListed(event) ? { type, payload } : { type, payload, only: ["bookings"] };
}

/** What others are told when an event goes from one state to the next; nothing while it is nobody's business. */
export function newsOfChange(before: EventWithText, after: EventWithText): News[] {
  switch (after.status) {
    case "published": {
      const told = publicNews(before.status === "published" ? "event.updated" : "event.published", after);
      return isListed(before) && !isListed(after)
        ? [told, versionNews("event.unpublished", after, ["search"])]
        : [told];
    }
    case "cancelled": {
      if (before.status === "cancelled") return [];
      return [{ type: "event.cancelled", payload: { ...aboutVersion(after), note: after.statusNote } }];
    }
    case "postponed":
      // What changes while it is postponed is told when it is published again.
      if (before.status === "postponed") return [];
      return [{ type: "event.postponed", payload: { ...aboutVersion(after), note: after.statusNote } }];
    case "completed":
      return before.status === "completed" ? [] : [versionNews("event.completed", after)];
    default:
      return isAnnounced(before.status) ? [versionNews("event.unpublished", after)] : [];
  }
}
