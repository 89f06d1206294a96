import type { Event } from "./event.ts";

type Addressed = Pick<Event, "slug" | "slugIsBare" | "organizationId">;

/** The path of an event's one address: bare where its slug is its own on the whole platform, else below its organization. */
export function canonicalPath({ slug, slugIsBare, organizationId }: Addressed): string {
  return slugIsBare ? `/v1/events/${slug}` : `/v1/organizations/${organizationId}/events/${slug}`;
}

/** How an event was asked for. */
export type Asked =
  | { readonly idOrSlug: string }
  /** Below its organization, by whatever name that was called. */
  | { readonly organization: string; readonly slug: string };

/** The path that leads on from an old slug; null where the event was asked for by its id or its present slug. */
export function forwardingPath(event: Addressed & Pick<Event, "id">, asked: Asked): string | null {
  if ("organization" in asked)
    return asked.slug === event.slug ? null : `/v1/organizations/${asked.organization}/events/${event.slug}`;
  if (asked.idOrSlug === event.id || (event.slugIsBare && asked.idOrSlug === event.slug)) return null;
  return canonicalPath(event);
}
