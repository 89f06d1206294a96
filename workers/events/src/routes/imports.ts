import { eventsErrors } from "@foyer/contracts/events/errors";
import {
  createImportQuerySchema,
  csvSchema,
  type EventImportView,
  eventImportLinePageSchema,
  eventImportPageSchema,
  eventImportSchema,
  importLinesQuerySchema,
  importPathSchema,
  importsPathSchema,
} from "@foyer/contracts/events/imports";
import { pageQuerySchema } from "@foyer/contracts/shared/schemas";
import { type AppEnv, problem } from "@foyer/http/app";
import { bearerAuth, emptyResponse, responses } from "@foyer/http/responses";
import { toRfc3339 } from "@foyer/kernel/clock";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import type { CountedImport } from "../domain/imports/import.ts";
import { checkImport } from "../service/imports/check-import.ts";
import { listImportLines, listImports, openImport, removeImport } from "../service/imports/read-import.ts";
import { driveImports, runImport } from "../service/imports/run-import.ts";
import { callOf, privateCache } from "./call.ts";

const tags = ["Imports"];
const collection = "/v1/organizations/{id}/event-imports";
const one = `${collection}/{importId}`;
const shared = { tags, security: bearerAuth };

const check = createRoute({
  ...shared,
  method: "post",
  path: collection,
  operationId: "checkEventImport",
  summary: "Send a file of events and get a report on it; nothing is made yet",
  request: {
    params: importsPathSchema,
    query: createImportQuerySchema,
    body: { required: true, content: { "text/csv": { schema: csvSchema } } },
  },
  responses: responses(201, "The report", eventImportSchema),
});

const list = createRoute({
  ...shared,
  method: "get",
  path: collection,
  operationId: "listEventImports",
  summary: "List an organization's imports",
  request: { params: importsPathSchema, query: pageQuerySchema },
  responses: responses(200, "Newest first", eventImportPageSchema),
});

const read = createRoute({
  ...shared,
  method: "get",
  path: one,
  operationId: "getEventImport",
  summary: "Read an import's progress",
  request: { params: importPathSchema },
  responses: responses(200, "The import", eventImportSchema),
});

const lines = createRoute({
  ...shared,
  method: "get",
  path: `${one}/lines`,
  operationId: "listEventImportLines",
  summary: "List an import's lines, with what is wrong with them or the events that they made",
  request: { params: importPathSchema, query: importLinesQuerySchema },
  responses: responses(200, "In the file's order", eventImportLinePageSchema),
});

const run = createRoute({
  ...shared,
  method: "post",
  path: `${one}/run`,
  operationId: "runEventImport",
  summary: "Make drafts of an import's good lines, in the background",
  request: { params: importPathSchema },
  responses: responses(202, "It runs, or has run", eventImportSchema),
});

const remove = createRoute({
  ...shared,
  method: "delete",
  path: one,
  operationId: "deleteEventImport",
  summary: "Remove an import's report; the events that came of it stay",
  request: { params: importPathSchema },
  responses: emptyResponse(204, "Removed"),
});

/** Imports: a file is reported on first, and run when its sender says so. */
export function addImportRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(check, async (c) => {
    const { timezone, dateOrder = null } = c.req.valid("query");
    const result = await checkImport(c.get("deps"), callOf(c), {
      organizationId: c.req.valid("param").id,
      text: await c.req.text(),
      options: { timezone, dateOrder },
    });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("location", `/v1/organizations/${result.value.organizationId}/event-imports/${result.value.id}`);
    c.header("cache-control", privateCache);
    return c.json(toImportView(result.value), 201);
  });

  app.openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const input = { organizationId: c.req.valid("param").id, limit, cursor };
    const result = await listImports(c.get("deps"), callOf(c), input);
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("cache-control", privateCache);
    return c.json({ data: result.value.data.map(toImportView), nextCursor: result.value.nextCursor }, 200);
  });

  app.openapi(read, async (c) => {
    const { id: organizationId, importId } = c.req.valid("param");
    const result = await openImport(c.get("deps"), callOf(c), { organizationId, importId }, "events.read");
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("cache-control", privateCache);
    return c.json(toImportView(result.value), 200);
  });

  app.openapi(lines, async (c) => {
    const { id: organizationId, importId } = c.req.valid("param");
    const { limit, cursor, status } = c.req.valid("query");
    const input = { organizationId, importId, limit, cursor, status };
    const result = await listImportLines(c.get("deps"), callOf(c), input);
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("cache-control", privateCache);
    const data = result.value.data.map(({ line, status: state, title, eventId, errors }) => ({
      line,
      status: state,
      title,
      eventId: state === "made" ? eventId : null,
      errors: [...errors],
    }));
    return c.json({ data, nextCursor: result.value.nextCursor }, 200);
  });

  app.openapi(run, async (c) => {
    const deps = c.get("deps");
    const { id: organizationId, importId } = c.req.valid("param");
    const result = await runImport(deps, callOf(c), { organizationId, importId });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.executionCtx.waitUntil(driveImports(deps, callOf(c)));
    c.header("cache-control", privateCache);
    return c.json(toImportView(result.value), 202);
  });

  app.openapi(remove, async (c) => {
    const { id: organizationId, importId } = c.req.valid("param");
    const result = await removeImport(c.get("deps"), callOf(c), { organizationId, importId });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    return c.body(null, 204);
  });
}

function toImportView(known: CountedImport): EventImportView {
  const { id, organizationId, status, columns, lines: counted, createdAtMs, finishedAtMs } = known;
  return {
    id,
    organizationId,
    status,
    columns: { recognized: [...columns.recognized], ignored: [...columns.ignored] },
    lines: counted,
    createdAt: toRfc3339(createdAtMs),
    finishedAt: finishedAtMs === null ? null : toRfc3339(finishedAtMs),
  };
}
