import { eventAccessHeader } from "@foyer/auth/event-access";
import { eventIdPathSchema } from "@foyer/contracts/events/api";
import { eventsErrors } from "@foyer/contracts/events/errors";
import {
  changeRecurrenceSchema,
  listOccurrencesQuerySchema,
  occurrencePageSchema,
  publishOccurrencesSchema,
  recurrenceSchema,
  type SeriesView,
  seriesSchema,
} from "@foyer/contracts/events/series";
import { type AppEnv, problem } from "@foyer/http/app";
import { bearerAuth, jsonBody, responses } from "@foyer/http/responses";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import { changeRecurrence } from "../service/change-recurrence.ts";
import { createSeries } from "../service/create-series.ts";
import { listOccurrences } from "../service/list-occurrences.ts";
import { publishOccurrences } from "../service/publish-occurrences.ts";
import type { SeriesState } from "../service/series-progress.ts";
import { callOf, privateCache, publicCache } from "./call.ts";
import { toSummaryView, viewerOf } from "./views.ts";

const tags = ["Series"];
const path = "/v1/events/{id}/occurrences";

const create = createRoute({
  method: "post",
  path,
  operationId: "createSeries",
  tags,
  summary: "Make an event the first of a recurring series",
  security: bearerAuth,
  request: { params: eventIdPathSchema, ...jsonBody(recurrenceSchema) },
  responses: responses(202, "The series; its dates are made in the background", seriesSchema),
});

const list = createRoute({
  method: "get",
  path,
  operationId: "listOccurrences",
  tags,
  summary: "List the dates of the series that an event belongs to",
  request: { params: eventIdPathSchema, query: listOccurrencesQuerySchema },
  responses: responses(200, "By start", occurrencePageSchema),
});

const change = createRoute({
  method: "put",
  path,
  operationId: "changeRecurrence",
  tags,
  summary: "Give a series another rule",
  security: bearerAuth,
  request: { params: eventIdPathSchema, ...jsonBody(changeRecurrenceSchema) },
  responses: responses(202, "The series; its dates follow in the background", seriesSchema),
});

const publish = createRoute({
  method: "post",
  path: `${path}/publish`,
  operationId: "publishOccurrences",
  tags,
  summary: "Publish the dates of a series",
  security: bearerAuth,
  request: { params: eventIdPathSchema, ...jsonBody(publishOccurrencesSchema) },
  responses: responses(202, "The series; its dates are published in the background", seriesSchema),
});

function toSeriesView({ series, excepted, progress }: SeriesState, member: boolean): SeriesView {
  const { id, rrule, startsLocal, exceptions, additions, template } = series;
  const { timezone } = template;
  if (!member) return { id, timezone, rule: null, progress: null };
  const all = [...new Set([...exceptions, ...excepted])].sort();
  return {
    id,
    timezone,
    rule: { rrule, startsLocal, exceptions: all, additions: [...additions] },
    progress,
  };
}

/** Recurring series: a rule, its dates, and what is done to all of them. */
export function addOccurrenceRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(create, async (c) => {
    const { id: eventId } = c.req.valid("param");
    const result = await createSeries(c.get("deps"), callOf(c), { eventId, recurrence: c.req.valid("json") });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("cache-control", privateCache);
    return c.json(toSeriesView(result.value, true), 202);
  });

  app.openapi(list, async (c) => {
    const deps = c.get("deps");
    const { limit, cursor } = c.req.valid("query");
    const result = await listOccurrences(deps, callOf(c), {
      eventId: c.req.valid("param").id,
      limit,
      cursor,
      grant: c.req.header(eventAccessHeader),
    });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    const { state, data, nextCursor, member } = result.value;
    c.header("cache-control", c.get("actor").kind === "anonymous" ? publicCache : privateCache);
    c.header("vary", "authorization");
    const viewer = viewerOf(deps, member);
    const body = {
      series: toSeriesView(state, member),
      data: data.map((event) => toSummaryView(event, viewer)),
      nextCursor,
    };
    return c.json(body, 200);
  });

  app.openapi(change, async (c) => {
    const { id: eventId } = c.req.valid("param");
    const result = await changeRecurrence(c.get("deps"), callOf(c), { eventId, recurrence: c.req.valid("json") });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("cache-control", privateCache);
    return c.json(toSeriesView(result.value, true), 202);
  });

  app.openapi(publish, async (c) => {
    const input = { eventId: c.req.valid("param").id, scope: c.req.valid("json").scope };
    const result = await publishOccurrences(c.get("deps"), callOf(c), input);
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("cache-control", privateCache);
    return c.json(toSeriesView(result.value, true), 202);
  });
}
