import { buyerPaymentSchema, openPaymentBodySchema } from "@foyer/contracts/payments/api";
import { paymentsErrors } from "@foyer/contracts/payments/errors";
import { idSchema } from "@foyer/contracts/shared/schemas";
import { type AppEnv, problem } from "@foyer/http/app";
import { etagOf, isNotModified } from "@foyer/http/etag";
import { idempotent } from "@foyer/http/idempotency";
import { bearerAuth, jsonBody, responses } from "@foyer/http/responses";
import { limits } from "@foyer/kernel/limits";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import * as z from "zod";
import type { Deps } from "../deps.ts";
import { openPayment } from "../service/open-payment.ts";
import { readOrderPayment } from "../service/read-order-payment.ts";
import { callOf, toBuyerPayment } from "./shapes.ts";

const params = z.object({ id: idSchema("order") });
const headers = z.object({
  "x-order-secret": z
    .string()
    .max(limits.orderSecretCharsMax)
    .optional()
    .meta({ description: "Proves the hold on the order; or sign in as its buyer" }),
});
const security = [...bearerAuth, {}];

const open = createRoute({
  method: "post",
  path: "/v1/orders/{id}/payment",
  operationId: "openPayment",
  tags: ["Payments"],
  summary: "Open the order's payment, or find the one that is open",
  security,
  middleware: idempotent<Deps>((deps) => ({ store: deps.idempotency, clock: deps.clock })),
  request: { params, headers, ...jsonBody(openPaymentBodySchema) },
  responses: responses(201, "The one open payment, whatever was asked for at first", buyerPaymentSchema),
});

const read = createRoute({
  method: "get",
  path: "/v1/orders/{id}/payment",
  operationId: "getOrderPayment",
  tags: ["Payments"],
  summary: "The order's payment, compared with the provider while it is not at its end",
  security,
  request: { params, headers },
  responses: responses(200, "The newest payment of the order", buyerPaymentSchema),
});

/** The buyer's side of payments. */
export function addOrderPaymentRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(open, async (c) => {
    const { method, returnUrl } = c.req.valid("json");
    const opened = await openPayment(c.get("deps"), callOf(c), {
      orderId: c.req.valid("param").id,
      secret: c.req.valid("header")["x-order-secret"] ?? null,
      method,
      returnUrl,
    });
    if (!opened.ok) return problem(c, paymentsErrors, opened.error);
    c.header("cache-control", "no-store");
    return c.json(toBuyerPayment(opened.value.payment, opened.value.seen), 201);
  });

  app.openapi(read, async (c) => {
    const found = await readOrderPayment(c.get("deps"), callOf(c), {
      orderId: c.req.valid("param").id,
      secret: c.req.valid("header")["x-order-secret"] ?? null,
    });
    if (!found.ok) return problem(c, paymentsErrors, found.error);
    const { payment, seen } = found.value;
    const body = toBuyerPayment(payment, seen);
    const payable = body.payment.checkoutUrl !== null || body.payment.clientSecret !== null;
    const etag = etagOf(`${payment.id}-${payment.version}${payable ? "-payable" : ""}`);
    // It came to its end just now, and the others are told at once rather than by the clock.
    if (seen !== null && !payable) c.executionCtx.waitUntil(c.get("deps").drain());
    c.header("etag", etag);
    c.header("cache-control", "no-store");
    if (isNotModified(c.req.header("if-none-match"), etag)) return c.body(null, 304) as never;
    return c.json(body, 200);
  });
}
