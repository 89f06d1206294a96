import { roleAllows } from "@foyer/auth/guards";
import { idSchema, pageQuerySchema } from "@foyer/contracts/shared/schemas";
import { memberPageSchema, memberPatchSchema, memberSchema } from "@foyer/contracts/users/api/organizations";
import { usersErrors } from "@foyer/contracts/users/errors";
import { problem, respond } from "@foyer/http/app";
import { toPage } from "@foyer/http/cursor";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { toRfc3339 } from "@foyer/kernel/clock";
import { createRoute } from "@hono/zod-openapi";
import type { Member } from "../domain/organization.ts";
import { changeMemberRole } from "../service/members/change-member-role.ts";
import { listMembers } from "../service/members/list-members.ts";
import { removeMember } from "../service/members/remove-member.ts";
import { callOf, decodeAfter, personal, type UsersApp } from "./call.ts";
import { organizationParams } from "./organizations.ts";

const path = "/v1/organizations/{id}/members";
const tags = ["Organizations"];
const memberParams = organizationParams.extend({ memberId: idSchema("membership") });

const list = createRoute({
  method: "get",
  path,
  operationId: "listMembers",
  tags,
  summary: "Who belongs to an organization",
  security: bearerAuth,
  request: { params: organizationParams, query: pageQuerySchema },
  responses: responses(200, "A page", memberPageSchema),
});

const change = createRoute({
  method: "patch",
  path: `${path}/{memberId}`,
  operationId: "changeMemberRole",
  tags,
  summary: "Give a member another role",
  security: bearerAuth,
  request: { params: memberParams, ...jsonBody(memberPatchSchema) },
  responses: responses(200, "The member, changed", memberSchema),
});

const remove = createRoute({
  method: "delete",
  path: `${path}/{memberId}`,
  operationId: "removeMember",
  tags,
  summary: "Remove a member, or leave",
  security: bearerAuth,
  request: { params: memberParams },
  responses: emptyResponse(204, "They belong to it no more"),
});

/** A member as the answer shows them; addresses are for those who manage members. */
function toMemberBody({ createdAtMs, email, ...member }: Member, seesAddress: boolean) {
  return { ...member, email: seesAddress ? email : null, createdAt: toRfc3339(createdAtMs) };
}

/** Adds the routes of who belongs to an organization. */
export function addMemberRoutes(app: UsersApp): void {
  app.openapi(list, async (c) => {
    personal(c);
    const { limit, cursor } = c.req.valid("query");
    const after = decodeAfter(cursor, idSchema("membership"));
    if (!after.ok) return problem(c, usersErrors, after.error);
    const result = await listMembers(c.get("deps"), callOf(c), {
      organizationId: c.req.valid("param").id,
      after: after.value,
      limit: limit + 1,
    });
    return respond(c, usersErrors, result, 200, ({ role, members }) => {
      const page = toPage(members, limit, (member) => member.id);
      const seesAddresses = role !== null && roleAllows(role, "members.write");
      return { data: page.data.map((member) => toMemberBody(member, seesAddresses)), nextCursor: page.nextCursor };
    });
  });

  app.openapi(change, async (c) => {
    personal(c);
    const { id, memberId } = c.req.valid("param");
    const { role } = c.req.valid("json");
    const result = await changeMemberRole(c.get("deps"), callOf(c), { organizationId: id, memberId, role });
    return respond(c, usersErrors, result, 200, (member) => toMemberBody(member, true));
  });

  app.openapi(remove, async (c) => {
    personal(c);
    const { id, memberId } = c.req.valid("param");
    const result = await removeMember(c.get("deps"), callOf(c), { organizationId: id, memberId });
    return result.ok ? c.body(null, 204) : problem(c, usersErrors, result.error);
  });
}
