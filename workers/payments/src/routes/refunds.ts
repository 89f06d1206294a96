import {
  listPaymentsQuerySchema,
  paymentPageSchema,
  refundSchema,
  requestRefundBodySchema,
} from "@foyer/contracts/payments/api";
import { paymentsErrors } from "@foyer/contracts/payments/errors";
import { idSchema } from "@foyer/contracts/shared/schemas";
import { type AppEnv, problem } from "@foyer/http/app";
import { decodeCursor, toPage } from "@foyer/http/cursor";
import { etagOf, isNotModified } from "@foyer/http/etag";
import { idempotencyKeyOf, idempotent, principalOf } from "@foyer/http/idempotency";
import { bearerAuth, jsonBody, responses } from "@foyer/http/responses";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import * as z from "zod";
import type { Deps } from "../deps.ts";
import { listPayments } from "../service/list-payments.ts";
import { readRefund } from "../service/read-refund.ts";
import { requestRefund } from "../service/request-refund.ts";
import { callOf, toPaymentBody, toRefundBody } from "./shapes.ts";

const list = createRoute({
  method: "get",
  path: "/v1/payments",
  operationId: "listPayments",
  tags: ["Payments"],
  summary: "An organization's payments",
  security: bearerAuth,
  request: { query: listPaymentsQuerySchema },
  responses: responses(200, "Newest first", paymentPageSchema),
});

const request = createRoute({
  method: "post",
  path: "/v1/payments/{id}/refunds",
  operationId: "requestRefund",
  tags: ["Payments"],
  summary: "Send money back, and void the tickets that are named",
  security: bearerAuth,
  middleware: idempotent<Deps>((deps) => ({ store: deps.idempotency, clock: deps.clock })),
  request: { params: z.object({ id: idSchema("payment") }), ...jsonBody(requestRefundBodySchema) },
  responses: responses(201, "On its way, or done", refundSchema),
});

const read = createRoute({
  method: "get",
  path: "/v1/refunds/{id}",
  operationId: "getRefund",
  tags: ["Payments"],
  summary: "One refund",
  security: bearerAuth,
  request: { params: z.object({ id: idSchema("refund") }) },
  responses: responses(200, "The refund", refundSchema),
});

/** The organizer's side of payments. */
export function addRefundRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(list, async (c) => {
    const { organizationId, status, orderId, limit, cursor } = c.req.valid("query");
    const before = cursor === undefined ? null : decodeCursor(cursor, z.tuple([z.number(), z.string()]));
    if (before !== null && !before.ok) return problem(c, paymentsErrors, before.error);
    const found = await listPayments(c.get("deps"), callOf(c), {
      organizationId,
      status: status ?? null,
      orderId: orderId ?? null,
      limit,
      before: before?.value ?? null,
    });
    if (!found.ok) return problem(c, paymentsErrors, found.error);
    const page = toPage(found.value, limit, (payment) => [payment.createdAtMs, payment.id]);
    c.header("cache-control", "no-store");
    return c.json({ data: page.data.map(toPaymentBody), nextCursor: page.nextCursor }, 200);
  });

  app.openapi(request, async (c) => {
    const body = c.req.valid("json");
    const { amount, ticketIds, reason } = body;
    const key = c.req.header("idempotency-key");
    // A key is given free after a failure, and its request may come again: to the refund it must be the same one.
    const sameRequest = `${key}\n${JSON.stringify(body)}`;
    const requestKey =
      key === undefined
        ? null
        : await idempotencyKeyOf(principalOf(c.get("actor"), undefined), c.req.method, c.req.path, sameRequest);
    const requested = await requestRefund(c.get("deps"), callOf(c), {
      paymentId: c.req.valid("param").id,
      amount: amount ?? null,
      ticketIds,
      reason,
      requestKey,
    });
    if (!requested.ok) return problem(c, paymentsErrors, requested.error);
    c.header("cache-control", "no-store");
    c.header("location", `/v1/refunds/${requested.value.id}`);
    return c.json(toRefundBody(requested.value), 201);
  });

  app.openapi(read, async (c) => {
    const found = await readRefund(c.get("deps"), callOf(c), c.req.valid("param").id);
    if (!found.ok) return problem(c, paymentsErrors, found.error);
    const etag = etagOf(found.value.version);
    c.header("etag", etag);
    c.header("cache-control", "no-store");
    if (isNotModified(c.req.header("if-none-match"), etag)) return c.body(null, 304) as never;
    return c.json(toRefundBody(found.value), 200);
  });
}
