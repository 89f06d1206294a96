import { idSchema } from "@foyer/contracts/shared/schemas";
import {
  type AdminAuditBody,
  adminAuditPageSchema,
  adminAuditQuerySchema,
} from "@foyer/contracts/users/api/administration";
import { type AuditBody, auditPageSchema, auditQuerySchema } from "@foyer/contracts/users/api/organizations";
import { usersErrors } from "@foyer/contracts/users/errors";
import { problem, respond } from "@foyer/http/app";
import { toPage } from "@foyer/http/cursor";
import { bearerAuth, responses } from "@foyer/http/responses";
import { toRfc3339 } from "@foyer/kernel/clock";
import { createRoute } from "@hono/zod-openapi";
import type { AuditEntry } from "../repository/audit.ts";
import { listAudit } from "../service/audit/list-audit.ts";
import { listPlatformAudit } from "../service/audit/list-platform-audit.ts";
import { callOf, decodeAfter, personal, type UsersApp } from "./call.ts";
import { organizationParams } from "./organizations.ts";

const list = createRoute({
  method: "get",
  path: "/v1/organizations/{id}/audit",
  operationId: "listOrganizationAudit",
  tags: ["Organizations"],
  summary: "What was done in an organization, newest first",
  security: bearerAuth,
  request: { params: organizationParams, query: auditQuerySchema },
  responses: responses(200, "A page", auditPageSchema),
});

const listAll = createRoute({
  method: "get",
  path: "/v1/admin/audit",
  operationId: "listAudit",
  tags: ["Administration"],
  summary: "What was done by and to anybody, newest first",
  security: bearerAuth,
  request: { query: adminAuditQuerySchema },
  responses: responses(200, "A page", adminAuditPageSchema),
});

/** A line of the trail as the answer shows it. */
function toAuditBody({ id, atMs, action, actor, targetId, before, after, requestId }: AuditEntry): AuditBody {
  return { id, at: toRfc3339(atMs), action, actor, targetId, before, after, requestId };
}

function toAdminAuditBody(entry: AuditEntry): AdminAuditBody {
  return { ...toAuditBody(entry), organizationId: entry.organizationId };
}

function toAuditPage<T extends AuditBody>(rows: AuditEntry[], limit: number, show: (entry: AuditEntry) => T) {
  const page = toPage(rows, limit, (row) => row.id);
  return { data: page.data.map(show), nextCursor: page.nextCursor };
}

/** Adds the routes of the trail: an organization's own part, and the whole. */
export function addAuditRoutes(app: UsersApp): void {
  app.openapi(list, async (c) => {
    personal(c);
    const { limit, cursor, action = null, actorId = null, targetId = null } = c.req.valid("query");
    const before = decodeAfter(cursor, idSchema("audit"));
    if (!before.ok) return problem(c, usersErrors, before.error);
    const result = await listAudit(c.get("deps"), callOf(c), {
      organizationId: c.req.valid("param").id,
      action,
      actorId,
      targetId,
      before: before.value,
      limit: limit + 1,
    });
    return respond(c, usersErrors, result, 200, (rows) => toAuditPage(rows, limit, toAuditBody));
  });

  app.openapi(listAll, async (c) => {
    personal(c);
    const {
      limit,
      cursor,
      action = null,
      actorId = null,
      targetId = null,
      organizationId = null,
    } = c.req.valid("query");
    const before = decodeAfter(cursor, idSchema("audit"));
    if (!before.ok) return problem(c, usersErrors, before.error);
    const result = await listPlatformAudit(c.get("deps"), callOf(c), {
      organizationId,
      action,
      actorId,
      targetId,
      before: before.value,
      limit: limit + 1,
    });
    return respond(c, usersErrors, result, 200, (rows) => toAuditPage(rows, limit, toAdminAuditBody));
  });
}
