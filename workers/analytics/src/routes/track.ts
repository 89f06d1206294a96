import { trackAnswerSchema, trackBodySchema } from "@foyer/contracts/analytics/api";
import { analyticsErrors } from "@foyer/contracts/analytics/errors";
import { type AppEnv, respond } from "@foyer/http/app";
import { jsonBody, responses } from "@foyer/http/responses";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import { trackViews } from "../service/track-views.ts";

const track = createRoute({
  method: "post",
  path: "/v1/analytics/track",
  operationId: "trackViews",
  tags: ["Analytics"],
  summary: "Tell that event pages were looked at",
  request: jsonBody(trackBodySchema),
  responses: responses(202, "Taken; counted within seconds", trackAnswerSchema),
});

/** Adds the public route that pages report to. */
export function addTrackRoute(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(track, async (c) => {
    const result = await trackViews(c.get("deps"), { requestId: c.get("requestId") }, c.req.valid("json"));
    c.header("cache-control", "no-store");
    return respond(c, analyticsErrors, result, 202, (value) => value);
  });
}
