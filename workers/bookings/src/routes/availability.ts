import { availabilitySchema } from "@foyer/contracts/bookings/api";
import { bookingsErrors } from "@foyer/contracts/bookings/errors";
import { respond } from "@foyer/http/app";
import { responses } from "@foyer/http/responses";
import { createRoute } from "@hono/zod-openapi";
import { getAvailability } from "../service/get-availability.ts";
import { type BookingsApp, callOf, grantOf, publicView, refuse } from "./call.ts";
import { eventAccessHeaders, eventParams } from "./params.ts";

const get = createRoute({
  method: "get",
  path: "/v1/events/{id}/availability",
  operationId: "getAvailability",
  tags: ["Availability"],
  summary: "What is left, at most a second old",
  request: { params: eventParams, headers: eventAccessHeaders },
  responses: responses(200, "Public ticket types and what is left of them", availabilitySchema),
});

/** Adds the route that the crowd asks. */
export function addAvailabilityRoutes(app: BookingsApp): void {
  app.openapi(get, async (c) => {
    const asked = { eventId: c.req.valid("param").id, grant: grantOf(c) };
    const result = await getAvailability(c.get("deps"), callOf(c), asked);
    if (!result.ok) return refuse(c, result);
    publicView(c, "public, max-age=0, s-maxage=1");
    return respond(c, bookingsErrors, result, 200, ({ ticketTypes, version }) => ({
      ticketTypes: [...ticketTypes],
      version,
    }));
  });
}
