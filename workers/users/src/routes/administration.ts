import { idSchema } from "@foyer/contracts/shared/schemas";
import {
  adminStatsSchema,
  adminUserDetailSchema,
  adminUserPageSchema,
  adminUserPatchSchema,
  adminUserQuerySchema,
  impersonationSchema,
  platformRolesBodySchema,
  reasonBodySchema,
  revokedSessionsSchema,
} from "@foyer/contracts/users/api/administration";
import { usersErrors } from "@foyer/contracts/users/errors";
import { problem, respond } from "@foyer/http/app";
import { decodeCursor, toPage } from "@foyer/http/cursor";
import { etagOf } from "@foyer/http/etag";
import { bearerAuth, jsonBody, responses } from "@foyer/http/responses";
import { toRfc3339 } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import type { Result } from "@foyer/kernel/result";
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import type { AdminUser } from "../repository/administration.ts";
import { changeUser } from "../service/administration/change-user.ts";
import { impersonateUser } from "../service/administration/impersonate-user.ts";
import { listUsers } from "../service/administration/list-users.ts";
import { readStatistics } from "../service/administration/read-statistics.ts";
import { type AdminUserDetail, readUser } from "../service/administration/read-user.ts";
import { restoreUser } from "../service/administration/restore-user.ts";
import { revokeSessions } from "../service/administration/revoke-sessions.ts";
import { setPlatformRoles } from "../service/administration/set-platform-roles.ts";
import { suspendUser } from "../service/administration/suspend-user.ts";
import { callOf, notModified, personal, type UsersApp, type UsersContext } from "./call.ts";

const path = "/v1/admin/users";
const tags = ["Administration"];
const params = z.object({ id: idSchema("user") });
const positionSchema = z.int().min(1);

const list = createRoute({
  method: "get",
  path,
  operationId: "listUsers",
  tags,
  summary: "Users, newest first, by a part of their address or name, by state and role",
  security: bearerAuth,
  request: { query: adminUserQuerySchema },
  responses: responses(200, "A page", adminUserPageSchema),
});

const read = createRoute({
  method: "get",
  path: `${path}/{id}`,
  operationId: "getUser",
  tags,
  summary: "One user, with how they sign in and where they belong",
  security: bearerAuth,
  request: { params },
  responses: responses(200, "The user", adminUserDetailSchema),
});

const change = createRoute({
  method: "patch",
  path: `${path}/{id}`,
  operationId: "updateUser",
  tags,
  summary: "Put a user's profile right",
  security: bearerAuth,
  request: { params, ...jsonBody(adminUserPatchSchema) },
  responses: responses(200, "The user, changed", adminUserDetailSchema),
});

const suspend = createRoute({
  method: "post",
  path: `${path}/{id}/suspend`,
  operationId: "suspendUser",
  tags,
  summary: "Suspend an account; its sessions end",
  security: bearerAuth,
  request: { params, ...jsonBody(reasonBodySchema) },
  responses: responses(200, "The user, suspended", adminUserDetailSchema),
});

const restore = createRoute({
  method: "post",
  path: `${path}/{id}/restore`,
  operationId: "restoreUser",
  tags,
  summary: "Open a suspended account again",
  security: bearerAuth,
  request: { params, ...jsonBody(reasonBodySchema) },
  responses: responses(200, "The user, restored", adminUserDetailSchema),
});

const setRoles = createRoute({
  method: "post",
  path: `${path}/{id}/roles`,
  operationId: "setPlatformRoles",
  tags,
  summary: "Give and take privileges on the platform; the whole list",
  security: bearerAuth,
  request: { params, ...jsonBody(platformRolesBodySchema) },
  responses: responses(200, "The user, with these roles", adminUserDetailSchema),
});

const impersonate = createRoute({
  method: "post",
  path: `${path}/{id}/impersonate`,
  operationId: "impersonateUser",
  tags,
  summary: "Act in a user's place for a quarter of an hour; they are told",
  security: bearerAuth,
  request: { params, ...jsonBody(reasonBodySchema) },
  responses: responses(200, "An access token, which cannot be refreshed", impersonationSchema),
});

const revoke = createRoute({
  method: "post",
  path: `${path}/{id}/sessions/revoke`,
  operationId: "revokeUserSessions",
  tags,
  summary: "Sign a user out everywhere",
  security: bearerAuth,
  request: { params, ...jsonBody(reasonBodySchema) },
  responses: responses(200, "How many sessions ended", revokedSessionsSchema),
});

const statistics = createRoute({
  method: "get",
  path: "/v1/admin/stats",
  operationId: "getAccountStatistics",
  tags,
  summary: "How many accounts there are, and in what state",
  security: bearerAuth,
  responses: responses(200, "The figures", adminStatsSchema),
});

const momentOf = (epochMs: number | null): string | null => (epochMs === null ? null : toRfc3339(epochMs));

function toAdminBody(user: AdminUser) {
  return {
    id: user.id,
    email: user.email,
    emailVerified: user.emailVerifiedAtMs !== null,
    name: user.name,
    status: user.suspendedAtMs === null ? ("active" as const) : ("suspended" as const),
    platformRoles: user.platformAdmin ? ["administrator" as const] : [],
    createdAt: toRfc3339(user.createdAtMs),
    lastSeenAt: momentOf(user.lastSeenAtMs),
  };
}

function toDetailBody(user: AdminUserDetail) {
  const { suspendedAtMs: atMs, suspendedReason: reason } = user;
  return {
    ...toAdminBody(user),
    locale: user.locale,
    timezone: user.timezone,
    suspension: atMs === null ? null : { at: toRfc3339(atMs), reason: reason ?? "" },
    hasPassword: user.hasPassword,
    secondFactors: [...user.secondFactors],
    identities: [...user.identities],
    sessions: user.openSessions,
    organizations: [...user.organizations],
    updatedAt: toRfc3339(user.updatedAtMs),
  };
}

/** One user as the answer to a change of them. */
function respondUser(c: UsersContext, result: Result<AdminUserDetail>) {
  personal(c, result.ok ? etagOf(result.value.version) : undefined);
  return respond(c, usersErrors, result, 200, toDetailBody);
}

/** Adds the routes of those who administer the platform. */
export function addAdministrationRoutes(app: UsersApp): void {
  app.openapi(list, async (c) => {
    personal(c);
    const { limit, cursor, q, status, role, verified } = c.req.valid("query");
    const before = cursor === undefined ? null : decodeCursor(cursor, positionSchema);
    if (before !== null && !before.ok) return problem(c, usersErrors, before.error);
    const result = await listUsers(c.get("deps"), callOf(c), {
      text: q ?? null,
      status: status ?? null,
      role: role ?? null,
      verified: verified === undefined ? null : verified === "true",
      before: before?.value ?? null,
      limit: limit + 1,
    });
    return respond(c, usersErrors, result, 200, (rows) => {
      const page = toPage(rows, limit, (row) => row.position);
      return { data: page.data.map(toAdminBody), nextCursor: page.nextCursor };
    });
  });

  app.openapi(read, async (c) => {
    const result = await readUser(c.get("deps"), callOf(c), { userId: c.req.valid("param").id });
    const known = result.ok ? notModified(c, etagOf(result.value.version)) : null;
    if (known !== null) return known as never; // typed responses are successes; 304 is an answer to every conditional read
    return respondUser(c, result);
  });

  app.openapi(change, async (c) => {
    const input = { userId: c.req.valid("param").id, change: c.req.valid("json"), ifMatch: c.req.header("if-match") };
    return respondUser(c, await changeUser(c.get("deps"), callOf(c), input));
  });

  app.openapi(suspend, async (c) => {
    const input = { userId: c.req.valid("param").id, ...c.req.valid("json") };
    return respondUser(c, await suspendUser(c.get("deps"), callOf(c), input));
  });

  app.openapi(restore, async (c) => {
    const input = { userId: c.req.valid("param").id, ...c.req.valid("json") };
    return respondUser(c, await restoreUser(c.get("deps"), callOf(c), input));
  });

  app.openapi(setRoles, async (c) => {
    const input = { userId: c.req.valid("param").id, ...c.req.valid("json") };
    return respondUser(c, await setPlatformRoles(c.get("deps"), callOf(c), input));
  });

  app.openapi(impersonate, async (c) => {
    personal(c);
    const input = { userId: c.req.valid("param").id, ...c.req.valid("json") };
    const result = await impersonateUser(c.get("deps"), callOf(c), input);
    return respond(c, usersErrors, result, 200, ({ accessToken, sessionId }) => ({
      accessToken,
      sessionId,
      tokenType: "Bearer" as const,
      expiresIn: limits.impersonationTtlSeconds,
    }));
  });

  app.openapi(revoke, async (c) => {
    personal(c);
    const input = { userId: c.req.valid("param").id, ...c.req.valid("json") };
    return respond(c, usersErrors, await revokeSessions(c.get("deps"), callOf(c), input), 200, ({ ended }) => ({
      ended,
    }));
  });

  app.openapi(statistics, async (c) => {
    personal(c);
    const result = await readStatistics(c.get("deps"), callOf(c));
    return respond(c, usersErrors, result, 200, (figures) => ({
      users: {
        total: figures.users,
        verified: figures.verified,
        suspended: figures.suspended,
        withSecondFactor: figures.withSecondFactor,
        newInDay: figures.newInDay,
        newInWeek: figures.newInWeek,
        seenInDay: figures.seenInDay,
      },
      sessions: { open: figures.openSessions },
      organizations: { total: figures.organizations, newInWeek: figures.newOrganizationsInWeek },
      apiKeys: { active: figures.apiKeys },
      erasures: { underWay: figures.erasuresUnderWay, overdue: figures.erasuresOverdue },
    }));
  });
}
