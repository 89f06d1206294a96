import { eventIdPathSchema } from "@foyer/contracts/events/api";
import { eventsErrors } from "@foyer/contracts/events/errors";
import {
  mediaSchema,
  openUploadSchema,
  uploadPartPathSchema,
  uploadPartSchema,
  uploadPathSchema,
  uploadSchema,
} from "@foyer/contracts/events/media";
import { type AppEnv, problem } from "@foyer/http/app";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import { abortUpload } from "../service/abort-upload.ts";
import { completeUpload } from "../service/complete-upload.ts";
import { findUpload } from "../service/find-upload.ts";
import { openUpload } from "../service/open-upload.ts";
import { sendPart } from "../service/send-part.ts";
import { callOf, privateCache } from "./call.ts";
import { toMediaView, toUploadView } from "./media-views.ts";
import { binarySchema, declaredBody } from "./raw-body.ts";

const tags = ["Media"];
const collection = "/v1/events/{id}/media/uploads";

const open = createRoute({
  method: "post",
  path: collection,
  operationId: "openUpload",
  tags,
  summary: "Begin to send a file in parts",
  security: bearerAuth,
  request: { params: eventIdPathSchema, ...jsonBody(openUploadSchema) },
  responses: responses(201, "Which parts to send", uploadSchema),
});

const read = createRoute({
  method: "get",
  path: `${collection}/{uploadId}`,
  operationId: "getUpload",
  tags,
  summary: "Which parts have arrived",
  security: bearerAuth,
  request: { params: uploadPathSchema },
  responses: responses(200, "The upload", uploadSchema),
});

const send = createRoute({
  method: "put",
  path: `${collection}/{uploadId}/parts/{number}`,
  operationId: "sendUploadPart",
  tags,
  summary: "Send one part, in any order, as often as needed",
  description: "A `Content-Digest` with the SHA-256 of the part (RFC 9530) is checked.",
  security: bearerAuth,
  request: {
    params: uploadPartPathSchema,
    body: { required: true, content: { "application/octet-stream": { schema: binarySchema } } },
  },
  responses: responses(200, "The part has arrived", uploadPartSchema),
});

const complete = createRoute({
  method: "post",
  path: `${collection}/{uploadId}/complete`,
  operationId: "completeUpload",
  tags,
  summary: "Make the parts one file and show it; repeated, it is the same",
  security: bearerAuth,
  request: { params: uploadPathSchema },
  responses: responses(201, "What is shown", mediaSchema),
});

const abort = createRoute({
  method: "delete",
  path: `${collection}/{uploadId}`,
  operationId: "abortUpload",
  tags,
  summary: "Give an upload up",
  security: bearerAuth,
  request: { params: uploadPathSchema },
  responses: emptyResponse(204, "Given up, with all that had arrived"),
});

/** Uploads in parts: open, send, look, complete, give up. */
export function addUploadRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(open, async (c) => {
    const eventId = c.req.valid("param").id;
    const result = await openUpload(c.get("deps"), callOf(c), { eventId, wanted: c.req.valid("json") });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    const { upload, parts } = result.value;
    c.header("location", `/v1/events/${eventId}/media/uploads/${upload.id}`);
    c.header("cache-control", privateCache);
    return c.json(toUploadView(upload, parts), 201);
  });

  app.openapi(read, async (c) => {
    const { id: eventId, uploadId } = c.req.valid("param");
    const result = await findUpload(c.get("deps"), callOf(c), { eventId, uploadId });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("cache-control", privateCache);
    return c.json(toUploadView(result.value.upload, result.value.parts), 200);
  });

  app.openapi(send, async (c) => {
    const { id: eventId, uploadId, number } = c.req.valid("param");
    const declared = declaredBody(c);
    if (!declared.ok) return problem(c, eventsErrors, declared.error);
    const result = await sendPart(c.get("deps"), callOf(c), { eventId, uploadId, number, ...declared.value });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    const { sizeBytes, sha256 } = result.value;
    c.header("cache-control", privateCache);
    return c.json({ number, sizeBytes, sha256 }, 200);
  });

  app.openapi(complete, async (c) => {
    const { id: eventId, uploadId } = c.req.valid("param");
    const deps = c.get("deps");
    const result = await completeUpload(deps, callOf(c), { eventId, uploadId });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    const { media, event } = result.value;
    c.header("location", `/v1/media/${media.id}`);
    c.header("cache-control", privateCache);
    return c.json(toMediaView(media, event, deps.mediaAddresses), 201);
  });

  app.openapi(abort, async (c) => {
    const { id: eventId, uploadId } = c.req.valid("param");
    const result = await abortUpload(c.get("deps"), callOf(c), { eventId, uploadId });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    return c.body(null, 204);
  });
}
