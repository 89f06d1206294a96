import { eventIdPathSchema, eventSchema } from "@foyer/contracts/events/api";
import { eventsErrors } from "@foyer/contracts/events/errors";
import { type AppEnv, problem } from "@foyer/http/app";
import { etagOf } from "@foyer/http/etag";
import { bearerAuth, responses } from "@foyer/http/responses";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import { type Move, moves } from "../domain/lifecycle.ts";
import { publishEvent } from "../service/publish-event.ts";
import { withdrawEvent } from "../service/withdraw-event.ts";
import { callOf, privateCache } from "./call.ts";
import { toEventView, viewerOf } from "./views.ts";

const summaries: Readonly<Record<Move, string>> = {
  publish: "Make an event public and open its sale",
  unpublish: "Take a published event back to a draft",
  cancel: "Cancel an event",
  archive: "Put an event away",
};

function routeOf(move: Move) {
  return createRoute({
    method: "post",
    path: `/v1/events/{id}/${move}`,
    operationId: `${move}Event`,
    tags: ["Events"],
    summary: summaries[move],
    security: bearerAuth,
    request: { params: eventIdPathSchema },
    responses: responses(200, "The event as it is now", eventSchema),
  });
}

/** The moves of an event's life, one route each. */
export function addLifecycleRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  for (const move of moves) {
    app.openapi(routeOf(move), async (c) => {
      const deps = c.get("deps");
      const { id: eventId } = c.req.valid("param");
      const result =
        move === "publish"
          ? await publishEvent(deps, callOf(c), { eventId })
          : await withdrawEvent(deps, callOf(c), { eventId, move });
      if (!result.ok) return problem(c, eventsErrors, result.error);
      c.header("etag", etagOf(result.value.version));
      c.header("cache-control", privateCache);
      return c.json(toEventView(result.value, viewerOf(deps, true)), 200);
    });
  }
}
