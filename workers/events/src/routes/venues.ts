import { eventsErrors } from "@foyer/contracts/events/errors";
import {
  createVenueSchema,
  listVenuesQuerySchema,
  updateVenueSchema,
  venuePageSchema,
  venuePathSchema,
  venueSchema,
} from "@foyer/contracts/events/venues";
import { type AppEnv, problem } from "@foyer/http/app";
import { etagOf, isNotModified } from "@foyer/http/etag";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import { createVenue } from "../service/create-venue.ts";
import { deleteVenue } from "../service/delete-venue.ts";
import { listVenues } from "../service/list-venues.ts";
import { openVenue } from "../service/open-venue.ts";
import { updateVenue } from "../service/update-venue.ts";
import { callOf, privateCache } from "./call.ts";
import { toVenueView } from "./place-views.ts";

const tags = ["Venues"];
const path = "/v1/venues/{id}";

const list = createRoute({
  method: "get",
  path: "/v1/venues",
  operationId: "listVenues",
  tags,
  summary: "List an organization's venues",
  security: bearerAuth,
  request: { query: listVenuesQuerySchema },
  responses: responses(200, "Newest first", venuePageSchema),
});

const create = createRoute({
  method: "post",
  path: "/v1/venues",
  operationId: "createVenue",
  tags,
  summary: "Add a venue",
  security: bearerAuth,
  request: jsonBody(createVenueSchema),
  responses: responses(201, "The venue", venueSchema),
});

const read = createRoute({
  method: "get",
  path,
  operationId: "getVenue",
  tags,
  summary: "Read one venue",
  security: bearerAuth,
  request: { params: venuePathSchema },
  responses: responses(200, "The venue", venueSchema),
});

const update = createRoute({
  method: "patch",
  path,
  operationId: "updateVenue",
  tags,
  summary: "Change a venue; events that are not over follow",
  security: bearerAuth,
  request: { params: venuePathSchema, ...jsonBody(updateVenueSchema) },
  responses: responses(200, "The venue as it is now", venueSchema),
});

const remove = createRoute({
  method: "delete",
  path,
  operationId: "deleteVenue",
  tags,
  summary: "Remove a venue where nothing takes place any more",
  security: bearerAuth,
  request: { params: venuePathSchema },
  responses: emptyResponse(204, "Removed"),
});

/** Venues: an organization's own, for its members. The public sees them as part of events. */
export function addVenueRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(list, async (c) => {
    const { organizationId, q, limit, cursor } = c.req.valid("query");
    const result = await listVenues(c.get("deps"), callOf(c), { organizationId, q, limit, cursor });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("cache-control", privateCache);
    return c.json({ data: result.value.data.map(toVenueView), nextCursor: result.value.nextCursor }, 200);
  });

  app.openapi(create, async (c) => {
    const result = await createVenue(c.get("deps"), callOf(c), c.req.valid("json"));
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("location", `/v1/venues/${result.value.id}`);
    c.header("etag", etagOf(result.value.version));
    c.header("cache-control", privateCache);
    return c.json(toVenueView(result.value), 201);
  });

  app.openapi(read, async (c) => {
    const result = await openVenue(c.get("deps"), callOf(c), c.req.valid("param").id, "events.read");
    if (!result.ok) return problem(c, eventsErrors, result.error);
    const etag = etagOf(result.value.version);
    c.header("etag", etag);
    c.header("cache-control", privateCache);
    if (isNotModified(c.req.header("if-none-match"), etag)) return c.body(null, 304) as never;
    return c.json(toVenueView(result.value), 200);
  });

  app.openapi(update, async (c) => {
    const { id } = c.req.valid("param");
    const input = { id, ifMatch: c.req.header("if-match"), patch: c.req.valid("json") };
    const result = await updateVenue(c.get("deps"), callOf(c), input);
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("etag", etagOf(result.value.version));
    c.header("cache-control", privateCache);
    return c.json(toVenueView(result.value), 200);
  });

  app.openapi(remove, async (c) => {
    const { id } = c.req.valid("param");
    const result = await deleteVenue(c.get("deps"), callOf(c), { id, ifMatch: c.req.header("if-match") });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    return c.body(null, 204);
  });
}
