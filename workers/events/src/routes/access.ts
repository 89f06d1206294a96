import { eventAccessSchema, joinLinkSchema, joinQuerySchema, openEventSchema } from "@foyer/contracts/events/access";
import { eventIdPathSchema } from "@foyer/contracts/events/api";
import { eventsErrors } from "@foyer/contracts/events/errors";
import { type AppEnv, problem } from "@foyer/http/app";
import { jsonBody, responses } from "@foyer/http/responses";
import { toRfc3339 } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { networkOf } from "@foyer/kernel/networks";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import { grantAccess } from "../service/grant-access.ts";
import { joinEvent } from "../service/join-event.ts";
import { callOf, privateCache } from "./call.ts";

const tags = ["Events"];

const open = createRoute({
  method: "post",
  path: "/v1/events/{id}/access",
  operationId: "openEvent",
  tags,
  summary: "Get a grant to a gated event, for its password, an invitation, or being invited",
  request: { params: eventIdPathSchema, ...jsonBody(openEventSchema) },
  responses: responses(200, "The grant, to be shown as `X-Event-Access`", eventAccessSchema),
});

const join = createRoute({
  method: "get",
  path: "/v1/events/{id}/join",
  operationId: "joinEvent",
  tags,
  summary: "Where to join online, for holders of a ticket: by account, or by order and `X-Order-Secret`",
  request: { params: eventIdPathSchema, query: joinQuerySchema },
  responses: responses(200, "The link", joinLinkSchema),
});

/** Ways into events that are not everybody's: gates, and what goes on online. */
export function addAccessRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(open, async (c) => {
    const address = c.req.header("cf-connecting-ip");
    const result = await grantAccess(c.get("deps"), callOf(c), {
      eventId: c.req.valid("param").id,
      network: address === undefined ? null : networkOf(address),
      shown: c.req.valid("json"),
    });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    const { eventId, grant, endsAtMs } = result.value;
    c.header("cache-control", privateCache);
    return c.json({ eventId, grant, endsAt: toRfc3339(endsAtMs) }, 200);
  });

  app.openapi(join, async (c) => {
    const secret = c.req.header("x-order-secret")?.slice(0, limits.orderSecretCharsMax);
    const result = await joinEvent(c.get("deps"), callOf(c), {
      eventId: c.req.valid("param").id,
      orderId: c.req.valid("query").orderId,
      proof: secret === undefined ? {} : { secret },
    });
    c.header("cache-control", privateCache);
    c.header("vary", "authorization, x-order-secret");
    if (!result.ok) return problem(c, eventsErrors, result.error);
    return c.json(result.value, 200);
  });
}
