import { eventIdPathSchema } from "@foyer/contracts/events/api";
import { eventsErrors } from "@foyer/contracts/events/errors";
import {
  type GuestView,
  guestListSchema,
  guestPageSchema,
  guestPathSchema,
  guestSchema,
  inviteGuestsSchema,
} from "@foyer/contracts/events/guests";
import { pageQuerySchema } from "@foyer/contracts/shared/schemas";
import { type AppEnv, problem } from "@foyer/http/app";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { toRfc3339 } from "@foyer/kernel/clock";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import type { Guest } from "../domain/guests.ts";
import { inviteGuests } from "../service/invite-guests.ts";
import { listGuests } from "../service/list-guests.ts";
import { removeGuest } from "../service/remove-guest.ts";
import { resendInvitation } from "../service/resend-invitation.ts";
import { callOf, privateCache } from "./call.ts";

const tags = ["Guests"];
const collection = "/v1/events/{id}/guests";

const invite = createRoute({
  method: "post",
  path: collection,
  operationId: "inviteGuests",
  tags,
  summary: "Invite people to a private event",
  security: bearerAuth,
  request: { params: eventIdPathSchema, ...jsonBody(inviteGuestsSchema) },
  responses: responses(200, "Those who were named, as they are on the list", guestListSchema),
});

const list = createRoute({
  method: "get",
  path: collection,
  operationId: "listGuests",
  tags,
  summary: "List who is invited",
  security: bearerAuth,
  request: { params: eventIdPathSchema, query: pageQuerySchema },
  responses: responses(200, "In the order of their being invited", guestPageSchema),
});

const remove = createRoute({
  method: "delete",
  path: `${collection}/{guestId}`,
  operationId: "removeGuest",
  tags,
  summary: "Take a guest off the list; what they were let in with is void",
  security: bearerAuth,
  request: { params: guestPathSchema },
  responses: emptyResponse(204, "Removed"),
});

const resend = createRoute({
  method: "post",
  path: `${collection}/{guestId}/resend`,
  operationId: "resendEventInvitation",
  tags,
  summary: "Send a guest's invitation once more",
  security: bearerAuth,
  request: { params: guestPathSchema },
  responses: responses(200, "The guest", guestSchema),
});

function toGuestView({ id, email, name, mailsSent, lastSentAtMs, createdAtMs }: Guest): GuestView {
  return {
    id,
    email,
    name,
    status: mailsSent === 0 ? "waiting" : "invited",
    mailsSent,
    lastSentAt: lastSentAtMs === null ? null : toRfc3339(lastSentAtMs),
    createdAt: toRfc3339(createdAtMs),
  };
}

/** Guests of private events: invite, list, remove, write to again. */
export function addGuestRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(invite, async (c) => {
    const { id: eventId } = c.req.valid("param");
    const result = await inviteGuests(c.get("deps"), callOf(c), { eventId, guests: c.req.valid("json").guests });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("cache-control", privateCache);
    return c.json({ data: result.value.map(toGuestView) }, 200);
  });

  app.openapi(list, async (c) => {
    const { id: eventId } = c.req.valid("param");
    const { limit, cursor } = c.req.valid("query");
    const result = await listGuests(c.get("deps"), callOf(c), { eventId, limit, cursor });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("cache-control", privateCache);
    return c.json({ data: result.value.data.map(toGuestView), nextCursor: result.value.nextCursor }, 200);
  });

  app.openapi(remove, async (c) => {
    const { id: eventId, guestId } = c.req.valid("param");
    const result = await removeGuest(c.get("deps"), callOf(c), { eventId, guestId });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    return c.body(null, 204);
  });

  app.openapi(resend, async (c) => {
    const { id: eventId, guestId } = c.req.valid("param");
    const result = await resendInvitation(c.get("deps"), callOf(c), { eventId, guestId });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("cache-control", privateCache);
    return c.json(toGuestView(result.value), 200);
  });
}
