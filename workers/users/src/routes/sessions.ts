import { idSchema, pageQuerySchema } from "@foyer/contracts/shared/schemas";
import { deviceSessionPageSchema } from "@foyer/contracts/users/api/sessions";
import { usersErrors } from "@foyer/contracts/users/errors";
import { problem, respond } from "@foyer/http/app";
import { toPage } from "@foyer/http/cursor";
import { bearerAuth, emptyResponse, responses } from "@foyer/http/responses";
import { toRfc3339 } from "@foyer/kernel/clock";
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import type { Session } from "../domain/session.ts";
import { endOtherSessions } from "../service/sessions/end-other-sessions.ts";
import { endSession } from "../service/sessions/end-session.ts";
import { listSessions } from "../service/sessions/list-sessions.ts";
import { callOf, decodeAfter, personal, type UsersApp } from "./call.ts";

const path = "/v1/users/profile/sessions";
const tags = ["Profile"];

const list = createRoute({
  method: "get",
  path,
  operationId: "listSessions",
  tags,
  summary: "Where the caller is signed in, oldest first",
  security: bearerAuth,
  request: { query: pageQuerySchema },
  responses: responses(200, "A page", deviceSessionPageSchema),
});

const end = createRoute({
  method: "delete",
  path: `${path}/{id}`,
  operationId: "endSession",
  tags,
  summary: "End one of the caller's sessions",
  security: bearerAuth,
  request: { params: z.object({ id: idSchema("session") }) },
  responses: emptyResponse(204, "The session has ended"),
});

const endOthers = createRoute({
  method: "delete",
  path,
  operationId: "endOtherSessions",
  tags,
  summary: "End all of the caller's sessions but this one",
  security: bearerAuth,
  responses: emptyResponse(204, "The sessions have ended"),
});

function toSessionBody(session: Session, currentId: string) {
  const { id, device, place, method, mode, impersonatorId, createdAtMs, lastUsedAtMs, expiresAtMs } = session;
  return {
    id,
    current: id === currentId,
    device,
    place,
    method,
    mode,
    impersonation: impersonatorId !== null,
    createdAt: toRfc3339(createdAtMs),
    lastUsedAt: toRfc3339(lastUsedAtMs),
    expiresAt: toRfc3339(expiresAtMs),
  };
}

/** Adds the routes of a person's own sessions. */
export function addSessionRoutes(app: UsersApp): void {
  app.openapi(list, async (c) => {
    personal(c);
    const { limit, cursor } = c.req.valid("query");
    const after = decodeAfter(cursor, idSchema("session"));
    if (!after.ok) return problem(c, usersErrors, after.error);
    const result = await listSessions(c.get("deps"), callOf(c), { after: after.value, limit: limit + 1 });
    return respond(c, usersErrors, result, 200, ({ currentId, sessions }) => {
      const page = toPage(sessions, limit, (session) => session.id);
      return { data: page.data.map((session) => toSessionBody(session, currentId)), nextCursor: page.nextCursor };
    });
  });

  app.openapi(end, async (c) => {
    personal(c);
    const result = await endSession(c.get("deps"), callOf(c), { sessionId: c.req.valid("param").id });
    return result.ok ? c.body(null, 204) : problem(c, usersErrors, result.error);
  });

  app.openapi(endOthers, async (c) => {
    personal(c);
    const result = await endOtherSessions(c.get("deps"), callOf(c));
    return result.ok ? c.body(null, 204) : problem(c, usersErrors, result.error);
  });
}
