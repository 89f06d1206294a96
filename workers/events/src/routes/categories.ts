import {
  categoryPageSchema,
  categoryPathSchema,
  categorySchema,
  createCategorySchema,
  updateCategorySchema,
} from "@foyer/contracts/events/api";
import { eventsErrors } from "@foyer/contracts/events/errors";
import { pageQuerySchema } from "@foyer/contracts/shared/schemas";
import { type AppEnv, problem } from "@foyer/http/app";
import { decodeCursor, toPage } from "@foyer/http/cursor";
import { etagOf } from "@foyer/http/etag";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import * as z from "zod";
import type { Deps } from "../deps.ts";
import { createCategory } from "../service/create-category.ts";
import { deleteCategory } from "../service/delete-category.ts";
import { updateCategory } from "../service/update-category.ts";
import { callOf, privateCache, publicCache } from "./call.ts";

const tags = ["Categories"];
const path = "/v1/categories/{id}";

const list = createRoute({
  method: "get",
  path: "/v1/categories",
  operationId: "listCategories",
  tags,
  summary: "List categories",
  request: { query: pageQuerySchema },
  responses: responses(200, "By slug", categoryPageSchema),
});

const create = createRoute({
  method: "post",
  path: "/v1/categories",
  operationId: "createCategory",
  tags,
  summary: "Add a category",
  security: bearerAuth,
  request: jsonBody(createCategorySchema),
  responses: responses(201, "The category", categorySchema),
});

const update = createRoute({
  method: "patch",
  path,
  operationId: "updateCategory",
  tags,
  summary: "Rename a category",
  security: bearerAuth,
  request: { params: categoryPathSchema, ...jsonBody(updateCategorySchema) },
  responses: responses(200, "The category as it is now", categorySchema),
});

const remove = createRoute({
  method: "delete",
  path,
  operationId: "deleteCategory",
  tags,
  summary: "Remove a category that no event has",
  security: bearerAuth,
  request: { params: categoryPathSchema },
  responses: emptyResponse(204, "Removed"),
});

const cursorSchema = z.tuple([z.string().max(64)]);

/** Categories: anyone reads them, administrators of the platform keep them. */
export function addCategoryRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const after = cursor === undefined ? null : decodeCursor(cursor, cursorSchema);
    if (after !== null && !after.ok) return problem(c, eventsErrors, after.error);
    const rows = await c.get("deps").categories.list({ limit: limit + 1, after: after?.value[0] ?? "" });
    c.header("cache-control", publicCache);
    return c.json(
      toPage(rows, limit, (row) => [row.slug]),
      200,
    );
  });

  app.openapi(create, async (c) => {
    const result = await createCategory(c.get("deps"), callOf(c), c.req.valid("json"));
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("etag", etagOf(result.value.version));
    c.header("cache-control", privateCache);
    return c.json(result.value, 201);
  });

  app.openapi(update, async (c) => {
    const { id } = c.req.valid("param");
    const input = { id, ifMatch: c.req.header("if-match"), patch: c.req.valid("json") };
    const result = await updateCategory(c.get("deps"), callOf(c), input);
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("etag", etagOf(result.value.version));
    c.header("cache-control", privateCache);
    return c.json(result.value, 200);
  });

  app.openapi(remove, async (c) => {
    const { id } = c.req.valid("param");
    const result = await deleteCategory(c.get("deps"), callOf(c), { id, ifMatch: c.req.header("if-match") });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    return c.body(null, 204);
  });
}
