import { eventIdPathSchema, eventSchema } from "@foyer/contracts/events/api";
import { eventsErrors } from "@foyer/contracts/events/errors";
import { publishEventSchema, statusNoteSchema } from "@foyer/contracts/events/lifecycle";
import { toEpochMs } from "@foyer/contracts/shared/schemas";
import { type AppContext, type AppEnv, problem } from "@foyer/http/app";
import { etagOf } from "@foyer/http/etag";
import { bearerAuth, optionalJsonBody, responses } from "@foyer/http/responses";
import type { Result } from "@foyer/kernel/result";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import type { EventWithText } from "../domain/event.ts";
import { publishEvent } from "../service/publish-event.ts";
import { scheduleEvent } from "../service/schedule-event.ts";
import { unpublishEvent } from "../service/unpublish-event.ts";
import { withdrawEvent } from "../service/withdraw-event.ts";
import { callOf, privateCache } from "./call.ts";
import { toEventView } from "./views.ts";

function routeOf<R extends object>(name: string, summary: string, body: R) {
  return createRoute({
    method: "post",
    path: `/v1/events/{id}/${name}`,
    operationId: `${name}Event`,
    tags: ["Events"],
    summary,
    security: bearerAuth,
    request: { params: eventIdPathSchema, ...body },
    responses: responses(200, "The event as it is now", eventSchema),
  });
}

const publish = routeOf(
  "publish",
  "Make an event public and open its sale, at once or at a later moment",
  optionalJsonBody(publishEventSchema),
);
const unpublish = routeOf(
  "unpublish",
  "Take a scheduled event, or a published one nobody has tickets of, back to a draft",
  {},
);
const postpone = routeOf(
  "postpone",
  "Stop the sale of an event until it has a new date",
  optionalJsonBody(statusNoteSchema),
);
const cancel = routeOf(
  "cancel",
  "Call an event off; every order is cancelled and paid back",
  optionalJsonBody(statusNoteSchema),
);
const archive = routeOf("archive", "Put away an event that is a draft, over or called off", {});

/** The moves of an event's life, one route each. */
export function addLifecycleRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(publish, async (c) => {
    const { id: eventId } = c.req.valid("param");
    const { publishAt } = c.req.valid("json");
    return answer(
      c,
      publishAt === undefined
        ? await publishEvent(c.get("deps"), callOf(c), { eventId, move: "publish" })
        : await scheduleEvent(c.get("deps"), callOf(c), { eventId, publishAtMs: toEpochMs(publishAt) }),
    );
  });
  app.openapi(unpublish, async (c) => {
    const { id: eventId } = c.req.valid("param");
    return answer(c, await unpublishEvent(c.get("deps"), callOf(c), { eventId }));
  });
  app.openapi(postpone, async (c) => {
    const { id: eventId } = c.req.valid("param");
    const { note = null } = c.req.valid("json");
    return answer(c, await withdrawEvent(c.get("deps"), callOf(c), { eventId, move: "postpone", note }));
  });
  app.openapi(cancel, async (c) => {
    const { id: eventId } = c.req.valid("param");
    const { note = null } = c.req.valid("json");
    return answer(c, await withdrawEvent(c.get("deps"), callOf(c), { eventId, move: "cancel", note }));
  });
  app.openapi(archive, async (c) => {
    const { id: eventId } = c.req.valid("param");
    return answer(c, await withdrawEvent(c.get("deps"), callOf(c), { eventId, move: "archive", note: null }));
  });
}

function answer(c: AppContext<Deps>, result: Result<EventWithText>) {
  if (!result.ok) return problem(c, eventsErrors, result.error);
  c.header("etag", etagOf(result.value.version));
  c.header("cache-control", privateCache);
  return c.json(toEventView(result.value, { member: true, publicUrl: c.get("deps").publicUrl }), 200);
}
