import {
  changePasswordBodySchema,
  forgotPasswordBodySchema,
  resetPasswordBodySchema,
} from "@foyer/contracts/users/api/links";
import { usersErrors } from "@foyer/contracts/users/errors";
import { problem } from "@foyer/http/app";
import { bearerAuth, emptyResponse, jsonBody } from "@foyer/http/responses";
import { createRoute } from "@hono/zod-openapi";
import { changePassword } from "../service/passwords/change-password.ts";
import { forgotPassword } from "../service/passwords/forgot-password.ts";
import { resetPassword } from "../service/passwords/reset-password.ts";
import { callOf, personal, type UsersApp } from "./call.ts";
import { quietly } from "./quiet-answer.ts";

const tags = ["Authentication"];

const forgot = createRoute({
  method: "post",
  path: "/v1/auth/password/forgot",
  operationId: "forgotPassword",
  tags,
  summary: "Mail a link that sets a new password, if the address has an account",
  request: jsonBody(forgotPasswordBodySchema),
  responses: emptyResponse(202, "Accepted, whatever the address is"),
});

const reset = createRoute({
  method: "post",
  path: "/v1/auth/password/reset",
  operationId: "resetPassword",
  tags,
  summary: "Set a new password by the link that was mailed; ends every session",
  request: jsonBody(resetPasswordBodySchema),
  responses: emptyResponse(204, "The password is set"),
});

const change = createRoute({
  method: "post",
  path: "/v1/auth/password/change",
  operationId: "changePassword",
  tags,
  summary: "Change the caller's own password; ends their other sessions",
  security: bearerAuth,
  request: jsonBody(changePasswordBodySchema),
  responses: emptyResponse(204, "The password is changed"),
});

/** Adds the routes by which passwords are set. */
export function addPasswordRoutes(app: UsersApp): void {
  app.openapi(forgot, async (c) => {
    personal(c);
    await quietly(c, forgotPassword(c.get("deps"), callOf(c), c.req.valid("json")));
    return c.body(null, 202);
  });

  app.openapi(reset, async (c) => {
    personal(c);
    const result = await resetPassword(c.get("deps"), callOf(c), c.req.valid("json"));
    return result.ok ? c.body(null, 204) : problem(c, usersErrors, result.error);
  });

  app.openapi(change, async (c) => {
    personal(c);
    const result = await changePassword(c.get("deps"), callOf(c), c.req.valid("json"));
    return result.ok ? c.body(null, 204) : problem(c, usersErrors, result.error);
  });
}
