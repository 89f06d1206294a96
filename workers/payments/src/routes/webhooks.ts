import { webhookAnswerSchema } from "@foyer/contracts/payments/api";
import { paymentsErrors } from "@foyer/contracts/payments/errors";
import { type AppEnv, problem } from "@foyer/http/app";
import { responses } from "@foyer/http/responses";
import { limits } from "@foyer/kernel/limits";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import type { Deps } from "../deps.ts";
import { processProviderEvent, receiveProviderEvent } from "../service/receive-provider-event.ts";

const receive = createRoute({
  method: "post",
  path: "/v1/webhooks/stripe",
  operationId: "receiveStripeEvent",
  tags: ["Payments"],
  summary: "Events of Stripe, signed by `Stripe-Signature` over the raw body",
  middleware: bodyLimit({
    maxSize: limits.webhookBytesMax,
    onError: (c) =>
      problem(c, paymentsErrors, { code: "request.too_large", detail: `At most ${limits.webhookBytesMax} bytes.` }),
  }),
  responses: responses(200, "Stored; it is acted on at once, and again until that has worked", webhookAnswerSchema),
});

/** The provider's side of payments. The body is no declared schema: it is read once, as it came, for its signature. */
export function addWebhookRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(receive, async (c) => {
    const deps = c.get("deps");
    const signature = c.req.header("stripe-signature") ?? "";
    const received = await receiveProviderEvent(deps, { body: await c.req.text(), signature });
    if (!received.ok) return problem(c, paymentsErrors, received.error);
    const { fresh } = received.value;
    if (fresh !== null) {
      const requestId = c.get("requestId");
      c.executionCtx.waitUntil(processProviderEvent(deps, fresh, requestId).then(() => deps.drain()));
    }
    return c.json({ received: true as const }, 200);
  });
}
