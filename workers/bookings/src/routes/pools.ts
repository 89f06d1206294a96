import { createPoolSchema, poolSchema, updatePoolSchema } from "@foyer/contracts/bookings/api";
import { bookingsErrors } from "@foyer/contracts/bookings/errors";
import { pageQuerySchema, pageSchema } from "@foyer/contracts/shared/schemas";
import { respond } from "@foyer/http/app";
import { etagOf } from "@foyer/http/etag";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { createRoute } from "@hono/zod-openapi";
import { createPool } from "../service/create-pool.ts";
import { deletePool } from "../service/delete-pool.ts";
import { getPool } from "../service/get-pool.ts";
import { listPools } from "../service/list-pools.ts";
import { updatePool } from "../service/update-pool.ts";
import { type BookingsApp, callOf, ifVersionOf, markReplay, personal, refuse, writingCallOf } from "./call.ts";
import { pageById } from "./pages.ts";
import { eventParams, idempotencyHeaders, poolParams } from "./params.ts";
import { poolBody } from "./shapes.ts";

const tags = ["Pools"];
const security = bearerAuth;

const create = createRoute({
  method: "post",
  path: "/v1/events/{id}/pools",
  operationId: "createPool",
  tags,
  summary: "Add a pool of places",
  security,
  request: { params: eventParams, headers: idempotencyHeaders, ...jsonBody(createPoolSchema) },
  responses: responses(201, "The pool", poolSchema),
});
const list = createRoute({
  method: "get",
  path: "/v1/events/{id}/pools",
  operationId: "listPools",
  tags,
  summary: "Pools of an event, by time of making",
  security,
  request: { params: eventParams, query: pageQuerySchema },
  responses: responses(200, "Pools", pageSchema(poolSchema)),
});
const get = createRoute({
  method: "get",
  path: "/v1/events/{id}/pools/{poolId}",
  operationId: "getPool",
  tags,
  summary: "Read a pool",
  security,
  request: { params: poolParams },
  responses: responses(200, "The pool", poolSchema),
});
const update = createRoute({
  method: "patch",
  path: "/v1/events/{id}/pools/{poolId}",
  operationId: "updatePool",
  tags,
  summary: "Rename a pool or change its capacity",
  security,
  request: { params: poolParams, ...jsonBody(updatePoolSchema) },
  responses: responses(200, "The pool", poolSchema),
});
const remove = createRoute({
  method: "delete",
  path: "/v1/events/{id}/pools/{poolId}",
  operationId: "deletePool",
  tags,
  summary: "Remove a pool that nothing draws on",
  security,
  request: { params: poolParams },
  responses: emptyResponse(204, "The pool is gone"),
});

/** Adds the organizer's routes of pools. */
export function addPoolRoutes(app: BookingsApp): void {
  app.openapi(create, async (c) => {
    const call = await writingCallOf(c);
    if (!call.ok) return refuse(c, call);
    const eventId = c.req.valid("param").id;
    const answered = await createPool(c.get("deps"), call.value, { eventId, ...c.req.valid("json") });
    markReplay(c, answered);
    personal(c, answered.result.ok ? etagOf(answered.result.value.version) : undefined);
    return respond(c, bookingsErrors, answered.result, 201, (pool) => poolBody(pool, eventId));
  });

  app.openapi(list, async (c) => {
    const eventId = c.req.valid("param").id;
    const { result } = await listPools(c.get("deps"), callOf(c), { eventId });
    if (!result.ok) return refuse(c, result);
    const page = pageById(result.value, c.req.valid("query"), (pool) => pool.id);
    if (!page.ok) return refuse(c, page);
    personal(c);
    return respond(c, bookingsErrors, page, 200, ({ data, nextCursor }) => ({
      data: data.map((pool) => poolBody(pool, eventId)),
      nextCursor,
    }));
  });

  app.openapi(get, async (c) => {
    const { id: eventId, poolId } = c.req.valid("param");
    const { result } = await getPool(c.get("deps"), callOf(c), { eventId, poolId });
    personal(c, result.ok ? etagOf(result.value.version) : undefined);
    return respond(c, bookingsErrors, result, 200, (pool) => poolBody(pool, eventId));
  });

  app.openapi(update, async (c) => {
    const { id: eventId, poolId } = c.req.valid("param");
    const { name, capacity } = c.req.valid("json");
    const { result } = await updatePool(c.get("deps"), callOf(c), {
      eventId,
      poolId,
      ...(name === undefined ? {} : { name }),
      ...(capacity === undefined ? {} : { capacity }),
      ...ifVersionOf(c),
    });
    personal(c, result.ok ? etagOf(result.value.version) : undefined);
    return respond(c, bookingsErrors, result, 200, (pool) => poolBody(pool, eventId));
  });

  app.openapi(remove, async (c) => {
    const { id: eventId, poolId } = c.req.valid("param");
    const { result } = await deletePool(c.get("deps"), callOf(c), { eventId, poolId, ...ifVersionOf(c) });
    return result.ok ? c.body(null, 204) : refuse(c, result);
  });
}
