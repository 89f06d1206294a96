import { eventAccessHeader } from "@foyer/auth/event-access";
import { eventIdPathSchema } from "@foyer/contracts/events/api";
import { eventsErrors } from "@foyer/contracts/events/errors";
import {
  eventMediaPathSchema,
  mediaPageSchema,
  mediaSchema,
  orderMediaSchema,
  updateMediaSchema,
} from "@foyer/contracts/events/media";
import { pageQuerySchema } from "@foyer/contracts/shared/schemas";
import { type AppEnv, problem } from "@foyer/http/app";
import { decodeCursor, toPage } from "@foyer/http/cursor";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import * as z from "zod";
import type { Deps } from "../deps.ts";
import { listMedia } from "../service/find-media.ts";
import { orderMedia } from "../service/order-media.ts";
import { removeMedia } from "../service/remove-media.ts";
import { updateMedia } from "../service/update-media.ts";
import { uploadMedia } from "../service/upload-media.ts";
import { callOf, privateCache, publicCache } from "./call.ts";
import { toMediaView } from "./media-views.ts";
import { binarySchema, declaredBody } from "./raw-body.ts";

const tags = ["Media"];
const collection = "/v1/events/{id}/media";

const upload = createRoute({
  method: "post",
  path: collection,
  operationId: "uploadMedia",
  tags,
  summary: "Upload one image, video or document; its type is decided by its content",
  security: bearerAuth,
  request: {
    params: eventIdPathSchema,
    body: {
      required: true,
      content: {
        "image/*": { schema: binarySchema },
        "video/mp4": { schema: binarySchema },
        "application/pdf": { schema: binarySchema },
      },
    },
  },
  responses: responses(201, "What is shown", mediaSchema),
});

const list = createRoute({
  method: "get",
  path: collection,
  operationId: "listMedia",
  tags,
  summary: "List an event's images, videos and documents",
  request: { params: eventIdPathSchema, query: pageQuerySchema },
  responses: responses(200, "In their order", mediaPageSchema),
});

const update = createRoute({
  method: "patch",
  path: `${collection}/{mediaId}`,
  operationId: "updateMedia",
  tags,
  summary: "Say what an image shows, or make it the cover",
  security: bearerAuth,
  request: { params: eventMediaPathSchema, ...jsonBody(updateMediaSchema) },
  responses: responses(200, "As it is now", mediaSchema),
});

const remove = createRoute({
  method: "delete",
  path: `${collection}/{mediaId}`,
  operationId: "deleteMedia",
  tags,
  summary: "Remove an image, video or document",
  security: bearerAuth,
  request: { params: eventMediaPathSchema },
  responses: emptyResponse(204, "Removed"),
});

const order = createRoute({
  method: "put",
  path: `${collection}/order`,
  operationId: "orderMedia",
  tags,
  summary: "Put an event's media in order",
  security: bearerAuth,
  request: { params: eventIdPathSchema, ...jsonBody(orderMediaSchema) },
  responses: responses(200, "All of them, in their order", mediaPageSchema),
});

const cursorSchema = z.tuple([z.int().min(0), z.string().max(64)]);

/** Media of an event: upload, list, describe, order, remove. */
export function addMediaRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(upload, async (c) => {
    const deps = c.get("deps");
    const declared = declaredBody(c);
    if (!declared.ok) return problem(c, eventsErrors, declared.error);
    const result = await uploadMedia(deps, callOf(c), { eventId: c.req.valid("param").id, ...declared.value });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    const { media, event } = result.value;
    c.header("location", `/v1/media/${media.id}`);
    c.header("cache-control", privateCache);
    return c.json(toMediaView(media, event, deps.mediaAddresses), 201);
  });

  app.openapi(list, async (c) => {
    const deps = c.get("deps");
    const { limit, cursor } = c.req.valid("query");
    const after = cursor === undefined ? null : decodeCursor(cursor, cursorSchema);
    if (after !== null && !after.ok) return problem(c, eventsErrors, after.error);
    const result = await listMedia(deps, callOf(c), {
      eventId: c.req.valid("param").id,
      grant: c.req.header(eventAccessHeader),
    });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    const { media, event, open } = result.value;
    const [position, id] = after?.value ?? [-1, ""];
    const page = toPage(
      media.filter((each) => each.position > position || (each.position === position && each.id > id)),
      limit,
      (each) => [each.position, each.id],
    );
    // Signed addresses are for who was given them.
    c.header("cache-control", open && c.get("actor").kind === "anonymous" ? publicCache : privateCache);
    c.header("vary", open ? "authorization" : "authorization, x-event-access");
    const data = page.data.map((each) => toMediaView(each, event, deps.mediaAddresses));
    return c.json({ data, nextCursor: page.nextCursor }, 200);
  });

  app.openapi(update, async (c) => {
    const deps = c.get("deps");
    const { id: eventId, mediaId } = c.req.valid("param");
    const result = await updateMedia(deps, callOf(c), { eventId, mediaId, patch: c.req.valid("json") });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("cache-control", privateCache);
    return c.json(toMediaView(result.value.media, result.value.event, deps.mediaAddresses), 200);
  });

  app.openapi(remove, async (c) => {
    const { id: eventId, mediaId } = c.req.valid("param");
    const result = await removeMedia(c.get("deps"), callOf(c), { eventId, mediaId });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    return c.body(null, 204);
  });

  app.openapi(order, async (c) => {
    const deps = c.get("deps");
    const { mediaIds } = c.req.valid("json");
    const result = await orderMedia(deps, callOf(c), { eventId: c.req.valid("param").id, mediaIds });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    const { media, event } = result.value;
    c.header("cache-control", privateCache);
    return c.json({ data: media.map((each) => toMediaView(each, event, deps.mediaAddresses)), nextCursor: null }, 200);
  });
}
