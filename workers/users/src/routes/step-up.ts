import { steppedUpSchema, stepUpBodySchema } from "@foyer/contracts/users/api/second-factors";
import { usersErrors } from "@foyer/contracts/users/errors";
import { respond } from "@foyer/http/app";
import { bearerAuth, jsonBody, responses } from "@foyer/http/responses";
import { limits } from "@foyer/kernel/limits";
import { createRoute } from "@hono/zod-openapi";
import { stepUp } from "../service/sessions/step-up.ts";
import { callOf, personal, type UsersApp } from "./call.ts";
import { setAccessCookie } from "./session-answer.ts";

const route = createRoute({
  method: "post",
  path: "/v1/auth/step-up",
  operationId: "stepUp",
  tags: ["Authentication"],
  summary: "Prove again who you are, by the strongest factor that you have, for operations that ask for a fresh proof",
  security: bearerAuth,
  request: jsonBody(stepUpBodySchema),
  responses: responses(200, "The next access token of the same session", steppedUpSchema),
});

/** Adds the route by which a session becomes fresh again. */
export function addStepUpRoutes(app: UsersApp): void {
  app.openapi(route, async (c) => {
    personal(c);
    const result = await stepUp(c.get("deps"), callOf(c), c.req.valid("json"));
    return respond(c, usersErrors, result, 200, ({ mode, accessToken }) => {
      const expiresIn = limits.accessTokenTtlSeconds;
      if (mode === "bearer") return { accessToken, tokenType: "Bearer" as const, expiresIn };
      setAccessCookie(c, accessToken);
      return { accessToken: null, tokenType: "Cookie" as const, expiresIn };
    });
  });
}
