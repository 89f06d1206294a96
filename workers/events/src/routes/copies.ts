import { eventIdPathSchema, eventSchema } from "@foyer/contracts/events/api";
import { eventsErrors } from "@foyer/contracts/events/errors";
import { duplicateEventSchema } from "@foyer/contracts/events/lifecycle";
import { type AppEnv, problem } from "@foyer/http/app";
import { etagOf } from "@foyer/http/etag";
import { bearerAuth, optionalJsonBody, responses } from "@foyer/http/responses";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import { duplicateEvent } from "../service/duplicate-event.ts";
import { callOf, privateCache } from "./call.ts";
import { toEventView } from "./views.ts";

const duplicate = createRoute({
  method: "post",
  path: "/v1/events/{id}/duplicate",
  operationId: "duplicateEvent",
  tags: ["Events"],
  summary: "Make a draft like an event, with its images and ticket types",
  security: bearerAuth,
  request: { params: eventIdPathSchema, ...optionalJsonBody(duplicateEventSchema) },
  responses: responses(201, "The draft", eventSchema),
});

/** Events made from events. */
export function addCopyRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(duplicate, async (c) => {
    const deps = c.get("deps");
    const { id: eventId } = c.req.valid("param");
    const result = await duplicateEvent(deps, callOf(c), { eventId, change: c.req.valid("json") });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("location", `/v1/events/${result.value.id}`);
    c.header("etag", etagOf(result.value.version));
    c.header("cache-control", privateCache);
    return c.json(toEventView(result.value, { member: true, publicUrl: deps.publicUrl }), 201);
  });
}
