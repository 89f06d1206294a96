import { idSchema, pageQuerySchema } from "@foyer/contracts/shared/schemas";
import {
  passkeyLoginBodySchema,
  passkeyOptionsSchema,
  passkeyPageSchema,
  passkeySchema,
  registerPasskeyBodySchema,
  renamePasskeyBodySchema,
} from "@foyer/contracts/users/api/second-factors";
import { signedInSchema } from "@foyer/contracts/users/api/sessions";
import { usersErrors } from "@foyer/contracts/users/errors";
import { problem, respond } from "@foyer/http/app";
import { toPage } from "@foyer/http/cursor";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { toRfc3339 } from "@foyer/kernel/clock";
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import type { Passkey } from "../repository/passkeys.ts";
import { beginAssertion, beginRegistration } from "../service/passkeys/begin-passkey.ts";
import { listPasskeys } from "../service/passkeys/list-passkeys.ts";
import { registerPasskey } from "../service/passkeys/register-passkey.ts";
import { removePasskey } from "../service/passkeys/remove-passkey.ts";
import { renamePasskey } from "../service/passkeys/rename-passkey.ts";
import { signInByPasskey } from "../service/passkeys/sign-in-by-passkey.ts";
import { callOf, decodeAfter, personal, type UsersApp } from "./call.ts";
import { signedInBody } from "./session-answer.ts";

const path = "/v1/users/profile/passkeys";
const tags = ["Passkeys"];
const idParams = z.object({ id: idSchema("passkey") });

const registerOptions = createRoute({
  method: "post",
  path: "/v1/auth/passkeys/register/options",
  operationId: "getPasskeyRegistrationOptions",
  tags,
  summary: "Begin to make a passkey for the caller's account; needs a fresh proof",
  security: bearerAuth,
  responses: responses(200, "For `navigator.credentials.create`", passkeyOptionsSchema),
});

const registerVerify = createRoute({
  method: "post",
  path: "/v1/auth/passkeys/register/verify",
  operationId: "registerPasskey",
  tags,
  summary: "Keep the passkey that was made; needs a fresh proof",
  security: bearerAuth,
  request: jsonBody(registerPasskeyBodySchema),
  responses: responses(201, "The passkey", passkeySchema),
});

const loginOptions = createRoute({
  method: "post",
  path: "/v1/auth/passkeys/login/options",
  operationId: "getPasskeyOptions",
  tags,
  summary: "Begin to show a passkey: to sign in, as a second factor, or to prove oneself again",
  responses: responses(200, "For `navigator.credentials.get`", passkeyOptionsSchema),
});

const loginVerify = createRoute({
  method: "post",
  path: "/v1/auth/passkeys/login/verify",
  operationId: "loginByPasskey",
  tags,
  summary: "Sign in by passkey",
  request: jsonBody(passkeyLoginBodySchema),
  responses: responses(200, "A new session", signedInSchema),
});

const list = createRoute({
  method: "get",
  path,
  operationId: "listPasskeys",
  tags,
  summary: "The caller's passkeys, oldest first",
  security: bearerAuth,
  request: { query: pageQuerySchema },
  responses: responses(200, "A page", passkeyPageSchema),
});

const rename = createRoute({
  method: "patch",
  path: `${path}/{id}`,
  operationId: "renamePasskey",
  tags,
  summary: "Give one of the caller's passkeys another name",
  security: bearerAuth,
  request: { params: idParams, ...jsonBody(renamePasskeyBodySchema) },
  responses: responses(200, "The passkey, renamed", passkeySchema),
});

const remove = createRoute({
  method: "delete",
  path: `${path}/{id}`,
  operationId: "removePasskey",
  tags,
  summary: "Take one of the caller's passkeys away; needs a fresh proof",
  security: bearerAuth,
  request: { params: idParams },
  responses: emptyResponse(204, "The passkey opens nothing any more"),
});

function toPasskeyBody({ id, name, backedUp, createdAtMs, lastUsedAtMs }: Passkey) {
  return {
    id,
    name,
    synced: backedUp,
    createdAt: toRfc3339(createdAtMs),
    lastUsedAt: lastUsedAtMs === null ? null : toRfc3339(lastUsedAtMs),
  };
}

/** Adds the routes by which passkeys are made, shown and looked after. */
export function addPasskeyRoutes(app: UsersApp): void {
  app.openapi(registerOptions, async (c) => {
    personal(c);
    const result = await beginRegistration(c.get("deps"), callOf(c));
    return respond(c, usersErrors, result, 200, (options) => ({ options }));
  });

  app.openapi(registerVerify, async (c) => {
    personal(c);
    const result = await registerPasskey(c.get("deps"), callOf(c), c.req.valid("json"));
    return respond(c, usersErrors, result, 201, toPasskeyBody);
  });

  app.openapi(loginOptions, async (c) => {
    personal(c);
    return respond(c, usersErrors, await beginAssertion(c.get("deps")), 200, (options) => ({ options }));
  });

  app.openapi(loginVerify, async (c) => {
    personal(c);
    const result = await signInByPasskey(c.get("deps"), callOf(c), c.req.valid("json"));
    return respond(c, usersErrors, result, 200, (signedIn) => signedInBody(c, signedIn));
  });

  app.openapi(list, async (c) => {
    personal(c);
    const { limit, cursor } = c.req.valid("query");
    const after = decodeAfter(cursor, idSchema("passkey"));
    if (!after.ok) return problem(c, usersErrors, after.error);
    const result = await listPasskeys(c.get("deps"), callOf(c), { after: after.value, limit: limit + 1 });
    return respond(c, usersErrors, result, 200, (passkeys) => {
      const page = toPage(passkeys, limit, (passkey) => passkey.id);
      return { data: page.data.map(toPasskeyBody), nextCursor: page.nextCursor };
    });
  });

  app.openapi(rename, async (c) => {
    personal(c);
    const input = { passkeyId: c.req.valid("param").id, name: c.req.valid("json").name };
    return respond(c, usersErrors, await renamePasskey(c.get("deps"), callOf(c), input), 200, toPasskeyBody);
  });

  app.openapi(remove, async (c) => {
    personal(c);
    const result = await removePasskey(c.get("deps"), callOf(c), { passkeyId: c.req.valid("param").id });
    return result.ok ? c.body(null, 204) : problem(c, usersErrors, result.error);
  });
}
