import {
  categoryPageSchema,
  categoryPathSchema,
  categoryWithNamesSchema,
  createCategorySchema,
  listCategoriesQuerySchema,
  localeQuerySchema,
  updateCategorySchema,
} from "@foyer/contracts/events/categories";
import { eventsErrors } from "@foyer/contracts/events/errors";
import { type AppContext, type AppEnv, problem } from "@foyer/http/app";
import { etagOf } from "@foyer/http/etag";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import { createCategory } from "../service/create-category.ts";
import { deleteCategory } from "../service/delete-category.ts";
import { getCategory } from "../service/get-category.ts";
import { listCategories } from "../service/list-categories.ts";
import { updateCategory } from "../service/update-category.ts";
import { callOf, privateCache, publicCache } from "./call.ts";
import { toCategoryView, toCategoryWithNamesView } from "./place-views.ts";

const tags = ["Categories"];
const path = "/v1/categories/{id}";

const list = createRoute({
  method: "get",
  path: "/v1/categories",
  operationId: "listCategories",
  tags,
  summary: "List categories, each before those below it",
  request: { query: listCategoriesQuerySchema },
  responses: responses(200, "In the order of the tree, with names in the reader's language", categoryPageSchema),
});

const create = createRoute({
  method: "post",
  path: "/v1/categories",
  operationId: "createCategory",
  tags,
  summary: "Add a category",
  security: bearerAuth,
  request: jsonBody(createCategorySchema),
  responses: responses(201, "The category", categoryWithNamesSchema),
});

const read = createRoute({
  method: "get",
  path,
  operationId: "getCategory",
  tags,
  summary: "Read a category with its names in all languages",
  request: { params: categoryPathSchema, query: localeQuerySchema },
  responses: responses(200, "The category", categoryWithNamesSchema),
});

const update = createRoute({
  method: "patch",
  path,
  operationId: "updateCategory",
  tags,
  summary: "Rename, translate or move a category",
  security: bearerAuth,
  request: { params: categoryPathSchema, ...jsonBody(updateCategorySchema) },
  responses: responses(200, "The category as it is now", categoryWithNamesSchema),
});

const remove = createRoute({
  method: "delete",
  path,
  operationId: "deleteCategory",
  tags,
  summary: "Remove a category that no event and no other category has",
  security: bearerAuth,
  request: { params: categoryPathSchema },
  responses: emptyResponse(204, "Removed"),
});

/** What the reader wants names in; says that the answer depends on the header, where it does, since shared caches must know. */
function wantedOf(c: AppContext<Deps>, locale: string | undefined): string | undefined {
  if (locale !== undefined) return locale;
  c.header("vary", "accept-language");
  return c.req.header("accept-language");
}

/** Categories: anyone reads them, administrators of the platform keep them. */
export function addCategoryRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(list, async (c) => {
    const { limit, cursor, locale } = c.req.valid("query");
    const result = await listCategories(c.get("deps"), { limit, cursor });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("cache-control", publicCache);
    const wanted = wantedOf(c, locale);
    const { data, nextCursor } = result.value;
    return c.json({ data: data.map((category) => toCategoryView(category, wanted)), nextCursor }, 200);
  });

  app.openapi(create, async (c) => {
    const result = await createCategory(c.get("deps"), callOf(c), c.req.valid("json"));
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("location", `/v1/categories/${result.value.id}`);
    c.header("etag", etagOf(result.value.version));
    c.header("cache-control", privateCache);
    return c.json(toCategoryWithNamesView(result.value, undefined), 201);
  });

  app.openapi(read, async (c) => {
    const result = await getCategory(c.get("deps"), c.req.valid("param"));
    if (!result.ok) return problem(c, eventsErrors, result.error);
    const wanted = wantedOf(c, c.req.valid("query").locale);
    const view = toCategoryWithNamesView(result.value, wanted);
    c.header("cache-control", publicCache);
    c.header("content-language", view.locale);
    // Its path changes with the categories above it and has no version of its own, so nothing but writes is conditional.
    c.header("etag", etagOf(view.version));
    return c.json(view, 200);
  });

  app.openapi(update, async (c) => {
    const { id } = c.req.valid("param");
    const input = { id, ifMatch: c.req.header("if-match"), patch: c.req.valid("json") };
    const result = await updateCategory(c.get("deps"), callOf(c), input);
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("etag", etagOf(result.value.version));
    c.header("cache-control", privateCache);
    return c.json(toCategoryWithNamesView(result.value, undefined), 200);
  });

  app.openapi(remove, async (c) => {
    const { id } = c.req.valid("param");
    const result = await deleteCategory(c.get("deps"), callOf(c), { id, ifMatch: c.req.header("if-match") });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    return c.body(null, 204);
  });
}
