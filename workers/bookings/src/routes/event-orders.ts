import { orderSchema, orderSummarySchema } from "@foyer/contracts/bookings/api";
import { bookingsErrors } from "@foyer/contracts/bookings/errors";
import { orderStatuses } from "@foyer/contracts/bookings/rpc";
import { lineSchema, pageQuerySchema, pageSchema } from "@foyer/contracts/shared/schemas";
import { respond } from "@foyer/http/app";
import { toPage } from "@foyer/http/cursor";
import { etagOf } from "@foyer/http/etag";
import { bearerAuth, responses } from "@foyer/http/responses";
import { limits } from "@foyer/kernel/limits";
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { cancelOrder } from "../service/cancel-order.ts";
import { listEventOrders } from "../service/list-event-orders.ts";
import { type BookingsApp, callOf, markReplay, personal, positionOf, refuse, writingCallOf } from "./call.ts";
import { eventOrderParams, eventParams, idempotencyHeaders } from "./params.ts";
import { orderBody, orderSummaryBody } from "./shapes.ts";

const tags = ["Orders of an event"];
const querySchema = pageQuerySchema.extend({
  status: z.enum(orderStatuses).optional(),
  q: lineSchema(limits.searchQueryCharsMax)
    .optional()
    .meta({ description: "Part of the buyer's name or address, or an order's id" }),
});

const list = createRoute({
  method: "get",
  path: "/v1/events/{id}/orders",
  operationId: "listEventOrders",
  tags,
  summary: "Orders of an event, newest first",
  security: bearerAuth,
  request: { params: eventParams, query: querySchema },
  responses: responses(200, "Orders", pageSchema(orderSummarySchema)),
});
const cancel = createRoute({
  method: "post",
  path: "/v1/events/{id}/orders/{orderId}/cancel",
  operationId: "cancelOrder",
  tags,
  summary: "Cancel an order: its tickets are void at once, and what was paid is sent back",
  security: bearerAuth,
  request: { params: eventOrderParams, headers: idempotencyHeaders },
  responses: responses(200, "The order", orderSchema),
});

/** Adds the organizer's routes of orders. */
export function addEventOrderRoutes(app: BookingsApp): void {
  app.openapi(list, async (c) => {
    const { limit, cursor, status, q } = c.req.valid("query");
    const after = positionOf(cursor);
    if (!after.ok) return refuse(c, after);
    const result = await listEventOrders(c.get("deps"), callOf(c), {
      eventId: c.req.valid("param").id,
      filter: { status: status ?? null, q: q ?? null },
      limit: limit + 1,
      after: after.value,
    });
    if (!result.ok) return refuse(c, result);
    personal(c);
    const page = toPage(result.value, limit, (order) => [order.createdAtMs, order.id]);
    return c.json({ data: page.data.map(orderSummaryBody), nextCursor: page.nextCursor }, 200);
  });

  app.openapi(cancel, async (c) => {
    const call = await writingCallOf(c);
    if (!call.ok) return refuse(c, call);
    const { id: eventId, orderId } = c.req.valid("param");
    const answered = await cancelOrder(c.get("deps"), call.value, { eventId, orderId });
    markReplay(c, answered);
    personal(c, answered.result.ok ? etagOf(answered.result.value.sequence) : undefined);
    return respond(c, bookingsErrors, answered.result, 200, orderBody);
  });
}
