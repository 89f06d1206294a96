import type { Payload } from "@foyer/contracts/messages/catalog";
import type { Consumer } from "@foyer/contracts/messages/routing";
import { type EventWithText, isListed } from "./event.ts";
import { toPublicEvent } from "./facts.ts";

type PublicNews = "event.published" | "event.updated";
type VersionNews = "event.unpublished" | "event.cancelled" | "event.deleted";

/** One message that a change of an event gives rise to; `only` where fewer workers are told than its type's route names. */
export type News =
  | { readonly type: PublicNews; readonly payload: Payload<PublicNews>; readonly only?: readonly Consumer[] }
  | { readonly type: VersionNews; readonly payload: Payload<VersionNews>; readonly only?: readonly Consumer[] };

/** A message that says no more than which version of which event it is about. */
export function versionNews(type: VersionNews, event: EventWithText, only?: readonly Consumer[]): News {
  const payload = { eventId: event.id, organizationId: event.organizationId, version: event.version };
  return only === undefined ? { type, payload } : { type, payload, only };
}

function publicNews(type: PublicNews, event: EventWithText): News {
  const payload = { event: toPublicEvent(event) };
  // An unlisted event is for those who have its address: search never learns of it.
  return isListed(event) ? { type, payload } : { type, payload, only: ["bookings"] };
}

/** What others are told when an event goes from one state to the next; nothing while it is nobody's business. */
export function newsOfChange(before: EventWithText, after: EventWithText): News[] {
  if (after.status === "cancelled") return before.status === "cancelled" ? [] : [versionNews("event.cancelled", after)];
  if (after.status === "published") {
    const told = publicNews(before.status === "published" ? "event.updated" : "event.published", after);
    return isListed(before) && !isListed(after) ? [told, versionNews("event.unpublished", after, ["search"])] : [told];
  }
  return before.status === "published" ? [versionNews("event.unpublished", after)] : [];
}
