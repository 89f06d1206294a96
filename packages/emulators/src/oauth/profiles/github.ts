import { randomBytes } from "node:crypto";
import { jsonAnswer, type LocalAnswer, type LocalRequest } from "../../server/local-server.ts";
import { accountSchemas, type GitHubAccount } from "../accounts.ts";
import type { Profile } from "../profile.ts";
import type { Refusal } from "../refusal.ts";
import { notStored, plainScopes } from "./shared.ts";

const documentation = "https://docs.github.com/en/apps/oauth-apps";

/**
 * An OAuth app at GitHub (https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps). No ID
 * token; who it was is asked of the API. Answers carry `iss`, which is documented at
 * https://docs.github.com/en/apps/github-authentication-discovery-endpoints. Where GitHub takes a redirect URI below
 * the registered one, or none at all, it must be the registered one here.
 */
export const github: Profile<GitHubAccount> = {
  name: "github",
  title: "GitHub",
  accountSchema: accountSchemas.github,
  defaultAccount: {
    id: "9919001",
    email: "buyer.one@example.com",
    emailVerified: true,
    name: "Buyer One",
    login: "buyer-one",
    private: false,
    otherEmails: [],
  },
  newClientId: () => `Ov23li${randomBytes(7).toString("hex")}`,
  signedClients: false,
  paths: {
    authorize: "/login/oauth/authorize",
    token: "/login/oauth/access_token",
    metadata: "/login/oauth/.well-known/openid-configuration",
  },
  issuer: (base) => `${base}/login/oauth`,
  authorization: {
    responseModes: [],
    scopesToPost: [],
    prompts: ["select_account"],
    scopes: plainScopes("user:email", "read:user"),
    scopeSeparator: /[ ,]+/,
    scopeRequired: false,
    refusals: "redirect",
    namesIssuer: true,
    granted: () => ({}),
    firstGranted: () => ({}),
    denied: {
      error: "access_denied",
      error_description: "The user has denied your application access.",
      error_uri: `${documentation}/maintaining-oauth-apps/troubleshooting-authorization-request-errors#access-denied`,
    },
    fragment: "",
  },
  token: {
    clientAuthentication: ["client_secret_basic", "client_secret_post"],
    grantTypeRequired: false,
    accessTokenPrefix: "gho_",
    answer: (request, { accessToken, scopes }) =>
      gitHubAnswer(request, { access_token: accessToken, scope: scopes.join(","), token_type: "bearer" }),
    refuse: (request, refusal) => {
      const [error, words] = gitHubWords(refusal);
      const page = `${documentation}/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors`;
      return gitHubAnswer(request, { error, error_description: words, error_uri: `${page}#${error}` });
    },
  },
  idToken: null,
};

/** A form, unless JSON is asked for; and always 200, whatever it says. */
function gitHubAnswer(request: LocalRequest, fields: Readonly<Record<string, string>>): LocalAnswer {
  if ((request.headers.accept ?? "").includes("application/json")) return jsonAnswer(200, fields, notStored);
  return {
    status: 200,
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8", ...notStored },
    body: new URLSearchParams(fields).toString(),
  };
}

function gitHubWords({ code, message }: Refusal): readonly [error: string, words: string] {
  switch (code) {
    case "invalid_client":
      return ["incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect."];
    case "redirect_uri_mismatch":
      return ["redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application."];
    case "invalid_request":
    case "unsupported_grant_type":
      return [code, message];
    default:
      return ["bad_verification_code", "The code passed is incorrect or expired."];
  }
}
