import { idSchema, pageQuerySchema, toEpochMs } from "@foyer/contracts/shared/schemas";
import {
  apiKeyBodySchema,
  apiKeyPageSchema,
  apiKeyPatchSchema,
  apiKeySchema,
  newApiKeySchema,
  rotateApiKeyBodySchema,
} from "@foyer/contracts/users/api/api-keys";
import { usersErrors } from "@foyer/contracts/users/errors";
import { problem, respond } from "@foyer/http/app";
import { toPage } from "@foyer/http/cursor";
import { etagOf } from "@foyer/http/etag";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { toRfc3339 } from "@foyer/kernel/clock";
import { createRoute } from "@hono/zod-openapi";
import { type ApiKey, keyState, prefixOf } from "../domain/api-key.ts";
import { createApiKey, type NewApiKey } from "../service/api-keys/create-api-key.ts";
import { listApiKeys } from "../service/api-keys/list-api-keys.ts";
import { readApiKey } from "../service/api-keys/read-api-key.ts";
import { renameApiKey } from "../service/api-keys/rename-api-key.ts";
import { revokeApiKey } from "../service/api-keys/revoke-api-key.ts";
import { rotateApiKey } from "../service/api-keys/rotate-api-key.ts";
import { callOf, decodeAfter, notModified, personal, type UsersApp } from "./call.ts";
import { organizationParams } from "./organizations.ts";

const path = "/v1/organizations/{id}/api-keys";
const tags = ["Organizations"];
const keyParams = organizationParams.extend({ keyId: idSchema("apiKey") });

const create = createRoute({
  method: "post",
  path,
  operationId: "createApiKey",
  tags,
  summary: "Make an API key; its secret is shown this once",
  security: bearerAuth,
  request: { params: organizationParams, ...jsonBody(apiKeyBodySchema) },
  responses: responses(201, "The key and its secret", newApiKeySchema),
});

const list = createRoute({
  method: "get",
  path,
  operationId: "listApiKeys",
  tags,
  summary: "An organization's API keys, oldest first",
  security: bearerAuth,
  request: { params: organizationParams, query: pageQuerySchema },
  responses: responses(200, "A page", apiKeyPageSchema),
});

const read = createRoute({
  method: "get",
  path: `${path}/{keyId}`,
  operationId: "getApiKey",
  tags,
  summary: "One API key",
  security: bearerAuth,
  request: { params: keyParams },
  responses: responses(200, "The key", apiKeySchema),
});

const rename = createRoute({
  method: "patch",
  path: `${path}/{keyId}`,
  operationId: "renameApiKey",
  tags,
  summary: "Call an API key otherwise",
  security: bearerAuth,
  request: { params: keyParams, ...jsonBody(apiKeyPatchSchema) },
  responses: responses(200, "The key, renamed", apiKeySchema),
});

const revoke = createRoute({
  method: "delete",
  path: `${path}/{keyId}`,
  operationId: "revokeApiKey",
  tags,
  summary: "End an API key; it opens nothing within a minute",
  security: bearerAuth,
  request: { params: keyParams },
  responses: emptyResponse(204, "The key has ended"),
});

const rotate = createRoute({
  method: "post",
  path: `${path}/{keyId}/rotate`,
  operationId: "rotateApiKey",
  tags,
  summary: "Give an API key another secret, shown this once; the one before works on for a while",
  security: bearerAuth,
  request: { params: keyParams, ...jsonBody(rotateApiKeyBodySchema) },
  responses: responses(200, "The key and its new secret", newApiKeySchema),
});

const orNull = (atMs: number | null): string | null => (atMs === null ? null : toRfc3339(atMs));

function toApiKeyBody({ id, name, scopes, createdBy, ...times }: ApiKey) {
  return {
    id,
    name,
    prefix: prefixOf(id),
    scopes: [...scopes],
    createdBy,
    createdAt: toRfc3339(times.createdAtMs),
    rotatedAt: orNull(times.rotatedAtMs),
    lastUsedAt: orNull(times.lastUsedAtMs),
    expiresAt: orNull(times.expiresAtMs),
  };
}

function toNewKeyBody({ apiKey, secret }: NewApiKey) {
  return { apiKey: toApiKeyBody(apiKey), secret };
}

/** Adds the routes of API keys. Those that answer with a secret keep no answers, see docs/adr/0002-credentials-and-idempotency-keys.md. */
export function addApiKeyRoutes(app: UsersApp): void {
  app.openapi(create, async (c) => {
    const { name, scopes, expiresAt } = c.req.valid("json");
    const result = await createApiKey(c.get("deps"), callOf(c), {
      organizationId: c.req.valid("param").id,
      name,
      scopes,
      expiresAtMs: expiresAt === undefined || expiresAt === null ? null : toEpochMs(expiresAt),
    });
    personal(c, result.ok ? etagOf(keyState(result.value.apiKey)) : undefined);
    return respond(c, usersErrors, result, 201, toNewKeyBody);
  });

  app.openapi(list, async (c) => {
    personal(c);
    const { limit, cursor } = c.req.valid("query");
    const after = decodeAfter(cursor, idSchema("apiKey"));
    if (!after.ok) return problem(c, usersErrors, after.error);
    const input = { organizationId: c.req.valid("param").id, after: after.value, limit: limit + 1 };
    const result = await listApiKeys(c.get("deps"), callOf(c), input);
    return respond(c, usersErrors, result, 200, (rows) => {
      const page = toPage(rows, limit, (row) => row.id);
      return { data: page.data.map(toApiKeyBody), nextCursor: page.nextCursor };
    });
  });

  app.openapi(read, async (c) => {
    const { id, keyId } = c.req.valid("param");
    const result = await readApiKey(c.get("deps"), callOf(c), { organizationId: id, keyId });
    if (!result.ok) return problem(c, usersErrors, result.error);
    const etag = etagOf(keyState(result.value));
    const known = notModified(c, etag);
    if (known !== null) return known as never; // typed responses are successes; 304 is an answer to every conditional read
    personal(c, etag);
    return c.json(toApiKeyBody(result.value), 200);
  });

  app.openapi(rename, async (c) => {
    const { id, keyId } = c.req.valid("param");
    const { name } = c.req.valid("json");
    const input = { organizationId: id, keyId, name, ifMatch: c.req.header("if-match") };
    const result = await renameApiKey(c.get("deps"), callOf(c), input);
    personal(c, result.ok ? etagOf(keyState(result.value)) : undefined);
    return respond(c, usersErrors, result, 200, toApiKeyBody);
  });

  app.openapi(revoke, async (c) => {
    personal(c);
    const { id, keyId } = c.req.valid("param");
    const input = { organizationId: id, keyId, ifMatch: c.req.header("if-match") };
    const result = await revokeApiKey(c.get("deps"), callOf(c), input);
    return result.ok ? c.body(null, 204) : problem(c, usersErrors, result.error);
  });

  app.openapi(rotate, async (c) => {
    const { id, keyId } = c.req.valid("param");
    const { overlapSeconds } = c.req.valid("json");
    const input = { organizationId: id, keyId, overlapSeconds, ifMatch: c.req.header("if-match") };
    const result = await rotateApiKey(c.get("deps"), callOf(c), input);
    personal(c, result.ok ? etagOf(keyState(result.value.apiKey)) : undefined);
    return respond(c, usersErrors, result, 200, toNewKeyBody);
  });
}
