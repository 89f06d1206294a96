import {
  createdReservationSchema,
  createReservationSchema,
  reservationSchema,
  updateReservationSchema,
} from "@foyer/contracts/bookings/api";
import { bookingsErrors } from "@foyer/contracts/bookings/errors";
import { respond } from "@foyer/http/app";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { createRoute } from "@hono/zod-openapi";
import { changeReservation } from "../service/change-reservation.ts";
import { extendReservation } from "../service/extend-reservation.ts";
import { getReservation } from "../service/get-reservation.ts";
import { releaseReservation } from "../service/release-reservation.ts";
import { reserveTickets } from "../service/reserve-tickets.ts";
import { type BookingsApp, callOf, grantOf, markReplay, personal, refuse, writingCallOf } from "./call.ts";
import { eventAccessHeaders, eventParams, reservationHeaders, reservationParams } from "./params.ts";
import { answerReserved } from "./reserved.ts";
import { reservationBody } from "./shapes.ts";

const tags = ["Reservations"];
const security = [...bearerAuth, {}];

const create = createRoute({
  method: "post",
  path: "/v1/events/{id}/reservations",
  operationId: "createReservation",
  tags,
  summary: "Hold tickets, all that are wanted or none",
  security,
  request: { params: eventParams, headers: eventAccessHeaders, ...jsonBody(createReservationSchema) },
  responses: responses(201, "The reservation, with the secret that proves its holder", createdReservationSchema),
});
const get = createRoute({
  method: "get",
  path: "/v1/reservations/{id}",
  operationId: "getReservation",
  tags,
  summary: "Read a reservation",
  security,
  request: { params: reservationParams, headers: reservationHeaders },
  responses: responses(200, "The reservation", reservationSchema),
});
const change = createRoute({
  method: "patch",
  path: "/v1/reservations/{id}",
  operationId: "changeReservation",
  tags,
  summary: "Hold something else instead, all of it or the reservation stays as it was",
  security,
  request: { params: reservationParams, headers: reservationHeaders, ...jsonBody(updateReservationSchema) },
  responses: responses(200, "The reservation", reservationSchema),
});
const release = createRoute({
  method: "delete",
  path: "/v1/reservations/{id}",
  operationId: "releaseReservation",
  tags,
  summary: "Give the tickets back",
  security,
  request: { params: reservationParams, headers: reservationHeaders },
  responses: emptyResponse(204, "Nothing is held any more"),
});
const extend = createRoute({
  method: "post",
  path: "/v1/reservations/{id}/extend",
  operationId: "extendReservation",
  tags,
  summary: "Get more time, once",
  security,
  request: { params: reservationParams, headers: reservationHeaders },
  responses: responses(200, "The reservation", reservationSchema),
});

/** Adds the routes of reservations. */
export function addReservationRoutes(app: BookingsApp): void {
  app.openapi(create, async (c) => {
    const call = await writingCallOf(c);
    if (!call.ok) return refuse(c, call);
    const { items, accessCode } = c.req.valid("json");
    const { keys, ...deps } = c.get("deps");
    const answered = await reserveTickets(deps, call.value, {
      eventId: c.req.valid("param").id,
      items,
      accessCode: accessCode ?? null,
      grant: grantOf(c),
    });
    return answerReserved(answered, keys, c.get("requestId")) as never; // its success is what the contract above says
  });

  app.openapi(get, async (c) => {
    const { result } = await getReservation(c.get("deps"), callOf(c), {
      reservationId: c.req.valid("param").id,
      proof: proofOf(c.req.valid("header")),
    });
    personal(c);
    return respond(c, bookingsErrors, result, 200, reservationBody);
  });

  app.openapi(change, async (c) => {
    const { items, accessCode } = c.req.valid("json");
    const result = await changeReservation(c.get("deps"), callOf(c), {
      reservationId: c.req.valid("param").id,
      proof: proofOf(c.req.valid("header")),
      items,
      accessCode: accessCode ?? null,
    });
    personal(c);
    return respond(c, bookingsErrors, result, 200, reservationBody);
  });

  app.openapi(release, async (c) => {
    const { result } = await releaseReservation(c.get("deps"), callOf(c), {
      reservationId: c.req.valid("param").id,
      proof: proofOf(c.req.valid("header")),
    });
    return result.ok ? c.body(null, 204) : refuse(c, result);
  });

  app.openapi(extend, async (c) => {
    const proof = proofOf(c.req.valid("header"));
    const call = await writingCallOf(c, proof.secret);
    if (!call.ok) return refuse(c, call);
    const answered = await extendReservation(c.get("deps"), call.value, {
      reservationId: c.req.valid("param").id,
      proof,
    });
    markReplay(c, answered);
    personal(c);
    return respond(c, bookingsErrors, answered.result, 200, reservationBody);
  });
}

function proofOf(headers: { readonly "x-reservation-secret"?: string | undefined }) {
  const secret = headers["x-reservation-secret"];
  return secret === undefined ? {} : { secret };
}
