import {
  buyerPaymentSchema,
  resolveReviewBodySchema,
  reviewCaseSchema,
  reviewPageSchema,
} from "@foyer/contracts/payments/api";
import { paymentsErrors } from "@foyer/contracts/payments/errors";
import { idSchema, pageQuerySchema } from "@foyer/contracts/shared/schemas";
import { type AppEnv, problem } from "@foyer/http/app";
import { decodeCursor, toPage } from "@foyer/http/cursor";
import { bearerAuth, jsonBody, responses } from "@foyer/http/responses";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import * as z from "zod";
import type { Deps } from "../deps.ts";
import { listReviewCases } from "../service/list-review-cases.ts";
import { reconcilePayment } from "../service/reconcile-payment.ts";
import { resolveReviewCase } from "../service/resolve-review-case.ts";
import { callOf, toBuyerPayment, toReviewBody } from "./shapes.ts";

const reconcile = createRoute({
  method: "post",
  path: "/v1/admin/payments/{id}/reconcile",
  operationId: "reconcilePayment",
  tags: ["Administration"],
  summary: "Compare a payment with the provider now",
  security: bearerAuth,
  request: { params: z.object({ id: idSchema("payment") }) },
  responses: responses(200, "The payment as it is after that", buyerPaymentSchema),
});

const review = createRoute({
  method: "get",
  path: "/v1/admin/payments/review",
  operationId: "listPaymentReviews",
  tags: ["Administration"],
  summary: "Payments that a person has to look at",
  security: bearerAuth,
  request: { query: pageQuerySchema },
  responses: responses(200, "Open cases, newest first", reviewPageSchema),
});

const resolve = createRoute({
  method: "post",
  path: "/v1/admin/payments/review/{id}/resolve",
  operationId: "resolvePaymentReview",
  tags: ["Administration"],
  summary: "Close a case, saying what was done",
  security: bearerAuth,
  request: { params: z.object({ id: idSchema("reviewCase") }), ...jsonBody(resolveReviewBodySchema) },
  responses: responses(200, "The case, closed", reviewCaseSchema),
});

/** The side of payments that administrators of the platform see. */
export function addAdminRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(reconcile, async (c) => {
    const settled = await reconcilePayment(c.get("deps"), callOf(c), c.req.valid("param").id);
    if (!settled.ok) return problem(c, paymentsErrors, settled.error);
    c.header("cache-control", "no-store");
    // What a buyer pays with is the buyer's alone.
    return c.json(toBuyerPayment(settled.value.payment, null), 200);
  });

  app.openapi(review, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const before = cursor === undefined ? null : decodeCursor(cursor, z.tuple([z.number(), z.string()]));
    if (before !== null && !before.ok) return problem(c, paymentsErrors, before.error);
    const found = await listReviewCases(c.get("deps"), callOf(c), { limit, before: before?.value ?? null });
    if (!found.ok) return problem(c, paymentsErrors, found.error);
    const page = toPage(found.value, limit, (reviewCase) => [reviewCase.openedAtMs, reviewCase.id]);
    c.header("cache-control", "no-store");
    return c.json({ data: page.data.map(toReviewBody), nextCursor: page.nextCursor }, 200);
  });

  app.openapi(resolve, async (c) => {
    const { resolution } = c.req.valid("json");
    const closed = await resolveReviewCase(c.get("deps"), callOf(c), { id: c.req.valid("param").id, resolution });
    if (!closed.ok) return problem(c, paymentsErrors, closed.error);
    c.header("cache-control", "no-store");
    return c.json(toReviewBody(closed.value), 200);
  });
}
