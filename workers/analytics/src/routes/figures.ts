import {
  eventSummarySchema,
  organizationSummarySchema,
  salesQuerySchema,
  salesSeriesSchema,
} from "@foyer/contracts/analytics/api";
import { analyticsErrors } from "@foyer/contracts/analytics/errors";
import { idSchema } from "@foyer/contracts/shared/schemas";
import { type AppContext, type AppEnv, respond } from "@foyer/http/app";
import { bearerAuth, responses } from "@foyer/http/responses";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import * as z from "zod";
import type { Deps } from "../deps.ts";
import { chartSales } from "../service/chart-sales.ts";
import { summarizeEvent } from "../service/summarize-event.ts";
import { summarizeOrganization } from "../service/summarize-organization.ts";

const eventParams = z.object({ id: idSchema("event") });
const organizationParams = z.object({ id: idSchema("organization") });

const eventSummary = createRoute({
  method: "get",
  path: "/v1/events/{id}/analytics/summary",
  operationId: "getEventAnalyticsSummary",
  tags: ["Analytics"],
  summary: "Figures of an event",
  security: bearerAuth,
  request: { params: eventParams },
  responses: responses(200, "The figures as of now", eventSummarySchema),
});

const eventSales = createRoute({
  method: "get",
  path: "/v1/events/{id}/analytics/sales",
  operationId: "getEventSalesSeries",
  tags: ["Analytics"],
  summary: "Sales of an event over time, in steps of UTC",
  security: bearerAuth,
  request: { params: eventParams, query: salesQuerySchema },
  responses: responses(200, "One entry a step", salesSeriesSchema),
});

const organizationSummary = createRoute({
  method: "get",
  path: "/v1/organizations/{id}/analytics/summary",
  operationId: "getOrganizationAnalyticsSummary",
  tags: ["Analytics"],
  summary: "Figures of all events of an organization",
  security: bearerAuth,
  request: { params: organizationParams },
  responses: responses(200, "The figures as of now", organizationSummarySchema),
});

function callOf(c: AppContext<Deps>) {
  c.header("cache-control", "no-store");
  return { actor: c.get("actor"), requestId: c.get("requestId") };
}

/** Adds the routes that organizers read figures from. */
export function addFigureRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(eventSummary, async (c) => {
    const result = await summarizeEvent(c.get("deps"), callOf(c), { eventId: c.req.valid("param").id });
    return respond(c, analyticsErrors, result, 200, (value) => value);
  });

  app.openapi(eventSales, async (c) => {
    const input = { eventId: c.req.valid("param").id, query: c.req.valid("query") };
    return respond(c, analyticsErrors, await chartSales(c.get("deps"), callOf(c), input), 200, (value) => value);
  });

  app.openapi(organizationSummary, async (c) => {
    const input = { organizationId: c.req.valid("param").id };
    return respond(
      c,
      analyticsErrors,
      await summarizeOrganization(c.get("deps"), callOf(c), input),
      200,
      (value) => value,
    );
  });
}
