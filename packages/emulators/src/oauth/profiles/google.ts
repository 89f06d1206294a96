import { randomBytes } from "node:crypto";
import { jsonAnswer } from "../../server/local-server.ts";
import { accountSchemas, type GoogleAccount, splitName } from "../accounts.ts";
import type { Profile } from "../profile.ts";
import { accessTokenHash, notStored, oauthError } from "./shared.ts";

const emailScope = "https://www.googleapis.com/auth/userinfo.email";
const profileScope = "https://www.googleapis.com/auth/userinfo.profile";

/**
 * Google (https://developers.google.com/identity/openid-connect/openid-connect and
 * https://developers.google.com/identity/protocols/oauth2/web-server). Its errors about a request are pages, its answers
 * carry more than was asked for, and `iss` among it although the metadata do not say so.
 */
export const google: Profile<GoogleAccount> = {
  name: "google",
  title: "Google",
  accountSchema: accountSchemas.google,
  defaultAccount: {
    id: "110169484474386276334",
    email: "buyer.one@example.com",
    emailVerified: true,
    name: "Buyer One",
    picture: "https://images.example.com/buyer-one.png",
  },
  newClientId: () => `${Date.now()}-${randomBytes(16).toString("hex")}.apps.googleusercontent.com`,
  signedClients: false,
  paths: { authorize: "/o/oauth2/v2/auth", token: "/token", metadata: "/.well-known/openid-configuration" },
  issuer: (base) => base,
  authorization: {
    responseModes: [],
    scopesToPost: [],
    prompts: ["consent", "select_account"],
    scopes: {
      openid: "openid",
      email: emailScope,
      profile: profileScope,
      [emailScope]: emailScope,
      [profileScope]: profileScope,
    },
    scopeSeparator: / +/,
    scopeRequired: true,
    refusals: "page",
    namesIssuer: true,
    granted: (account, scopes) => ({
      scope: scopes.join(" "),
      authuser: "0",
      ...(account.hostedDomain === undefined ? {} : { hd: account.hostedDomain }),
      prompt: "consent",
    }),
    firstGranted: () => ({}),
    denied: { error: "access_denied" },
    fragment: "",
  },
  token: {
    clientAuthentication: ["client_secret_basic", "client_secret_post"],
    grantTypeRequired: true,
    accessTokenPrefix: "ya29.",
    answer: (_request, { accessToken, scopes, idToken }) =>
      jsonAnswer(
        200,
        {
          access_token: accessToken,
          expires_in: 3_599,
          scope: scopes.join(" "),
          token_type: "Bearer",
          ...(idToken === null ? {} : { id_token: idToken }),
        },
        notStored,
      ),
    refuse: (_request, refusal) => {
      if (refusal.code === "redirect_uri_mismatch") {
        return jsonAnswer(400, { error: "redirect_uri_mismatch", error_description: "Bad Request" }, notStored);
      }
      return oauthError(
        refusal,
        {
          invalid_client: "Unauthorized",
          code_unknown: "Malformed auth code.",
          code_expired: "Bad Request",
          code_spent: "Bad Request",
          verifier_missing: "Missing code verifier.",
          verifier_wrong: "Invalid code verifier.",
          verifier_unneeded: "code_verifier or verifier is not needed.",
        },
        401,
      );
    },
  },
  idToken: {
    jwksPath: "/oauth2/v3/certs",
    publishedKey: (jwk) => jwk,
    scope: "openid",
    ttlSeconds: 3_600,
    issuer: (base) => base,
    otherIssuer: (base) => `${base}/`,
    subject: ({ account }) => account.id,
    claims: ({ account, clientId, scopes, accessToken }) => {
      const { given, family } = splitName(account.name);
      return {
        azp: clientId,
        at_hash: accessTokenHash(accessToken),
        ...(account.hostedDomain === undefined ? {} : { hd: account.hostedDomain }),
        ...(scopes.includes(emailScope) ? { email: account.email, email_verified: account.emailVerified } : {}),
        ...(scopes.includes(profileScope)
          ? {
              name: account.name,
              given_name: given,
              ...(family === "" ? {} : { family_name: family }),
              ...(account.picture === undefined ? {} : { picture: account.picture }),
            }
          : {}),
      };
    },
  },
};
