import { idSchema } from "@foyer/contracts/shared/schemas";
import { userSchema } from "@foyer/contracts/users/api/people";
import { usersErrors } from "@foyer/contracts/users/errors";
import { problem, respond } from "@foyer/http/app";
import { etagOf, isNotModified } from "@foyer/http/etag";
import { bearerAuth, emptyResponse, responses } from "@foyer/http/responses";
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { toUserBody } from "../domain/user.ts";
import { removeAvatar } from "../service/avatars/remove-avatar.ts";
import { setAvatar } from "../service/avatars/set-avatar.ts";
import { callOf, personal, type UsersApp } from "./call.ts";

const path = "/v1/users/profile/avatar";
const tags = ["Profile"];
const binary = z.custom<Uint8Array>().meta({ type: "string", format: "binary" });

const set = createRoute({
  method: "post",
  path,
  operationId: "setAvatar",
  tags,
  summary: "Upload the caller's picture: JPEG, PNG or WebP, by its content; only the picture itself is kept",
  security: bearerAuth,
  request: { body: { required: true, content: { "image/*": { schema: binary } } } },
  responses: responses(200, "The account, with its picture", userSchema),
});

const remove = createRoute({
  method: "delete",
  path,
  operationId: "removeAvatar",
  tags,
  summary: "Take the caller's picture away",
  security: bearerAuth,
  responses: emptyResponse(204, "There is none any more"),
});

const deliver = createRoute({
  method: "get",
  path: "/v1/avatars/{avatarId}",
  operationId: "getAvatar",
  tags,
  summary: "Read a picture's bytes",
  request: { params: z.object({ avatarId: idSchema("avatar") }) },
  responses: {
    200: { description: "The picture", content: { "image/*": { schema: binary } } },
    304: { description: "The caller has it" },
    default: emptyResponse(200, "").default,
  },
});

/** Paths whose bodies are not JSON. */
export const avatarUploads = /^\/v1\/users\/profile\/avatar$/;

/** A picture never changes under its id; a day bounds how long a copy outlives its removal. */
const avatarCache = "public, max-age=86400, immutable";

/** `Content-Length` as a whole number, or null where the length is not known beforehand. */
function declaredLength(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : null;
}

/** Adds the routes of people's pictures. */
export function addAvatarRoutes(app: UsersApp): void {
  app.openapi(set, async (c) => {
    const declaredBytes = declaredLength(c.req.header("content-length"));
    const result = await setAvatar(c.get("deps"), callOf(c), { body: c.req.raw.body, declaredBytes });
    personal(c, result.ok ? etagOf(result.value.version) : undefined);
    return respond(c, usersErrors, result, 200, (user) => toUserBody(user, c.get("deps").publicUrl));
  });

  app.openapi(remove, async (c) => {
    personal(c);
    const result = await removeAvatar(c.get("deps"), callOf(c), { ifMatch: c.req.header("if-match") });
    return result.ok ? c.body(null, 204) : problem(c, usersErrors, result.error);
  });

  app.openapi(deliver, async (c) => {
    const { avatarId } = c.req.valid("param");
    const etag = etagOf(avatarId);
    const isKnown = isNotModified(c.req.header("if-none-match"), etag);
    const headOnly = isKnown || c.req.method === "HEAD";
    const avatar = await c.get("deps").avatarStore.read(avatarId, { headOnly });
    if (avatar === null) {
      return problem(c, usersErrors, { code: "users.avatar_not_found", detail: "No such picture." });
    }
    const headers = {
      etag,
      "content-type": avatar.contentType,
      "content-disposition": "inline",
      "x-content-type-options": "nosniff",
      // Should a browser be led to take it for a document all the same, nothing in it runs.
      "content-security-policy": "default-src 'none'; sandbox",
      "cache-control": avatarCache,
    };
    // Bytes are not JSON, so hono's typed responses have no word for these answers.
    if (isKnown) return new Response(null, { status: 304, headers }) as never;
    return new Response(avatar.body, { headers: { ...headers, "content-length": String(avatar.sizeBytes) } }) as never;
  });
}
