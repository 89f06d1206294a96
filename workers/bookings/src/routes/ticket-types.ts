import { createTicketTypeSchema, ticketTypeSchema, updateTicketTypeSchema } from "@foyer/contracts/bookings/api";
import { bookingsErrors } from "@foyer/contracts/bookings/errors";
import type { salesMomentSchema } from "@foyer/contracts/bookings/sales-moments";
import { pageQuerySchema, pageSchema, toEpochMs } from "@foyer/contracts/shared/schemas";
import { respond } from "@foyer/http/app";
import { etagOf } from "@foyer/http/etag";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { createRoute } from "@hono/zod-openapi";
import type * as z from "zod";
import type { SalesMoment } from "../domain/sales-window.ts";
import type { NewTicketType, TicketTypeChange } from "../durable-objects/operations/ticket-types.ts";
import { createTicketType } from "../service/create-ticket-type.ts";
import { deleteTicketType } from "../service/delete-ticket-type.ts";
import { getTicketType } from "../service/get-ticket-type.ts";
import { listTicketTypes } from "../service/list-ticket-types.ts";
import { updateTicketType } from "../service/update-ticket-type.ts";
import {
  type BookingsApp,
  callOf,
  grantOf,
  ifVersionOf,
  markReplay,
  personal,
  publicView,
  refuse,
  writingCallOf,
} from "./call.ts";
import { pageById } from "./pages.ts";
import { eventAccessHeaders, eventParams, idempotencyHeaders, ticketTypeParams } from "./params.ts";
import { ticketTypeBody } from "./shapes.ts";

const tags = ["Ticket types"];
/** Public views may be this old. */
const publicCache = "public, max-age=0, s-maxage=5";

const create = createRoute({
  method: "post",
  path: "/v1/events/{id}/ticket-types",
  operationId: "createTicketType",
  tags,
  summary: "Add a ticket type, over pools or with a capacity of its own",
  security: bearerAuth,
  request: { params: eventParams, headers: idempotencyHeaders, ...jsonBody(createTicketTypeSchema) },
  responses: responses(201, "The ticket type", ticketTypeSchema),
});
const list = createRoute({
  method: "get",
  path: "/v1/events/{id}/ticket-types",
  operationId: "listTicketTypes",
  tags,
  summary: "Ticket types: all for members of the organization, public ones of a published event for everyone",
  security: [...bearerAuth, {}],
  request: { params: eventParams, query: pageQuerySchema, headers: eventAccessHeaders },
  responses: responses(200, "Ticket types", pageSchema(ticketTypeSchema)),
});
const get = createRoute({
  method: "get",
  path: "/v1/events/{id}/ticket-types/{ticketTypeId}",
  operationId: "getTicketType",
  tags,
  summary: "Read a ticket type",
  security: [...bearerAuth, {}],
  request: { params: ticketTypeParams, headers: eventAccessHeaders },
  responses: responses(200, "The ticket type", ticketTypeSchema),
});
const update = createRoute({
  method: "patch",
  path: "/v1/events/{id}/ticket-types/{ticketTypeId}",
  operationId: "updateTicketType",
  tags,
  summary: "Change a ticket type; what is reserved or ordered keeps its price",
  security: bearerAuth,
  request: { params: ticketTypeParams, ...jsonBody(updateTicketTypeSchema) },
  responses: responses(200, "The ticket type", ticketTypeSchema),
});
const remove = createRoute({
  method: "delete",
  path: "/v1/events/{id}/ticket-types/{ticketTypeId}",
  operationId: "deleteTicketType",
  tags,
  summary: "Stop offering a ticket type; what was sold stays valid",
  security: bearerAuth,
  request: { params: ticketTypeParams },
  responses: emptyResponse(204, "It is no longer offered"),
});

/** Adds the routes of ticket types. */
export function addTicketTypeRoutes(app: BookingsApp): void {
  app.openapi(create, async (c) => {
    const call = await writingCallOf(c);
    if (!call.ok) return refuse(c, call);
    const eventId = c.req.valid("param").id;
    const answered = await createTicketType(c.get("deps"), call.value, { eventId, ...newType(c.req.valid("json")) });
    markReplay(c, answered);
    personal(c, answered.result.ok ? etagOf(answered.result.value.type.version) : undefined);
    return respond(c, bookingsErrors, answered.result, 201, (view) => ticketTypeBody(view, eventId, true));
  });

  app.openapi(list, async (c) => {
    const eventId = c.req.valid("param").id;
    const listed = await listTicketTypes(c.get("deps"), callOf(c), { eventId, grant: grantOf(c) });
    if (!listed.ok) return refuse(c, listed);
    const { found, isMember } = listed.value;
    const page = pageById(found, c.req.valid("query"), (view) => view.type.id);
    if (!page.ok) return refuse(c, page);
    publicView(c, c.get("actor").kind === "anonymous" ? publicCache : "no-store");
    return respond(c, bookingsErrors, page, 200, ({ data, nextCursor }) => ({
      data: data.map((view) => ticketTypeBody(view, eventId, isMember)),
      nextCursor,
    }));
  });

  app.openapi(get, async (c) => {
    const { id: eventId, ticketTypeId } = c.req.valid("param");
    const result = await getTicketType(c.get("deps"), callOf(c), { eventId, ticketTypeId, grant: grantOf(c) });
    if (!result.ok) return refuse(c, result);
    c.header("etag", etagOf(result.value.found.type.version));
    publicView(c, c.get("actor").kind === "anonymous" ? publicCache : "no-store");
    return respond(c, bookingsErrors, result, 200, ({ found, isMember }) => ticketTypeBody(found, eventId, isMember));
  });

  app.openapi(update, async (c) => {
    const { id: eventId, ticketTypeId } = c.req.valid("param");
    const { result } = await updateTicketType(c.get("deps"), callOf(c), {
      eventId,
      ticketTypeId,
      ...changeOf(c.req.valid("json")),
      ...ifVersionOf(c),
    });
    personal(c, result.ok ? etagOf(result.value.type.version) : undefined);
    return respond(c, bookingsErrors, result, 200, (view) => ticketTypeBody(view, eventId, true));
  });

  app.openapi(remove, async (c) => {
    const { id: eventId, ticketTypeId } = c.req.valid("param");
    const { result } = await deleteTicketType(c.get("deps"), callOf(c), { eventId, ticketTypeId, ...ifVersionOf(c) });
    return result.ok ? c.body(null, 204) : refuse(c, result);
  });
}

/** A bound of a sale as it is kept. */
function momentOf(given: z.infer<typeof salesMomentSchema> | null): SalesMoment | null {
  return typeof given === "string" ? toEpochMs(given) : given;
}

function newType(body: z.infer<typeof createTicketTypeSchema>): NewTicketType {
  const { salesStartAt, salesEndAt, price, poolIds, capacity, ...fields } = body;
  return {
    ...fields,
    price: price ?? null,
    poolIds: poolIds ?? null,
    capacity: capacity ?? null,
    salesStart: momentOf(salesStartAt),
    salesEnd: momentOf(salesEndAt),
  };
}

function changeOf(body: z.infer<typeof updateTicketTypeSchema>): Omit<TicketTypeChange, "ticketTypeId"> {
  const { salesStartAt, salesEndAt, ...fields } = body;
  const change = {
    ...fields,
    ...(salesStartAt === undefined ? {} : { salesStart: momentOf(salesStartAt) }),
    ...(salesEndAt === undefined ? {} : { salesEnd: momentOf(salesEndAt) }),
  };
  // What was not sent is left out, not set to undefined.
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Omit<
    TicketTypeChange,
    "ticketTypeId"
  >;
}
