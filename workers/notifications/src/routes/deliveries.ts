import { deliveryPageSchema, deliveryQuerySchema } from "@foyer/contracts/notifications/api";
import { notificationsErrors } from "@foyer/contracts/notifications/errors";
import { type AppEnv, respond } from "@foyer/http/app";
import { bearerAuth, responses } from "@foyer/http/responses";
import { toRfc3339 } from "@foyer/kernel/clock";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import { listDeliveries } from "../service/list-deliveries.ts";

const list = createRoute({
  method: "get",
  path: "/v1/admin/notifications/deliveries",
  operationId: "listMailDeliveries",
  tags: ["Administration"],
  summary: "Mails and what became of them",
  security: bearerAuth,
  request: { query: deliveryQuerySchema },
  responses: responses(200, "Newest first", deliveryPageSchema),
});

/** Adds the list of deliveries. */
export function addDeliveryRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(list, async (c) => {
    const page = await listDeliveries(c.get("deps"), c.get("actor"), c.req.valid("query"));
    c.header("cache-control", "no-store");
    return respond(c, notificationsErrors, page, 200, ({ data, nextCursor }) => ({
      data: data.map(({ recipientMasked, createdAtMs, updatedAtMs, sentAtMs, ...delivery }) => ({
        ...delivery,
        recipient: recipientMasked,
        createdAt: toRfc3339(createdAtMs),
        updatedAt: toRfc3339(updatedAtMs),
        sentAt: sentAtMs === null ? null : toRfc3339(sentAtMs),
      })),
      nextCursor,
    }));
  });
}
