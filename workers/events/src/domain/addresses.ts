import type { Event } from "./event.ts";

/** Path of an event's page: the bare slug where it has that, else the one below its organization. */
export function eventPath(event: Pick<Event, "slug" | "slugIsBare" | "organizationId">): string {
  return event.slugIsBare
    ? `/v1/events/${event.slug}`
    : `/v1/organizations/${event.organizationId}/events/${event.slug}`;
}
