import { eventAccessHeader } from "@foyer/auth/event-access";
import {
  eventIdPathSchema,
  eventMediaPathSchema,
  mediaPageSchema,
  mediaPathSchema,
  mediaSchema,
} from "@foyer/contracts/events/api";
import { eventsErrors } from "@foyer/contracts/events/errors";
import { pageQuerySchema } from "@foyer/contracts/shared/schemas";
import { type AppContext, type AppEnv, problem } from "@foyer/http/app";
import { parseByteRange, rangeApplies, rangeResponse } from "@foyer/http/byte-range";
import { decodeCursor, toPage } from "@foyer/http/cursor";
import { etagOf, isNotModified } from "@foyer/http/etag";
import { bearerAuth, emptyResponse, responses } from "@foyer/http/responses";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import * as z from "zod";
import type { Deps } from "../deps.ts";
import { findMedia, listMedia } from "../service/find-media.ts";
import { removeMedia } from "../service/remove-media.ts";
import { uploadMedia } from "../service/upload-media.ts";
import { callOf, privateCache, publicCache } from "./call.ts";
import { toMediaView } from "./views.ts";

const tags = ["Media"];
const collection = "/v1/events/{id}/media";
const binary = z.custom<Uint8Array>().meta({ type: "string", format: "binary" });

const upload = createRoute({
  method: "post",
  path: collection,
  operationId: "uploadMedia",
  tags,
  summary: "Upload one image; its type is decided by its content",
  security: bearerAuth,
  request: { params: eventIdPathSchema, body: { required: true, content: { "image/*": { schema: binary } } } },
  responses: responses(201, "The image", mediaSchema),
});

const list = createRoute({
  method: "get",
  path: collection,
  operationId: "listMedia",
  tags,
  summary: "List an event's images",
  request: { params: eventIdPathSchema, query: pageQuerySchema },
  responses: responses(200, "Oldest first", mediaPageSchema),
});

const remove = createRoute({
  method: "delete",
  path: `${collection}/{mediaId}`,
  operationId: "deleteMedia",
  tags,
  summary: "Remove an image",
  security: bearerAuth,
  request: { params: eventMediaPathSchema },
  responses: emptyResponse(204, "Removed"),
});

const deliver = createRoute({
  method: "get",
  path: "/v1/media/{mediaId}",
  operationId: "getMedia",
  tags,
  summary: "Read an image's bytes",
  request: { params: mediaPathSchema },
  responses: {
    200: { description: "The image", content: { "image/*": { schema: binary } } },
    206: { description: "A stretch of it", content: { "image/*": { schema: binary } } },
    304: { description: "The caller has it" },
    default: responses(200, "", mediaSchema).default,
  },
});

/** An image's bytes never change under its id; a day bounds how long a copy outlives its removal. */
const mediaCache = "public, max-age=86400, immutable";
const cursorSchema = z.tuple([z.string().max(64)]);

/** `Content-Length` as a whole number, or null where the length is not known beforehand. */
function declaredLength(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : null;
}

/** Images: upload, list, remove, deliver. */
export function addMediaRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(upload, async (c) => {
    const deps = c.get("deps");
    const result = await uploadMedia(deps, callOf(c), {
      eventId: c.req.valid("param").id,
      body: c.req.raw.body,
      declaredBytes: declaredLength(c.req.header("content-length")),
    });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    const { media, cover } = result.value;
    c.header("location", `/v1/media/${media.id}`);
    c.header("cache-control", privateCache);
    return c.json(toMediaView(media, cover, deps.publicUrl), 201);
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
    const { media, coverId, open } = result.value;
    const lastId = after?.value[0] ?? "";
    const page = toPage(
      media.filter((image) => image.id > lastId),
      limit,
      (image) => [image.id],
    );
    c.header("cache-control", open && c.get("actor").kind === "anonymous" ? publicCache : privateCache);
    c.header("vary", open ? "authorization" : "authorization, x-event-access");
    const data = page.data.map((image) => toMediaView(image, image.id === coverId, deps.publicUrl));
    return c.json({ data, nextCursor: page.nextCursor }, 200);
  });

  app.openapi(remove, async (c) => {
    const { id: eventId, mediaId } = c.req.valid("param");
    const result = await removeMedia(c.get("deps"), callOf(c), { eventId, mediaId });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    return c.body(null, 204);
  });

  app.openapi(deliver, async (c) => answerWithImage(c, c.req.valid("param")));
}

type MediaPath = z.infer<typeof mediaPathSchema>;

async function answerWithImage(c: AppContext<Deps>, { mediaId }: MediaPath): Promise<never> {
  const deps = c.get("deps");
  const found = await findMedia(deps, callOf(c), { mediaId, grant: c.req.header(eventAccessHeader) });
  if (!found.ok) return problem(c, eventsErrors, found.error);
  const { media, open } = found.value;
  const etag = etagOf(media.sha256);
  const headers = {
    etag,
    "content-type": media.contentType,
    "content-disposition": "inline",
    "x-content-type-options": "nosniff",
    // Should a browser be led to take it for a document all the same, nothing in it runs.
    "content-security-policy": "default-src 'none'; sandbox",
    "cache-control": open ? mediaCache : privateCache,
    vary: open ? "authorization" : "authorization, x-event-access",
  };
  // Ranges and bytes are not JSON, so hono's typed responses have no word for these answers.
  if (isNotModified(c.req.header("if-none-match"), etag)) return new Response(null, { status: 304, headers }) as never;

  const ranged = rangeApplies(c.req.header("if-range"), media.sha256) ? c.req.header("range") : undefined;
  const range = parseByteRange(ranged, media.sizeBytes);
  if (range === "unsatisfiable") {
    const refusal: Response = problem(c, eventsErrors, {
      code: "events.range_not_satisfiable",
      detail: `The image has ${media.sizeBytes} bytes.`,
    });
    refusal.headers.set("content-range", `bytes */${media.sizeBytes}`);
    return refusal as never;
  }
  const body = c.req.method === "HEAD" ? null : await deps.images.read(media.id, range);
  if (body === null && c.req.method !== "HEAD")
    return problem(c, eventsErrors, { code: "events.media_not_found", detail: "No such image." });
  return rangeResponse(body, media.sizeBytes, range, headers) as never;
}
