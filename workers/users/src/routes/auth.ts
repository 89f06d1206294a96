import { resendVerificationBodySchema, verifyEmailBodySchema } from "@foyer/contracts/users/api/links";
import { userAnswerSchema } from "@foyer/contracts/users/api/people";
import {
  loginAnswerSchema,
  loginBodySchema,
  logoutBodySchema,
  refreshBodySchema,
  registerBodySchema,
  registeredSchema,
  signedInSchema,
} from "@foyer/contracts/users/api/sessions";
import { usersErrors } from "@foyer/contracts/users/errors";
import { problem, respond } from "@foyer/http/app";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { limits } from "@foyer/kernel/limits";
import { fail } from "@foyer/kernel/result";
import { createRoute } from "@hono/zod-openapi";
import { toUserBody } from "../domain/user.ts";
import { registerUser } from "../service/accounts/register-user.ts";
import { resendVerification } from "../service/accounts/resend-verification.ts";
import { verifyEmail } from "../service/accounts/verify-email.ts";
import { refreshSession } from "../service/sessions/refresh-session.ts";
import { signIn } from "../service/sessions/sign-in.ts";
import { signOut } from "../service/sessions/sign-out.ts";
import { callOf, personal, type UsersApp } from "./call.ts";
import { notBefore, quietly } from "./quiet-answer.ts";
import { admissionBody, clearSessionCookies, refreshTokenIn, sessionBody, signedInBody } from "./session-answer.ts";

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
  responses: responses(200, "A new session, or the demand for a second factor", loginAnswerSchema),
});

const refresh = createRoute({
  method: "post",
  path: "/v1/auth/refresh",
  operationId: "refreshSession",
  tags,
  summary: "Get the next access token; the refresh token is replaced",
  request: { body: { required: false, content: { "application/json": { schema: refreshBodySchema } } } },
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
  summary: "Prove the address by the link that was mailed, from the account's session or with its password",
  security: [...bearerAuth, {}],
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
    const deps = c.get("deps");
    const work = registerUser(deps, callOf(c), c.req.valid("json"));
    const result = await notBefore(deps.revealsEmailTaken ? 0 : limits.quietRegistrationMs, work);
    return respond(c, usersErrors, result, 201, ({ user, tokens }) => ({
      user: toUserBody(user, deps.publicUrl),
      session: tokens === null ? null : sessionBody(c, tokens),
    }));
  });

  app.openapi(login, async (c) => {
    personal(c);
    const result = await signIn(c.get("deps"), callOf(c), c.req.valid("json"));
    return respond(c, usersErrors, result, 200, (admission) => admissionBody(c, admission));
  });

  app.openapi(refresh, async (c) => {
    personal(c);
    // Typed as required; a body that is left out parses to nothing.
    const body = c.req.valid("json") as { readonly refreshToken?: string } | undefined;
    const refreshToken = body?.refreshToken ?? refreshTokenIn(c);
    if (refreshToken === undefined) {
      return problem(c, usersErrors, fail("users.refresh_invalid", "There is no session to continue.").error);
    }
    const result = await refreshSession(c.get("deps"), callOf(c), { refreshToken });
    if (!result.ok && body?.refreshToken === undefined) {
      // First the answer, then its cookies: a refusal is made apart from what was set on the context before it.
      c.res = problem(c, usersErrors, result.error);
      clearSessionCookies(c);
      return c.res as never;
    }
    return respond(c, usersErrors, result, 200, (signedIn) => signedInBody(c, signedIn));
  });

  app.openapi(logout, async (c) => {
    personal(c);
    const body = c.req.valid("json") as { readonly refreshToken?: string } | undefined;
    const refreshToken = body?.refreshToken ?? (c.get("actor").kind === "anonymous" ? refreshTokenIn(c) : undefined);
    const result = await signOut(c.get("deps"), callOf(c), { refreshToken });
    if (!result.ok) return problem(c, usersErrors, result.error);
    clearSessionCookies(c);
    return c.body(null, 204);
  });

  app.openapi(verify, async (c) => {
    personal(c);
    const result = await verifyEmail(c.get("deps"), callOf(c), c.req.valid("json"));
    return respond(c, usersErrors, result, 200, (user) => ({ user: toUserBody(user, c.get("deps").publicUrl) }));
  });

  app.openapi(resend, async (c) => {
    personal(c);
    await quietly(c, resendVerification(c.get("deps"), callOf(c), c.req.valid("json")));
    return c.body(null, 202);
  });
}
