import { ticketSchema } from "@foyer/contracts/bookings/api";
import { bookingsErrors } from "@foyer/contracts/bookings/errors";
import { respond } from "@foyer/http/app";
import { etagOf } from "@foyer/http/etag";
import { bearerAuth, responses } from "@foyer/http/responses";
import { ok } from "@foyer/kernel/result";
import { createRoute } from "@hono/zod-openapi";
import { getTicket } from "../service/get-ticket.ts";
import { type BookingsApp, callOf, personal, refuse } from "./call.ts";
import { orderHeaders, ticketParams } from "./params.ts";
import { ticketBody } from "./shapes.ts";

const get = createRoute({
  method: "get",
  path: "/v1/tickets/{id}",
  operationId: "getTicket",
  tags: ["Tickets"],
  summary: "Read a ticket and the code that the door scans",
  security: [...bearerAuth, {}],
  request: { params: ticketParams, headers: orderHeaders },
  responses: responses(200, "The ticket", ticketSchema),
});

/** Adds the routes of tickets. */
export function addTicketRoutes(app: BookingsApp): void {
  app.openapi(get, async (c) => {
    const deps = c.get("deps");
    const secret = c.req.valid("header")["x-order-secret"];
    const result = await getTicket(deps, callOf(c), {
      ticketId: c.req.valid("param").id,
      proof: secret === undefined ? {} : { secret },
    });
    if (!result.ok) return refuse(c, result);
    const { ticket } = result.value;
    personal(c, etagOf(ticket.version));
    return respond(c, bookingsErrors, ok(await ticketBody(ticket, deps.keys)), 200, (body) => body);
  });
}
