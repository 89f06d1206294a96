import {
  createEventSchema,
  eventOfOrganizationPathSchema,
  eventPageSchema,
  eventPathSchema,
  eventSchema,
  readEventQuerySchema,
  replaceEventSchema,
  updateEventSchema,
} from "@foyer/contracts/events/api";
import { eventsErrors } from "@foyer/contracts/events/errors";
import { listEventsQuerySchema } from "@foyer/contracts/events/lists";
import { updateEventQuerySchema } from "@foyer/contracts/events/series";
import { toEpochMs } from "@foyer/contracts/shared/schemas";
import { type AppContext, type AppEnv, problem } from "@foyer/http/app";
import { etagOf } from "@foyer/http/etag";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import * as z from "zod";
import type { Deps } from "../deps.ts";
import { createEvent } from "../service/create-event.ts";
import { deleteEvent } from "../service/delete-event.ts";
import { listEvents } from "../service/list-events.ts";
import { replaceEvent } from "../service/replace-event.ts";
import { updateOccurrences } from "../service/update-occurrences.ts";
import { callOf, filterOf, privateCache, publicCache, tagsOf } from "./call.ts";
import { answerWithEvent, answerWithJsonLd } from "./event-answers.ts";
import { toEventView, toSummaryView, viewerOf } from "./views.ts";

const tags = ["Events"];

const create = createRoute({
  method: "post",
  path: "/v1/events",
  operationId: "createEvent",
  tags,
  summary: "Create a draft",
  security: bearerAuth,
  request: jsonBody(createEventSchema),
  responses: responses(201, "The draft", eventSchema),
});

const list = createRoute({
  method: "get",
  path: "/v1/events",
  operationId: "listEvents",
  tags,
  summary: "List public events, or all of an organization for its members",
  request: { query: listEventsQuerySchema },
  responses: responses(200, "By start for the public, newest first for members", eventPageSchema),
});

const read = createRoute({
  method: "get",
  path: "/v1/events/{idOrSlug}",
  operationId: "getEvent",
  tags,
  summary: "Read one event",
  request: { params: eventPathSchema, query: readEventQuerySchema },
  responses: responses(200, "The event; 308 from a slug that it had before", eventSchema),
});

const readOfOrganization = createRoute({
  method: "get",
  path: "/v1/organizations/{idOrSlug}/events/{slug}",
  operationId: "getEventOfOrganization",
  tags,
  summary: "Read one event by its slug in its organization",
  request: { params: eventOfOrganizationPathSchema, query: readEventQuerySchema },
  responses: responses(200, "The event; 308 from a slug that it had before", eventSchema),
});

const readJsonLd = createRoute({
  method: "get",
  path: "/v1/events/{idOrSlug}/schema.json",
  operationId: "getEventAsJsonLd",
  tags,
  summary: "Read one event as schema.org/Event",
  request: { params: eventPathSchema, query: readEventQuerySchema },
  responses: {
    200: {
      description: "JSON-LD that may stand in a script element as it is",
      content: { "application/ld+json": { schema: z.record(z.string(), z.unknown()) } },
    },
    default: responses(200, "", eventSchema).default,
  },
});

const replace = createRoute({
  method: "put",
  path: "/v1/events/{idOrSlug}",
  operationId: "replaceEvent",
  tags,
  summary: "Give an event another content; what is left out is reset",
  security: bearerAuth,
  request: { params: eventPathSchema, ...jsonBody(replaceEventSchema) },
  responses: responses(200, "The event as it is now", eventSchema),
});

const update = createRoute({
  method: "patch",
  path: "/v1/events/{idOrSlug}",
  operationId: "updateEvent",
  tags,
  summary: "Change an event",
  security: bearerAuth,
  request: { params: eventPathSchema, query: updateEventQuerySchema, ...jsonBody(updateEventSchema) },
  responses: responses(200, "The event as it is now", eventSchema),
});

const remove = createRoute({
  method: "delete",
  path: "/v1/events/{idOrSlug}",
  operationId: "deleteEvent",
  tags,
  summary: "Delete a draft that was never published",
  security: bearerAuth,
  request: { params: eventPathSchema },
  responses: emptyResponse(204, "Deleted"),
});

/** `If-Match` by version. What was read in one of several languages names that as well, and is the same version. */
function ifMatchOf(c: AppContext<Deps>): string | undefined {
  return c.req.header("if-match")?.replaceAll(/"(\d+)-[A-Za-z0-9-]+"/g, '"$1"');
}

/** Events: create, list, read, change, delete. */
export function addEventRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(create, async (c) => {
    const deps = c.get("deps");
    const result = await createEvent(deps, callOf(c), c.req.valid("json"));
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("location", `/v1/events/${result.value.id}`);
    c.header("etag", etagOf(result.value.version));
    c.header("cache-control", privateCache);
    return c.json(toEventView(result.value, viewerOf(deps, true)), 201);
  });

  app.openapi(list, async (c) => {
    const deps = c.get("deps");
    const { updatedSince, cursor, ...query } = c.req.valid("query");
    const result = await listEvents(deps, callOf(c), {
      ...filterOf(query),
      cursor,
      updatedSinceMs: updatedSince === undefined ? undefined : toEpochMs(updatedSince),
    });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    const { data, nextCursor, member } = result.value;
    c.header("cache-control", c.get("actor").kind === "anonymous" ? publicCache : privateCache);
    c.header("vary", "authorization");
    if (c.get("actor").kind === "anonymous") c.header("cache-tag", tagsOf({ organizationId: query.organizationId }));
    const viewer = viewerOf(deps, member);
    return c.json({ data: data.map((event) => toSummaryView(event, viewer)), nextCursor }, 200);
  });

  app.openapi(read, (c) => answerWithEvent(c, c.req.valid("param"), c.req.valid("query").locale));

  app.openapi(readOfOrganization, (c) => {
    const { idOrSlug: organization, slug } = c.req.valid("param");
    return answerWithEvent(c, { organization, slug }, c.req.valid("query").locale);
  });

  app.openapi(readJsonLd, (c) => answerWithJsonLd(c, c.req.valid("param"), c.req.valid("query").locale));

  app.openapi(replace, async (c) => {
    const deps = c.get("deps");
    const result = await replaceEvent(deps, callOf(c), {
      idOrSlug: c.req.valid("param").idOrSlug,
      ifMatch: ifMatchOf(c),
      content: c.req.valid("json"),
    });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("etag", etagOf(result.value.version));
    c.header("cache-control", privateCache);
    return c.json(toEventView(result.value, viewerOf(deps, true)), 200);
  });

  app.openapi(update, async (c) => {
    const deps = c.get("deps");
    const result = await updateOccurrences(deps, callOf(c), {
      idOrSlug: c.req.valid("param").idOrSlug,
      ifMatch: ifMatchOf(c),
      patch: c.req.valid("json"),
      scope: c.req.valid("query").scope,
    });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("etag", etagOf(result.value.version));
    c.header("cache-control", privateCache);
    return c.json(toEventView(result.value, viewerOf(deps, true)), 200);
  });

  app.openapi(remove, async (c) => {
    const result = await deleteEvent(c.get("deps"), callOf(c), {
      idOrSlug: c.req.valid("param").idOrSlug,
      ifMatch: ifMatchOf(c),
    });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    return c.body(null, 204);
  });
}
