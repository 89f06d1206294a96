import {
  checkInKeySchema,
  checkInSchema,
  checkInStatsSchema,
  createCheckInSchema,
} from "@foyer/contracts/bookings/api";
import { bookingsErrors } from "@foyer/contracts/bookings/errors";
import { toEpochMs } from "@foyer/contracts/shared/schemas";
import { respond } from "@foyer/http/app";
import { bearerAuth, jsonBody, responses } from "@foyer/http/responses";
import { createRoute } from "@hono/zod-openapi";
import { checkInTicket } from "../service/check-in-ticket.ts";
import { getCheckInKey } from "../service/get-check-in-key.ts";
import { getCheckInStats } from "../service/get-check-in-stats.ts";
import { type BookingsApp, callOf, personal } from "./call.ts";
import { eventParams } from "./params.ts";
import { checkInBody, checkInStatsBody } from "./shapes.ts";

const tags = ["Check-in"];
const security = bearerAuth;

const create = createRoute({
  method: "post",
  path: "/v1/events/{id}/check-ins",
  operationId: "createCheckIn",
  tags,
  summary: "Scan a ticket at the door",
  security,
  request: { params: eventParams, ...jsonBody(createCheckInSchema) },
  responses: responses(200, "What to do with the person at the door", checkInSchema),
});
const stats = createRoute({
  method: "get",
  path: "/v1/events/{id}/check-ins/stats",
  operationId: "getCheckInStats",
  tags,
  summary: "How many came",
  security,
  request: { params: eventParams },
  responses: responses(200, "Figures of the door", checkInStatsSchema),
});
const key = createRoute({
  method: "get",
  path: "/v1/events/{id}/check-ins/key",
  operationId: "getCheckInKey",
  tags,
  summary: "The public key of the event's ticket codes, to check them without a network",
  security,
  request: { params: eventParams },
  responses: responses(200, "Public key", checkInKeySchema),
});

/** Adds the routes of the door. */
export function addCheckInRoutes(app: BookingsApp): void {
  app.openapi(create, async (c) => {
    const { code, direction, nonce, scannedAt } = c.req.valid("json");
    const result = await checkInTicket(c.get("deps"), callOf(c), {
      eventId: c.req.valid("param").id,
      code,
      direction,
      nonce: nonce ?? null,
      scannedAtMs: scannedAt === undefined ? null : toEpochMs(scannedAt),
    });
    personal(c);
    return respond(c, bookingsErrors, result, 200, checkInBody);
  });

  app.openapi(stats, async (c) => {
    const { result } = await getCheckInStats(c.get("deps"), callOf(c), { eventId: c.req.valid("param").id });
    personal(c);
    return respond(c, bookingsErrors, result, 200, ({ tallies, names }) => checkInStatsBody(tallies, names));
  });

  app.openapi(key, async (c) => {
    const result = await getCheckInKey(c.get("deps"), callOf(c), { eventId: c.req.valid("param").id });
    personal(c);
    return respond(c, bookingsErrors, result, 200, (jwk) => jwk);
  });
}
