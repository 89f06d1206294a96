import { eventAccessHeader } from "@foyer/auth/event-access";
import { eventPathSchema } from "@foyer/contracts/events/api";
import { eventsErrors } from "@foyer/contracts/events/errors";
import { documentSchema, organizationPathSchema, savedSearchSchema } from "@foyer/contracts/events/feeds";
import { type AppContext, type AppEnv, problem } from "@foyer/http/app";
import { responses } from "@foyer/http/responses";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type * as z from "zod";
import type { Deps } from "../deps.ts";
import { type CalendarOptions, toCalendar } from "../domain/calendar/calendar.ts";
import type { Event } from "../domain/event.ts";
import { type FeedOptions, toJsonFeed, toRss } from "../domain/feeds/feed.ts";
import { getEvent } from "../service/get-event.ts";
import { readCalendar, readLatest, readOrganizersCalendar, readOrganizersLatest } from "../service/read-feed.ts";
import { callOf, filterOf, privateCache, tagsOf } from "./call.ts";
import { documentCache, sendDocument } from "./documents.ts";

const tags = ["Feeds"];
const calendarType = "text/calendar; charset=utf-8";

/** How a feed is written, by the end of its address. */
const feedKinds = {
  json: { type: "application/feed+json; charset=utf-8", write: toJsonFeed, name: "JSON Feed" },
  xml: { type: "application/rss+xml; charset=utf-8", write: toRss, name: "RSS" },
} as const;
type FeedKind = keyof typeof feedKinds;
const kinds: readonly FeedKind[] = ["json", "xml"];

/** A document of this type, or the problem that everything else is. */
function document(type: string, description: string) {
  return {
    200: { description, content: { [type.split(";")[0] ?? type]: { schema: documentSchema } } },
    304: { description: "The caller has it" },
    default: responses(200, "", documentSchema).default,
  };
}

const eventCalendar = createRoute({
  method: "get",
  path: "/v1/events/{idOrSlug}/calendar.ics",
  operationId: "getEventCalendar",
  tags,
  summary: "An event for a calendar (iCalendar); for whoever may read the event",
  request: { params: eventPathSchema },
  responses: document(calendarType, "The event"),
});

const searchCalendar = createRoute({
  method: "get",
  path: "/v1/events/calendar.ics",
  operationId: "getSearchCalendar",
  tags,
  summary: "What a list shows, as a calendar to subscribe to; cancelled events stay in it, marked",
  request: { query: savedSearchSchema },
  responses: document(calendarType, "The calendar"),
});

const organizersCalendar = createRoute({
  method: "get",
  path: "/v1/organizations/{idOrSlug}/calendar.ics",
  operationId: "getOrganizationCalendar",
  tags,
  summary: "An organizer's public events of the last ninety days and to come, as a calendar to subscribe to",
  request: { params: organizationPathSchema },
  responses: document(calendarType, "The calendar"),
});

function searchFeed(kind: FeedKind) {
  return createRoute({
    method: "get",
    path: `/v1/events/feed.${kind}`,
    operationId: kind === "json" ? "getSearchJsonFeed" : "getSearchRss",
    tags,
    summary: `What a list shows as ${feedKinds[kind].name}, what was made public last first`,
    request: { query: savedSearchSchema },
    responses: document(feedKinds[kind].type, "The feed"),
  });
}

function organizersFeed(kind: FeedKind) {
  return createRoute({
    method: "get",
    path: `/v1/organizations/{idOrSlug}/feed.${kind}`,
    operationId: kind === "json" ? "getOrganizationJsonFeed" : "getOrganizationRss",
    tags,
    summary: `An organizer's public events as ${feedKinds[kind].name}, what was made public last first`,
    request: { params: organizationPathSchema },
    responses: document(feedKinds[kind].type, "The feed"),
  });
}

/** Calendars and feeds. Their addresses stand beside those of events, so they are to be added before these. */
export function addFeedRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(searchCalendar, async (c) => {
    const query = c.req.valid("query");
    const events = await readCalendar(c.get("deps"), filterOf(query));
    return sendCalendar(c, events, "Events", query.organizationId);
  });

  app.openapi(organizersCalendar, async (c) => {
    const found = await readOrganizersCalendar(c.get("deps"), callOf(c), c.req.valid("param").idOrSlug);
    if (!found.ok) return problem(c, eventsErrors, found.error);
    const { organization, events } = found.value;
    return sendCalendar(c, events, organization.name, organization.id);
  });

  for (const kind of kinds) {
    app.openapi(searchFeed(kind), async (c) => {
      const query = c.req.valid("query");
      const events = await readLatest(c.get("deps"), filterOf(query));
      const listPath = `/v1/events${searchOf(query)}`;
      const feedPath = `/v1/events/feed.${kind}${searchOf(query)}`;
      return sendFeed(c, kind, events, { title: "Events", listPath, feedPath }, query.organizationId);
    });

    app.openapi(organizersFeed(kind), async (c) => {
      const found = await readOrganizersLatest(c.get("deps"), callOf(c), c.req.valid("param").idOrSlug);
      if (!found.ok) return problem(c, eventsErrors, found.error);
      const { organization, events } = found.value;
      const listPath = `/v1/events?organizationId=${organization.id}`;
      const feedPath = `/v1/organizations/${organization.slug}/feed.${kind}`;
      return sendFeed(c, kind, events, { title: organization.name, listPath, feedPath }, organization.id);
    });
  }

  app.openapi(eventCalendar, async (c) => {
    const { publicUrl, ...deps } = c.get("deps");
    const result = await getEvent(deps, callOf(c), { ...c.req.valid("param"), grant: c.req.header(eventAccessHeader) });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    const { event } = result.value;
    if (event.startsAtMs === null)
      return problem(c, eventsErrors, { code: "events.undated", detail: "A calendar needs to know when it begins." });
    const options: CalendarOptions = { name: event.title, publicUrl };
    return sendDocument(c, {
      body: toCalendar([event], options),
      contentType: calendarType,
      cacheControl: eventCacheOf(c, event),
      cacheTag: tagsOf({ eventId: event.id }),
      fileName: `${event.slug}.ics`,
      vary: "authorization, x-event-access",
      changedAtMs: event.updatedAtMs,
    });
  });
}

/** An event's own calendar is kept as its page is: what has to be asked for with a credential is kept by nobody. */
function eventCacheOf(c: AppContext<Deps>, event: Event): string {
  if (c.get("actor").kind !== "anonymous") return privateCache;
  if (event.visibility === "public") return documentCache;
  return event.visibility === "unlisted" ? "public, no-cache" : privateCache;
}

function sendCalendar(
  c: AppContext<Deps>,
  events: readonly Event[],
  name: string,
  organizationId: string | undefined,
): Promise<never> {
  const { publicUrl } = c.get("deps");
  return sendDocument(c, {
    body: toCalendar(events, { name, publicUrl }),
    contentType: calendarType,
    cacheControl: documentCache,
    cacheTag: tagsOf({ organizationId }),
    fileName: "events.ics",
  });
}

function sendFeed(
  c: AppContext<Deps>,
  kind: FeedKind,
  events: readonly Event[],
  options: Omit<FeedOptions, "publicUrl">,
  organizationId: string | undefined,
): Promise<never> {
  const { publicUrl } = c.get("deps");
  const { type: contentType, write } = feedKinds[kind];
  const body = write(events, { ...options, publicUrl });
  return sendDocument(c, { body, contentType, cacheControl: documentCache, cacheTag: tagsOf({ organizationId }) });
}

/** A saved search as a query again; only what is known of it, so nobody's own text comes into a feed's addresses unread. */
function searchOf(query: z.infer<typeof savedSearchSchema>): string {
  const known = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return known.length === 0 ? "" : `?${new URLSearchParams(known)}`;
}
