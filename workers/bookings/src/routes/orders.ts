import {
  createdOrderSchema,
  createOrderSchema,
  orderSchema,
  orderSummarySchema,
  ticketListSchema,
} from "@foyer/contracts/bookings/api";
import { bookingsErrors } from "@foyer/contracts/bookings/errors";
import { pageQuerySchema, pageSchema } from "@foyer/contracts/shared/schemas";
import { respond } from "@foyer/http/app";
import { toPage } from "@foyer/http/cursor";
import { etagOf, isNotModified } from "@foyer/http/etag";
import { bearerAuth, jsonBody, responses } from "@foyer/http/responses";
import { ok } from "@foyer/kernel/result";
import { createRoute } from "@hono/zod-openapi";
import { cancelMyOrder } from "../service/cancel-my-order.ts";
import { getOrder } from "../service/get-order.ts";
import { listMyOrders } from "../service/list-my-orders.ts";
import { listOrderTickets } from "../service/list-order-tickets.ts";
import { placeOrder } from "../service/place-order.ts";
import { type BookingsApp, callOf, markReplay, personal, positionOf, refuse, writingCallOf } from "./call.ts";
import { orderHeaders, orderParams, reservationHeaders } from "./params.ts";
import { orderBody, orderSummaryBody, ticketBody } from "./shapes.ts";

const tags = ["Orders"];
const security = [...bearerAuth, {}];

const create = createRoute({
  method: "post",
  path: "/v1/orders",
  operationId: "createOrder",
  tags,
  summary: "Turn a reservation into an order; one that costs nothing is confirmed at once",
  security,
  request: { headers: reservationHeaders, ...jsonBody(createOrderSchema) },
  responses: responses(201, "The order, with the secret that proves its holder", createdOrderSchema),
});
const listMine = createRoute({
  method: "get",
  path: "/v1/orders",
  operationId: "listMyOrders",
  tags,
  summary: "Orders of the signed-in user, newest first",
  security: bearerAuth,
  request: { query: pageQuerySchema },
  responses: responses(200, "Orders", pageSchema(orderSummarySchema)),
});
const get = createRoute({
  method: "get",
  path: "/v1/orders/{id}",
  operationId: "getOrder",
  tags,
  summary: "Read an order",
  security,
  request: { params: orderParams, headers: orderHeaders },
  responses: responses(200, "The order", orderSchema),
});
const cancel = createRoute({
  method: "post",
  path: "/v1/orders/{id}/cancel",
  operationId: "cancelMyOrder",
  tags,
  summary: "Give up an unpaid order, or an unused one that cost nothing",
  security,
  request: { params: orderParams, headers: orderHeaders },
  responses: responses(200, "The order", orderSchema),
});
const tickets = createRoute({
  method: "get",
  path: "/v1/orders/{id}/tickets",
  operationId: "listOrderTickets",
  tags,
  summary: "Tickets of an order",
  security,
  request: { params: orderParams, headers: orderHeaders },
  responses: responses(200, "Tickets, in the order of the items", ticketListSchema),
});

/** Adds the buyer's routes of orders. */
export function addOrderRoutes(app: BookingsApp): void {
  app.openapi(create, async (c) => {
    const secret = c.req.valid("header")["x-reservation-secret"];
    const call = await writingCallOf(c, secret);
    if (!call.ok) return refuse(c, call);
    const { reservationId, buyer, attendees, answers } = c.req.valid("json");
    const deps = c.get("deps");
    const answered = await placeOrder(deps, call.value, {
      reservationId,
      proof: secret === undefined ? {} : { secret },
      buyer,
      attendees: attendees?.map(({ name, email }) => ({ name, email: email ?? null })) ?? null,
      answers: answers ?? {},
    });
    markReplay(c, answered);
    personal(c, answered.result.ok ? etagOf(answered.result.value.sequence) : undefined);
    return respond(c, bookingsErrors, answered.result, 201, (order) => ({
      order: orderBody(order),
      secret: deps.keys.secretOf(order.id),
    }));
  });

  app.openapi(listMine, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const after = positionOf(cursor);
    if (!after.ok) return refuse(c, after);
    const result = await listMyOrders(c.get("deps"), callOf(c), { limit: limit + 1, after: after.value });
    if (!result.ok) return refuse(c, result);
    personal(c);
    const page = toPage(result.value, limit, (order) => [order.createdAtMs, order.id]);
    return c.json({ data: page.data.map(orderSummaryBody), nextCursor: page.nextCursor }, 200);
  });

  app.openapi(get, async (c) => {
    const { result } = await getOrder(c.get("deps"), callOf(c), {
      orderId: c.req.valid("param").id,
      proof: proofOf(c.req.valid("header")),
    });
    if (!result.ok) return refuse(c, result);
    const etag = etagOf(result.value.sequence);
    personal(c, etag);
    if (isNotModified(c.req.header("if-none-match"), etag)) return c.body(null, 304) as never; // declared for no route
    return respond(c, bookingsErrors, result, 200, orderBody);
  });

  app.openapi(cancel, async (c) => {
    const proof = proofOf(c.req.valid("header"));
    const call = await writingCallOf(c, proof.secret);
    if (!call.ok) return refuse(c, call);
    const answered = await cancelMyOrder(c.get("deps"), call.value, { orderId: c.req.valid("param").id, proof });
    markReplay(c, answered);
    personal(c, answered.result.ok ? etagOf(answered.result.value.sequence) : undefined);
    return respond(c, bookingsErrors, answered.result, 200, orderBody);
  });

  app.openapi(tickets, async (c) => {
    const deps = c.get("deps");
    const { result } = await listOrderTickets(deps, callOf(c), {
      orderId: c.req.valid("param").id,
      proof: proofOf(c.req.valid("header")),
    });
    if (!result.ok) return refuse(c, result);
    personal(c);
    const data = await Promise.all(result.value.map((ticket) => ticketBody(ticket, deps.keys)));
    return respond(c, bookingsErrors, ok({ data, nextCursor: null }), 200, (page) => page);
  });
}

function proofOf(headers: { readonly "x-order-secret"?: string | undefined }) {
  const secret = headers["x-order-secret"];
  return secret === undefined ? {} : { secret };
}
