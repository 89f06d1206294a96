import { idSchema, pageQuerySchema } from "@foyer/contracts/shared/schemas";
import { identityPageSchema } from "@foyer/contracts/users/api/providers";
import { usersErrors } from "@foyer/contracts/users/errors";
import { problem, respond } from "@foyer/http/app";
import { toPage } from "@foyer/http/cursor";
import { bearerAuth, emptyResponse, responses } from "@foyer/http/responses";
import { toRfc3339 } from "@foyer/kernel/clock";
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import type { Identity } from "../repository/identities.ts";
import { listIdentities } from "../service/providers/list-identities.ts";
import { unlinkIdentity } from "../service/providers/unlink-identity.ts";
import { callOf, decodeAfter, personal, type UsersApp } from "./call.ts";

const path = "/v1/users/profile/identities";
const tags = ["Profile"];

const list = createRoute({
  method: "get",
  path,
  operationId: "listIdentities",
  tags,
  summary: "Accounts at providers that sign in to the caller's account, oldest first",
  security: bearerAuth,
  request: { query: pageQuerySchema },
  responses: responses(200, "A page", identityPageSchema),
});

const unlink = createRoute({
  method: "delete",
  path: `${path}/{id}`,
  operationId: "unlinkIdentity",
  tags,
  summary: "Take one of them away; the last way into the account stays",
  security: bearerAuth,
  request: { params: z.object({ id: idSchema("identity") }) },
  responses: emptyResponse(204, "It signs in no more"),
});

/** An identity as its owner sees it. What the provider calls the person stays here. */
export function toIdentityBody({ id, provider, email, name, createdAtMs, lastUsedAtMs }: Identity) {
  return { id, provider, email, name, createdAt: toRfc3339(createdAtMs), lastUsedAt: toRfc3339(lastUsedAtMs) };
}

/** Adds the routes of a person's own identities at providers. */
export function addIdentityRoutes(app: UsersApp): void {
  app.openapi(list, async (c) => {
    personal(c);
    const { limit, cursor } = c.req.valid("query");
    const after = decodeAfter(cursor, idSchema("identity"));
    if (!after.ok) return problem(c, usersErrors, after.error);
    const result = await listIdentities(c.get("deps"), callOf(c), { after: after.value, limit: limit + 1 });
    return respond(c, usersErrors, result, 200, (identities) => {
      const page = toPage(identities, limit, (identity) => identity.id);
      return { data: page.data.map(toIdentityBody), nextCursor: page.nextCursor };
    });
  });

  app.openapi(unlink, async (c) => {
    personal(c);
    const result = await unlinkIdentity(c.get("deps"), callOf(c), { identityId: c.req.valid("param").id });
    return result.ok ? c.body(null, 204) : problem(c, usersErrors, result.error);
  });
}
