import {
  createEventSchema,
  eventPageSchema,
  eventPathSchema,
  eventSchema,
  updateEventSchema,
} from "@foyer/contracts/events/api";
import { eventsErrors } from "@foyer/contracts/events/errors";
import { listEventsQuerySchema } from "@foyer/contracts/events/lists";
import { updateEventQuerySchema } from "@foyer/contracts/events/series";
import { toEpochMs } from "@foyer/contracts/shared/schemas";
import { type AppContext, type AppEnv, problem } from "@foyer/http/app";
import { etagOf, isNotModified } from "@foyer/http/etag";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import { isListed } from "../domain/event.ts";
import { createEvent } from "../service/create-event.ts";
import { deleteEvent } from "../service/delete-event.ts";
import { getEvent } from "../service/get-event.ts";
import { listEvents } from "../service/list-events.ts";
import { updateOccurrences } from "../service/update-occurrences.ts";
import { callOf, filterOf, privateCache, publicCache, tagsOf } from "./call.ts";
import { pageResponse, toEventPage } from "./event-page-cache.ts";
import { toEventView, toSummaryView } from "./views.ts";

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
  request: { params: eventPathSchema },
  responses: responses(200, "The event", eventSchema),
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

/** Events: create, list, read, change, delete. */
export function addEventRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(create, async (c) => {
    const deps = c.get("deps");
    const result = await createEvent(deps, callOf(c), c.req.valid("json"));
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("location", `/v1/events/${result.value.id}`);
    c.header("etag", etagOf(result.value.version));
    c.header("cache-control", privateCache);
    return c.json(toEventView(result.value, { member: true, publicUrl: deps.publicUrl }), 201);
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
    const viewer = { member, publicUrl: deps.publicUrl };
    return c.json({ data: data.map((event) => toSummaryView(event, viewer)), nextCursor }, 200);
  });

  app.openapi(read, async (c) => {
    if (c.get("actor").kind === "anonymous") return readAsPublic(c, c.req.valid("param").idOrSlug);
    const deps = c.get("deps");
    const result = await getEvent(deps, callOf(c), c.req.valid("param"));
    if (!result.ok) return problem(c, eventsErrors, result.error);
    const { event, member } = result.value;
    const etag = etagOf(event.version);
    c.header("etag", etag);
    c.header("cache-control", privateCache);
    c.header("vary", "authorization");
    if (isNotModified(c.req.header("if-none-match"), etag)) return c.body(null, 304) as never;
    return c.json(toEventView(event, { member, publicUrl: deps.publicUrl }), 200);
  });

  app.openapi(update, async (c) => {
    const deps = c.get("deps");
    const result = await updateOccurrences(deps, callOf(c), {
      idOrSlug: c.req.valid("param").idOrSlug,
      ifMatch: c.req.header("if-match"),
      patch: c.req.valid("json"),
      scope: c.req.valid("query").scope,
    });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("etag", etagOf(result.value.version));
    c.header("cache-control", privateCache);
    return c.json(toEventView(result.value, { member: true, publicUrl: deps.publicUrl }), 200);
  });

  app.openapi(remove, async (c) => {
    const result = await deleteEvent(c.get("deps"), callOf(c), {
      idOrSlug: c.req.valid("param").idOrSlug,
      ifMatch: c.req.header("if-match"),
    });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    return c.body(null, 204);
  });
}

/** The public page, from the isolate's cache or by one read that all who ask meanwhile share. */
async function readAsPublic(c: AppContext<Deps>, idOrSlug: string): Promise<never> {
  const deps = c.get("deps");
  const call = callOf(c);
  const page = await deps.pages.get(
    idOrSlug,
    async () => {
      const result = await getEvent(deps, call, { idOrSlug });
      if (!result.ok) return null;
      const { event } = result.value;
      const view = toEventView(event, { member: false, publicUrl: deps.publicUrl });
      const cacheControl = isListed(event) ? publicCache : "public, no-cache";
      return toEventPage(view, event.version, { cacheControl, cacheTag: tagsOf({ eventId: event.id }) });
    },
    (work) => c.executionCtx.waitUntil(work),
  );
  if (page === null) return problem(c, eventsErrors, { code: "events.not_found", detail: "No such event." });
  // The body is the declared one, serialized beforehand; hono's typed responses have no word for that.
  return pageResponse(page, c.req.raw) as never;
}
