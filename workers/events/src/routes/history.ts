import { eventIdPathSchema } from "@foyer/contracts/events/api";
import { eventsErrors } from "@foyer/contracts/events/errors";
import { eventChangePageSchema } from "@foyer/contracts/events/lifecycle";
import { pageQuerySchema } from "@foyer/contracts/shared/schemas";
import { type AppEnv, problem } from "@foyer/http/app";
import { bearerAuth, responses } from "@foyer/http/responses";
import { toRfc3339 } from "@foyer/kernel/clock";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import { listChanges } from "../service/list-changes.ts";
import { callOf, privateCache } from "./call.ts";

const list = createRoute({
  method: "get",
  path: "/v1/events/{id}/changes",
  operationId: "listEventChanges",
  tags: ["Events"],
  summary: "Who changed an event, and how",
  security: bearerAuth,
  request: { params: eventIdPathSchema, query: pageQuerySchema },
  responses: responses(200, "Newest first", eventChangePageSchema),
});

/** An event's history. */
export function addHistoryRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(list, async (c) => {
    const { id: eventId } = c.req.valid("param");
    const { limit, cursor } = c.req.valid("query");
    const result = await listChanges(c.get("deps"), callOf(c), { eventId, limit, cursor });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("cache-control", privateCache);
    const data = result.value.data.map(({ version, action, actor, atMs, about }) => {
      return { version, action, actor, at: toRfc3339(atMs), about: [...about] };
    });
    return c.json({ data, nextCursor: result.value.nextCursor }, 200);
  });
}
