import {
  changeEmailBodySchema,
  confirmEmailChangeBodySchema,
  emailChangeSchema,
} from "@foyer/contracts/users/api/links";
import { usersErrors } from "@foyer/contracts/users/errors";
import { problem, respond } from "@foyer/http/app";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { createRoute } from "@hono/zod-openapi";
import { cancelEmailChange } from "../service/email-change/cancel-email-change.ts";
import { confirmEmailChange, type EmailChangeProgress } from "../service/email-change/confirm-email-change.ts";
import { requestEmailChange } from "../service/email-change/request-email-change.ts";
import { callOf, personal, type UsersApp } from "./call.ts";

const path = "/v1/users/profile/email";

const request = createRoute({
  method: "post",
  path,
  operationId: "requestEmailChange",
  tags: ["Profile"],
  summary: "Ask for another address; nothing changes before both addresses have agreed by a mailed link",
  security: bearerAuth,
  request: jsonBody(changeEmailBodySchema),
  responses: emptyResponse(202, "Accepted, whatever the address is"),
});

const cancel = createRoute({
  method: "delete",
  path,
  operationId: "cancelEmailChange",
  tags: ["Profile"],
  summary: "Take the wish for another address back",
  security: bearerAuth,
  responses: emptyResponse(204, "The address stays; the links are void"),
});

const confirm = createRoute({
  method: "post",
  path: "/v1/auth/email/confirm-change",
  operationId: "confirmEmailChange",
  tags: ["Authentication"],
  summary: "Agree to a change of address by the link that was mailed; ends every session but the caller's own",
  security: [...bearerAuth, {}],
  request: jsonBody(confirmEmailChangeBodySchema),
  responses: responses(200, "Whose agreement is missing; nobody's where the address is changed", emailChangeSchema),
});

function toEmailChangeBody({ missing }: EmailChangeProgress) {
  const waitingFor = missing.map((side): "current_address" | "new_address" => `${side}_address`);
  return { status: missing.length === 0 ? ("changed" as const) : ("waiting" as const), waitingFor };
}

/** Adds the routes by which an account gets another address. */
export function addEmailChangeRoutes(app: UsersApp): void {
  app.openapi(request, async (c) => {
    personal(c);
    const result = await requestEmailChange(c.get("deps"), callOf(c), c.req.valid("json"));
    return result.ok ? c.body(null, 202) : problem(c, usersErrors, result.error);
  });

  app.openapi(cancel, async (c) => {
    personal(c);
    const result = await cancelEmailChange(c.get("deps"), callOf(c));
    return result.ok ? c.body(null, 204) : problem(c, usersErrors, result.error);
  });

  app.openapi(confirm, async (c) => {
    personal(c);
    const result = await confirmEmailChange(c.get("deps"), callOf(c), c.req.valid("json"));
    return respond(c, usersErrors, result, 200, toEmailChangeBody);
  });
}
