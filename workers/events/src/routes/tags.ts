import { eventsErrors } from "@foyer/contracts/events/errors";
import {
  createTagSchema,
  listTagsQuerySchema,
  tagPageSchema,
  tagPathSchema,
  tagViewSchema,
  updateTagSchema,
} from "@foyer/contracts/events/tags";
import { type AppEnv, problem } from "@foyer/http/app";
import { etagOf } from "@foyer/http/etag";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import { createTag } from "../service/create-tag.ts";
import { deleteTag } from "../service/delete-tag.ts";
import { listTags } from "../service/list-tags.ts";
import { renameTag } from "../service/rename-tag.ts";
import { callOf, privateCache, publicCache } from "./call.ts";
import { toTagView } from "./place-views.ts";

const tags = ["Tags"];
const path = "/v1/tags/{tag}";

const list = createRoute({
  method: "get",
  path: "/v1/tags",
  operationId: "listTags",
  tags,
  summary: "List the tags of public events",
  request: { query: listTagsQuerySchema },
  responses: responses(200, "The most used first, of equals by name", tagPageSchema),
});

const create = createRoute({
  method: "post",
  path: "/v1/tags",
  operationId: "createTag",
  tags,
  summary: "Keep a tag, also while no event has it",
  security: bearerAuth,
  request: jsonBody(createTagSchema),
  responses: responses(201, "The tag", tagViewSchema),
});

const update = createRoute({
  method: "patch",
  path,
  operationId: "renameTag",
  tags,
  summary: "Give a tag another name, or make it one with another tag",
  security: bearerAuth,
  request: { params: tagPathSchema, ...jsonBody(updateTagSchema) },
  responses: responses(200, "The tag of that name; its count grows as events follow", tagViewSchema),
});

const remove = createRoute({
  method: "delete",
  path,
  operationId: "deleteTag",
  tags,
  summary: "Take a tag out of all events",
  security: bearerAuth,
  request: { params: tagPathSchema },
  responses: emptyResponse(204, "Taken out; events follow"),
});

/** Tags: anyone reads them, administrators of the platform keep, rename and remove them. */
export function addTagRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(list, async (c) => {
    const { q, limit, cursor } = c.req.valid("query");
    const result = await listTags(c.get("deps"), { q, limit, cursor });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("cache-control", publicCache);
    return c.json({ data: result.value.data.map(toTagView), nextCursor: result.value.nextCursor }, 200);
  });

  app.openapi(create, async (c) => {
    const result = await createTag(c.get("deps"), callOf(c), c.req.valid("json"));
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("etag", etagOf(result.value.version));
    c.header("cache-control", privateCache);
    return c.json(toTagView(result.value), 201);
  });

  app.openapi(update, async (c) => {
    const { tag } = c.req.valid("param");
    const input = { tag, ifMatch: c.req.header("if-match"), name: c.req.valid("json").name };
    const result = await renameTag(c.get("deps"), callOf(c), input);
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("etag", etagOf(result.value.version));
    c.header("cache-control", privateCache);
    return c.json(toTagView(result.value), 200);
  });

  app.openapi(remove, async (c) => {
    const { tag } = c.req.valid("param");
    const result = await deleteTag(c.get("deps"), callOf(c), { tag, ifMatch: c.req.header("if-match") });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    return c.body(null, 204);
  });
}
