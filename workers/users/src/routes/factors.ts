import {
  confirmTotpBodySchema,
  recoveryCodesSchema,
  secondFactorsSchema,
  totpSetupSchema,
  verifyFactorBodySchema,
} from "@foyer/contracts/users/api/second-factors";
import { signedInSchema } from "@foyer/contracts/users/api/sessions";
import { usersErrors } from "@foyer/contracts/users/errors";
import { problem, respond } from "@foyer/http/app";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { limits } from "@foyer/kernel/limits";
import { createRoute } from "@hono/zod-openapi";
import { confirmTotp } from "../service/factors/confirm-totp.ts";
import { makeRecoveryCodes } from "../service/factors/make-recovery-codes.ts";
import { readFactors } from "../service/factors/read-factors.ts";
import { removeTotp } from "../service/factors/remove-totp.ts";
import { setUpTotp } from "../service/factors/set-up-totp.ts";
import { verifyFactor } from "../service/factors/verify-factor.ts";
import { callOf, personal, type UsersApp } from "./call.ts";
import { signedInBody } from "./session-answer.ts";

const path = "/v1/auth/mfa";
const tags = ["Second factors"];

const read = createRoute({
  method: "get",
  path,
  operationId: "getSecondFactors",
  tags,
  summary: "What the caller has beside their password",
  security: bearerAuth,
  responses: responses(200, "The factors, by their number", secondFactorsSchema),
});

const setUp = createRoute({
  method: "post",
  path: `${path}/totp`,
  operationId: "setUpTotp",
  tags,
  summary: "Make the secret of an authenticator app, which counts once a code confirms it; needs a fresh proof",
  security: bearerAuth,
  responses: responses(201, "The secret, shown this once", totpSetupSchema),
});

const confirm = createRoute({
  method: "post",
  path: `${path}/totp/confirm`,
  operationId: "confirmTotp",
  tags,
  summary: "Show the first code of an authenticator app, which is asked for from now on; needs a fresh proof",
  security: bearerAuth,
  request: jsonBody(confirmTotpBodySchema),
  responses: responses(200, "Codes for the day when the app is lost", recoveryCodesSchema),
});

const remove = createRoute({
  method: "delete",
  path: `${path}/totp`,
  operationId: "removeTotp",
  tags,
  summary: "Take the authenticator app away, and its recovery codes; needs a fresh proof",
  security: bearerAuth,
  responses: emptyResponse(204, "No code is asked for any more"),
});

const makeCodes = createRoute({
  method: "post",
  path: `${path}/recovery-codes`,
  operationId: "makeRecoveryCodes",
  tags,
  summary: "Make new recovery codes, which voids the earlier ones; needs a fresh proof",
  security: bearerAuth,
  responses: responses(200, "The new codes", recoveryCodesSchema),
});

const verify = createRoute({
  method: "post",
  path: `${path}/verify`,
  operationId: "verifySecondFactor",
  tags,
  summary: "Answer the demand of a sign-in by a second factor",
  request: jsonBody(verifyFactorBodySchema),
  responses: responses(200, "A new session", signedInSchema),
});

/** Adds the routes of authenticator apps and recovery codes. */
export function addFactorRoutes(app: UsersApp): void {
  app.openapi(read, async (c) => {
    personal(c);
    return respond(c, usersErrors, await readFactors(c.get("deps"), callOf(c)), 200, (factors) => factors);
  });

  app.openapi(setUp, async (c) => {
    personal(c);
    const expiresIn = limits.totpSetupTtlSeconds;
    return respond(c, usersErrors, await setUpTotp(c.get("deps"), callOf(c)), 201, (app) => ({ ...app, expiresIn }));
  });

  app.openapi(confirm, async (c) => {
    personal(c);
    const result = await confirmTotp(c.get("deps"), callOf(c), c.req.valid("json"));
    return respond(c, usersErrors, result, 200, (codes) => ({ recoveryCodes: [...codes] }));
  });

  app.openapi(remove, async (c) => {
    personal(c);
    const result = await removeTotp(c.get("deps"), callOf(c));
    return result.ok ? c.body(null, 204) : problem(c, usersErrors, result.error);
  });

  app.openapi(makeCodes, async (c) => {
    personal(c);
    const result = await makeRecoveryCodes(c.get("deps"), callOf(c));
    return respond(c, usersErrors, result, 200, (codes) => ({ recoveryCodes: [...codes] }));
  });

  app.openapi(verify, async (c) => {
    personal(c);
    const result = await verifyFactor(c.get("deps"), callOf(c), c.req.valid("json"));
    return respond(c, usersErrors, result, 200, (signedIn) => signedInBody(c, signedIn));
  });
}
