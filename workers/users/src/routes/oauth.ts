import {
  oauthCallbackSchema,
  oauthLoginBodySchema,
  oauthLoginSchema,
  oauthTokenBodySchema,
  oauthTokenSchema,
  type ProviderName,
  providerListSchema,
  providerSchema,
} from "@foyer/contracts/users/api/providers";
import { usersErrors } from "@foyer/contracts/users/errors";
import { problem, respond } from "@foyer/http/app";
import { bearerAuth, emptyResponse, jsonBody, responses } from "@foyer/http/responses";
import { limits } from "@foyer/kernel/limits";
import { createRoute } from "@hono/zod-openapi";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import * as z from "zod";
import { providerTitles } from "../domain/providers.ts";
import { beginSignIn } from "../service/providers/begin-sign-in.ts";
import { redeemCode } from "../service/providers/redeem-code.ts";
import { type ProviderAnswer, takeAnswer } from "../service/providers/take-answer.ts";
import { callOf, personal, type UsersApp, type UsersContext } from "./call.ts";
import { toIdentityBody } from "./identities.ts";
import { admissionBody } from "./session-answer.ts";

const path = "/v1/auth/oauth";
const tags = ["Authentication"];
const providerParams = z.object({ provider: providerSchema });

/** Where forms come in, from Apple. */
export const callbackPath = /^\/v1\/auth\/oauth\/[a-z]+\/callback$/;

const list = createRoute({
  method: "get",
  path: `${path}/providers`,
  operationId: "listProviders",
  tags,
  summary: "Providers that people can sign in with here",
  responses: responses(200, "The providers", providerListSchema),
});

const login = createRoute({
  method: "post",
  path: `${path}/login`,
  operationId: "beginProviderLogin",
  tags,
  summary: "Begin to sign in at a provider, or to link an identity to the caller's account",
  security: [...bearerAuth, {}],
  request: jsonBody(oauthLoginBodySchema),
  responses: responses(200, "Where to send the browser", oauthLoginSchema),
});

const returned = emptyResponse(
  303,
  "On to the client's address, with `code`, or with `error` where nobody was identified",
);

const callback = createRoute({
  method: "get",
  path: `${path}/{provider}/callback`,
  operationId: "takeProviderAnswer",
  tags,
  summary: "Where a provider sends the browser back to",
  request: { params: providerParams, query: oauthCallbackSchema },
  responses: returned,
});

const formCallback = createRoute({
  method: "post",
  path: `${path}/{provider}/callback`,
  operationId: "takeProviderForm",
  tags,
  summary: "Where a provider has the browser post its answer to",
  request: {
    params: providerParams,
    body: { required: true, content: { "application/x-www-form-urlencoded": { schema: oauthCallbackSchema } } },
  },
  responses: returned,
});

const token = createRoute({
  method: "post",
  path: `${path}/token`,
  operationId: "redeemProviderCode",
  tags,
  summary: "Redeem the code of a sign-in at a provider",
  security: [...bearerAuth, {}],
  request: jsonBody(oauthTokenBodySchema),
  responses: responses(200, "A new session, the demand for a second factor, or the linked identity", oauthTokenSchema),
});

/** What binds a flow to its browser, from its beginning until its code is redeemed. */
const flowCookie = "__Host-foyer_oauth";
/** Apple answers by a form from its own site, which `Lax` would keep the cookie from. It vouches for a flow and for nobody. */
const kept = { httpOnly: true, secure: true, sameSite: "None", path: "/" } as const;
/** Refusals that leave a flow to whoever began it. With every other answer it is over. */
const flowGoesOn: ReadonlySet<string> = new Set([
  "users.oauth_code_invalid",
  "auth.required",
  "auth.impersonation_refused",
]);

/** Adds the routes of signing in at providers. */
export function addOAuthRoutes(app: UsersApp): void {
  app.openapi(list, (c) => {
    c.header("cache-control", "public, max-age=60, s-maxage=60");
    const names = c.get("deps").identityProviders.names();
    return c.json({ data: names.map((provider) => ({ provider, name: providerTitles[provider] })) }, 200);
  });

  app.openapi(login, async (c) => {
    personal(c);
    const result = await beginSignIn(c.get("deps"), callOf(c), c.req.valid("json"));
    if (result.ok && result.value.browserSecret !== null) {
      setCookie(c, flowCookie, result.value.browserSecret, { ...kept, maxAge: limits.oauthFlowTtlSeconds });
    }
    return respond(c, usersErrors, result, 200, ({ authorizationUrl }) => ({
      authorizationUrl,
      expiresIn: limits.oauthFlowTtlSeconds,
    }));
  });

  app.openapi(callback, (c) => comeBack(c, c.req.valid("param").provider, c.req.valid("query")));
  app.openapi(formCallback, (c) => comeBack(c, c.req.valid("param").provider, c.req.valid("form")));

  app.openapi(token, async (c) => {
    personal(c);
    const body = c.req.valid("json");
    const browserSecret = getCookie(c, flowCookie);
    const result = await redeemCode(c.get("deps"), callOf(c), { ...body, browserSecret });
    const isOver = body.codeVerifier === undefined && (result.ok || !flowGoesOn.has(result.error.code));
    if (!result.ok && isOver) {
      // First the answer, then its cookie: a refusal is made apart from what was set on the context before it.
      c.res = problem(c, usersErrors, result.error);
      deleteCookie(c, flowCookie, kept);
      return c.res as never; // typed responses are successes
    }
    if (isOver) deleteCookie(c, flowCookie, kept);
    return respond(c, usersErrors, result, 200, (redeemed) =>
      redeemed.kind === "linked"
        ? { identity: toIdentityBody(redeemed.identity) }
        : admissionBody(c, redeemed.admission),
    );
  });
}

async function comeBack(
  c: UsersContext,
  provider: ProviderName,
  answer: Omit<ProviderAnswer, "provider" | "browserSecret">,
) {
  personal(c);
  const browserSecret = getCookie(c, flowCookie);
  const result = await takeAnswer(c.get("deps"), { ...answer, provider, browserSecret });
  if (!result.ok) return problem(c, usersErrors, result.error);
  if (result.value.isOver && browserSecret !== undefined) deleteCookie(c, flowCookie, kept);
  // A form is not passed on: the browser asks for the next page anew (RFC 9700 section 4.12).
  return c.redirect(result.value.location, 303);
}
