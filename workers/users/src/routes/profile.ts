import { userSchema } from "@foyer/contracts/users/api/people";
import { profileBodySchema, profilePatchSchema } from "@foyer/contracts/users/api/profile";
import { usersErrors } from "@foyer/contracts/users/errors";
import { problem, respond } from "@foyer/http/app";
import { etagOf } from "@foyer/http/etag";
import { bearerAuth, jsonBody, responses } from "@foyer/http/responses";
import { createRoute } from "@hono/zod-openapi";
import { toUserBody } from "../domain/user.ts";
import { changeProfile } from "../service/profile/change-profile.ts";
import { readProfile } from "../service/profile/read-profile.ts";
import { callOf, notModified, personal, type UsersApp } from "./call.ts";

const path = "/v1/users/profile";
const tags = ["Profile"];

const read = createRoute({
  method: "get",
  path,
  operationId: "getProfile",
  tags,
  summary: "The caller's own account",
  security: bearerAuth,
  responses: responses(200, "The account", userSchema),
});

const replace = createRoute({
  method: "put",
  path,
  operationId: "replaceProfile",
  tags,
  summary: "Replace the caller's own profile; what is left out is emptied",
  security: bearerAuth,
  request: jsonBody(profileBodySchema),
  responses: responses(200, "The account, changed", userSchema),
});

const change = createRoute({
  method: "patch",
  path,
  operationId: "updateProfile",
  tags,
  summary: "Change the caller's own profile",
  security: bearerAuth,
  request: jsonBody(profilePatchSchema),
  responses: responses(200, "The account, changed", userSchema),
});

/** Adds the routes of a person's own account. */
export function addProfileRoutes(app: UsersApp): void {
  app.openapi(read, async (c) => {
    const result = await readProfile(c.get("deps"), callOf(c));
    if (!result.ok) return problem(c, usersErrors, result.error);
    const etag = etagOf(result.value.version);
    const known = notModified(c, etag);
    if (known !== null) return known as never; // typed responses are successes; 304 is an answer to every conditional read
    personal(c, etag);
    return c.json(toUserBody(result.value, c.get("deps").publicUrl), 200);
  });

  app.openapi(replace, async (c) => {
    const ifMatch = c.req.header("if-match");
    const result = await changeProfile(c.get("deps"), callOf(c), { change: c.req.valid("json"), ifMatch });
    personal(c, result.ok ? etagOf(result.value.version) : undefined);
    return respond(c, usersErrors, result, 200, (user) => toUserBody(user, c.get("deps").publicUrl));
  });

  app.openapi(change, async (c) => {
    const { marketingConsent, ...given } = c.req.valid("json");
    const ifMatch = c.req.header("if-match");
    const result = await changeProfile(c.get("deps"), callOf(c), { change: given, marketingConsent, ifMatch });
    personal(c, result.ok ? etagOf(result.value.version) : undefined);
    return respond(c, usersErrors, result, 200, (user) => toUserBody(user, c.get("deps").publicUrl));
  });
}
