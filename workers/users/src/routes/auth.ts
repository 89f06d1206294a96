import {
  loginBodySchema,
  logoutBodySchema,
  refreshBodySchema,
  registerBodySchema,
  registeredSchema,
  resendVerificationBodySchema,
  signedInSchema,
  userAnswerSchema,
  verifyEmailBodySchema,
} from "@foyer/contracts/users/api";
import { usersErrors } from "@foyer/contracts/users/errors";
import { problem, respond } from "@foyer/http/app";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { createRoute } from "@hono/zod-openapi";
import { toUserBody } from "../domain/user.ts";
import { refreshSession } from "../service/refresh-session.ts";
import { registerUser } from "../service/register-user.ts";
import { resendVerification } from "../service/resend-verification.ts";
import { signIn } from "../service/sign-in.ts";
import { signOut } from "../service/sign-out.ts";
import { verifyEmail } from "../service/verify-email.ts";
import { callOf, personal, type UsersApp } from "./call.ts";

const tags = ["Authentication"];

const register = createRoute({
  method: "post",
  path: "/v1/auth/register",
  operationId: "register",
  tags,
  summary: "Open an account",
  request: jsonBody(registerBodySchema),
  responses: responses(201, "The account, and its first session", registeredSchema),
});

const login = createRoute({
  method: "post",
  path: "/v1/auth/login",
  operationId: "login",
  tags,
  summary: "Sign in by password",
  request: jsonBody(loginBodySchema),
  responses: responses(200, "A new session", signedInSchema),
});

const refresh = createRoute({
  method: "post",
  path: "/v1/auth/refresh",
  operationId: "refreshSession",
  tags,
  summary: "Get the next access token; the refresh token is replaced",
  request: jsonBody(refreshBodySchema),
  responses: responses(200, "The session, continued", signedInSchema),
});

const logout = createRoute({
  method: "post",
  path: "/v1/auth/logout",
  operationId: "logout",
  tags,
  summary: "End the session of a refresh token, or the caller's own",
  security: [...bearerAuth, {}],
  request: { body: { required: false, content: { "application/json": { schema: logoutBodySchema } } } },
  responses: emptyResponse(204, "The session has ended"),
});

const verify = createRoute({
  method: "post",
  path: "/v1/auth/email/verify",
  operationId: "verifyEmail",
  tags,
  summary: "Prove the address by the link that was mailed",
  request: jsonBody(verifyEmailBodySchema),
  responses: responses(200, "The address is verified", userAnswerSchema),
});

const resend = createRoute({
  method: "post",
  path: "/v1/auth/email/resend",
  operationId: "resendVerification",
  tags,
  summary: "Mail a new verification link, if the address waits for one",
  request: jsonBody(resendVerificationBodySchema),
  responses: emptyResponse(202, "Accepted, whatever the address is"),
});

/** Adds the routes by which people come in and go out. */
export function addAuthRoutes(app: UsersApp): void {
  app.openapi(register, async (c) => {
    personal(c);
    const result = await registerUser(c.get("deps"), callOf(c), c.req.valid("json"));
    return respond(c, usersErrors, result, 201, ({ user, session }) => ({ user: toUserBody(user), session }));
  });

  app.openapi(login, async (c) => {
    personal(c);
    const networkAddress = c.req.header("cf-connecting-ip") ?? null;
    const result = await signIn(c.get("deps"), callOf(c), { ...c.req.valid("json"), networkAddress });
    return respond(c, usersErrors, result, 200, ({ user, session }) => ({ user: toUserBody(user), session }));
  });

  app.openapi(refresh, async (c) => {
    personal(c);
    const result = await refreshSession(c.get("deps"), callOf(c), c.req.valid("json"));
    return respond(c, usersErrors, result, 200, ({ user, session }) => ({ user: toUserBody(user), session }));
  });

  app.openapi(logout, async (c) => {
    const result = await signOut(c.get("deps"), callOf(c), c.req.valid("json"));
    return result.ok ? c.body(null, 204) : problem(c, usersErrors, result.error);
  });

  app.openapi(verify, async (c) => {
    personal(c);
    const result = await verifyEmail(c.get("deps"), callOf(c), c.req.valid("json"));
    return respond(c, usersErrors, result, 200, (user) => ({ user: toUserBody(user) }));
  });

  app.openapi(resend, async (c) => {
    const result = await resendVerification(c.get("deps"), callOf(c), c.req.valid("json"));
    return result.ok ? c.body(null, 202) : problem(c, usersErrors, result.error);
  });
}
