import { idSchema, pageQuerySchema } from "@foyer/contracts/shared/schemas";
import {
  organizationBodySchema,
  organizationPageSchema,
  organizationPatchSchema,
  organizationSchema,
  transferBodySchema,
} from "@foyer/contracts/users/api/organizations";
import { usersErrors } from "@foyer/contracts/users/errors";
import { problem, respond } from "@foyer/http/app";
import { toPage } from "@foyer/http/cursor";
import { etagOf } from "@foyer/http/etag";
import { idempotent } from "@foyer/http/idempotency";
import { bearerAuth, jsonBody, responses } from "@foyer/http/responses";
import { toRfc3339 } from "@foyer/kernel/clock";
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import type { Deps } from "../deps.ts";
import { type Organization, organizationVersion } from "../domain/organization.ts";
import { transferOwnership } from "../service/members/transfer-ownership.ts";
import { changeOrganization } from "../service/organizations/change-organization.ts";
import { closeOrganization } from "../service/organizations/close-organization.ts";
import { createOrganization } from "../service/organizations/create-organization.ts";
import { listOrganizations } from "../service/organizations/list-organizations.ts";
import { readOrganization } from "../service/organizations/read-organization.ts";
import { callOf, decodeAfter, notModified, personal, type UsersApp } from "./call.ts";

const path = "/v1/organizations";
const tags = ["Organizations"];
/** The path of an organization. */
export const organizationParams = z.object({ id: idSchema("organization") });

const create = createRoute({
  method: "post",
  path,
  operationId: "createOrganization",
  tags,
  summary: "Open an organization; the caller owns it",
  security: bearerAuth,
  request: jsonBody(organizationBodySchema),
  responses: responses(201, "The organization", organizationSchema),
});

const list = createRoute({
  method: "get",
  path,
  operationId: "listOrganizations",
  tags,
  summary: "The caller's organizations, oldest first",
  security: bearerAuth,
  request: { query: pageQuerySchema },
  responses: responses(200, "A page", organizationPageSchema),
});

const read = createRoute({
  method: "get",
  path: `${path}/{id}`,
  operationId: "getOrganization",
  tags,
  summary: "One of the caller's organizations",
  security: bearerAuth,
  request: { params: organizationParams },
  responses: responses(200, "The organization", organizationSchema),
});

const change = createRoute({
  method: "patch",
  path: `${path}/{id}`,
  operationId: "updateOrganization",
  tags,
  summary: "Change what an organization says of itself",
  security: bearerAuth,
  request: { params: organizationParams, ...jsonBody(organizationPatchSchema) },
  responses: responses(200, "The organization, changed", organizationSchema),
});

const close = createRoute({
  method: "delete",
  path: `${path}/{id}`,
  operationId: "closeOrganization",
  tags,
  summary: "Close an organization, once its events are over; until that is known it takes no new work",
  security: bearerAuth,
  request: { params: organizationParams },
  responses: responses(202, "The organization, closing", organizationSchema),
});

const transfer = createRoute({
  method: "post",
  path: `${path}/{id}/transfer`,
  operationId: "transferOwnership",
  tags,
  summary: "Make a member the owner; the caller becomes an admin",
  security: bearerAuth,
  request: { params: organizationParams, ...jsonBody(transferBodySchema) },
  responses: responses(200, "The organization, with the caller's new role", organizationSchema),
});

/** An organization as the answer shows it to one of its members. */
export function toOrganizationBody({
  closingAtMs,
  version: _version,
  createdAtMs,
  updatedAtMs,
  ...rest
}: Organization) {
  return {
    ...rest,
    status: closingAtMs === null ? ("active" as const) : ("closing" as const),
    createdAt: toRfc3339(createdAtMs),
    updatedAt: toRfc3339(updatedAtMs),
  };
}

/** Adds the routes of organizations. */
export function addOrganizationRoutes(app: UsersApp): void {
  app.on(
    "POST",
    path,
    idempotent<Deps>((deps) => ({ store: deps.idempotency, clock: deps.clock })),
  );

  app.openapi(create, async (c) => {
    const result = await createOrganization(c.get("deps"), callOf(c), c.req.valid("json"));
    personal(c, result.ok ? etagOf(organizationVersion(result.value)) : undefined);
    return respond(c, usersErrors, result, 201, toOrganizationBody);
  });

  app.openapi(list, async (c) => {
    personal(c);
    const { limit, cursor } = c.req.valid("query");
    const after = decodeAfter(cursor, idSchema("organization"));
    if (!after.ok) return problem(c, usersErrors, after.error);
    const result = await listOrganizations(c.get("deps"), callOf(c), { after: after.value, limit: limit + 1 });
    return respond(c, usersErrors, result, 200, (rows) => {
      const page = toPage(rows, limit, (row) => row.id);
      return { data: page.data.map(toOrganizationBody), nextCursor: page.nextCursor };
    });
  });

  app.openapi(read, async (c) => {
    const result = await readOrganization(c.get("deps"), callOf(c), {
      organizationId: c.req.valid("param").id,
      permission: "organization.read",
    });
    if (!result.ok) return problem(c, usersErrors, result.error);
    const etag = etagOf(organizationVersion(result.value));
    const known = notModified(c, etag);
    if (known !== null) return known as never; // typed responses are successes; 304 is an answer to every conditional read
    personal(c, etag);
    return c.json(toOrganizationBody(result.value), 200);
  });

  app.openapi(change, async (c) => {
    const result = await changeOrganization(c.get("deps"), callOf(c), {
      organizationId: c.req.valid("param").id,
      change: c.req.valid("json"),
      ifMatch: c.req.header("if-match"),
    });
    personal(c, result.ok ? etagOf(organizationVersion(result.value)) : undefined);
    return respond(c, usersErrors, result, 200, toOrganizationBody);
  });

  app.openapi(close, async (c) => {
    const result = await closeOrganization(c.get("deps"), callOf(c), {
      organizationId: c.req.valid("param").id,
      ifMatch: c.req.header("if-match"),
    });
    personal(c, result.ok ? etagOf(organizationVersion(result.value)) : undefined);
    return respond(c, usersErrors, result, 202, toOrganizationBody);
  });

  app.openapi(transfer, async (c) => {
    const result = await transferOwnership(c.get("deps"), callOf(c), {
      organizationId: c.req.valid("param").id,
      memberId: c.req.valid("json").memberId,
    });
    personal(c, result.ok ? etagOf(organizationVersion(result.value)) : undefined);
    return respond(c, usersErrors, result, 200, toOrganizationBody);
  });
}
