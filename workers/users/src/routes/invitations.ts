import { idSchema, pageQuerySchema } from "@foyer/contracts/shared/schemas";
import {
  invitationBodySchema,
  invitationPageSchema,
  invitationPreviewSchema,
  invitationSchema,
  invitationTokenBodySchema,
  organizationSchema,
} from "@foyer/contracts/users/api/organizations";
import { usersErrors } from "@foyer/contracts/users/errors";
import { problem, respond } from "@foyer/http/app";
import { toPage } from "@foyer/http/cursor";
import { etagOf } from "@foyer/http/etag";
import { idempotent } from "@foyer/http/idempotency";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { toRfc3339 } from "@foyer/kernel/clock";
import { createRoute } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import { type Invitation, statusOf } from "../domain/invitation.ts";
import { organizationVersion } from "../domain/organization.ts";
import { acceptInvitation } from "../service/invitations/accept-invitation.ts";
import { createInvitation } from "../service/invitations/create-invitation.ts";
import { listInvitations } from "../service/invitations/list-invitations.ts";
import { openInvitation } from "../service/invitations/open-invitation.ts";
import { resendInvitation } from "../service/invitations/resend-invitation.ts";
import { revokeInvitation } from "../service/invitations/revoke-invitation.ts";
import { callOf, decodeAfter, personal, type UsersApp, type UsersContext } from "./call.ts";
import { organizationParams, toOrganizationBody } from "./organizations.ts";

const path = "/v1/organizations/{id}/invitations";
const tags = ["Organizations"];
const invitationParams = organizationParams.extend({ invitationId: idSchema("invitation") });

const create = createRoute({
  method: "post",
  path,
  operationId: "createInvitation",
  tags,
  summary: "Invite an address; an earlier invitation to it is void",
  security: bearerAuth,
  request: { params: organizationParams, ...jsonBody(invitationBodySchema) },
  responses: responses(201, "The invitation, on its way by mail", invitationSchema),
});

const list = createRoute({
  method: "get",
  path,
  operationId: "listInvitations",
  tags,
  summary: "Who is invited, oldest first",
  security: bearerAuth,
  request: { params: organizationParams, query: pageQuerySchema },
  responses: responses(200, "A page", invitationPageSchema),
});

const revoke = createRoute({
  method: "delete",
  path: `${path}/{invitationId}`,
  operationId: "revokeInvitation",
  tags,
  summary: "Take an invitation back",
  security: bearerAuth,
  request: { params: invitationParams },
  responses: emptyResponse(204, "Its link is void"),
});

const resend = createRoute({
  method: "post",
  path: `${path}/{invitationId}/resend`,
  operationId: "resendInvitation",
  tags,
  summary: "Mail an invitation once more, with another link",
  security: bearerAuth,
  request: { params: invitationParams },
  responses: responses(200, "The invitation, on its way by mail", invitationSchema),
});

const preview = createRoute({
  method: "post",
  path: "/v1/invitations/preview",
  operationId: "previewInvitation",
  tags,
  summary: "What a mailed invitation is about",
  request: jsonBody(invitationTokenBodySchema),
  responses: responses(200, "The invitation", invitationPreviewSchema),
});

const accept = createRoute({
  method: "post",
  path: "/v1/invitations/accept",
  operationId: "acceptInvitation",
  tags,
  summary: "Join an organization, signed in under the address that was invited",
  security: bearerAuth,
  request: jsonBody(invitationTokenBodySchema),
  responses: responses(200, "The organization", organizationSchema),
});

function toInvitationBody(c: UsersContext, invitation: Invitation) {
  const { id, email, role, invitedBy, createdAtMs, expiresAtMs } = invitation;
  const status = statusOf(invitation, c.get("deps").clock.nowMs());
  return { id, email, role, status, invitedBy, createdAt: toRfc3339(createdAtMs), expiresAt: toRfc3339(expiresAtMs) };
}

/** Adds the routes of invitations: those of an organization, and those of whoever holds a mailed link. */
export function addInvitationRoutes(app: UsersApp): void {
  app.on(
    "POST",
    "/v1/organizations/:id/invitations",
    idempotent<Deps>((deps) => ({ store: deps.idempotency, clock: deps.clock })),
  );

  app.openapi(create, async (c) => {
    personal(c);
    const { email, role } = c.req.valid("json");
    const input = { organizationId: c.req.valid("param").id, email, role };
    const result = await createInvitation(c.get("deps"), callOf(c), input);
    return respond(c, usersErrors, result, 201, (invitation) => toInvitationBody(c, invitation));
  });

  app.openapi(list, async (c) => {
    personal(c);
    const { limit, cursor } = c.req.valid("query");
    const after = decodeAfter(cursor, idSchema("invitation"));
    if (!after.ok) return problem(c, usersErrors, after.error);
    const input = { organizationId: c.req.valid("param").id, after: after.value, limit: limit + 1 };
    const result = await listInvitations(c.get("deps"), callOf(c), input);
    return respond(c, usersErrors, result, 200, (rows) => {
      const page = toPage(rows, limit, (row) => row.id);
      return { data: page.data.map((row) => toInvitationBody(c, row)), nextCursor: page.nextCursor };
    });
  });

  app.openapi(revoke, async (c) => {
    personal(c);
    const { id, invitationId } = c.req.valid("param");
    const result = await revokeInvitation(c.get("deps"), callOf(c), { organizationId: id, invitationId });
    return result.ok ? c.body(null, 204) : problem(c, usersErrors, result.error);
  });

  app.openapi(resend, async (c) => {
    personal(c);
    const { id, invitationId } = c.req.valid("param");
    const result = await resendInvitation(c.get("deps"), callOf(c), { organizationId: id, invitationId });
    return respond(c, usersErrors, result, 200, (invitation) => toInvitationBody(c, invitation));
  });

  app.openapi(preview, async (c) => {
    personal(c);
    const result = await openInvitation(c.get("deps"), c.req.valid("json"));
    return respond(c, usersErrors, result, 200, ({ invitation }) => ({
      organization: { name: invitation.organizationName, slug: invitation.organizationSlug },
      email: invitation.email,
      role: invitation.role,
      expiresAt: toRfc3339(invitation.expiresAtMs),
    }));
  });

  app.openapi(accept, async (c) => {
    const result = await acceptInvitation(c.get("deps"), callOf(c), c.req.valid("json"));
    personal(c, result.ok ? etagOf(organizationVersion(result.value)) : undefined);
    return respond(c, usersErrors, result, 200, toOrganizationBody);
  });
}
