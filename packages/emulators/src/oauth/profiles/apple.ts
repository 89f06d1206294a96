import { randomBytes } from "node:crypto";
import { jsonAnswer } from "../../server/local-server.ts";
import { type AppleAccount, accountSchemas, splitName } from "../accounts.ts";
import type { Profile } from "../profile.ts";
import { accessTokenHash, notStored, oauthError, plainScopes } from "./shared.ts";

/**
 * Sign in with Apple for the web (https://developer.apple.com/documentation/signinwithapplerestapi and
 * https://developer.apple.com/documentation/signinwithapple/authenticating-users-with-sign-in-with-apple). A challenge
 * is honoured there although the documentation does not speak of it. Redirect URIs must be https with a domain name at
 * Apple; on the loopback interface that cannot be asked for.
 */
export const apple: Profile<AppleAccount> = {
  name: "apple",
  title: "Apple",
  accountSchema: accountSchemas.apple,
  defaultAccount: {
    id: "000431.2f6b8a5a8c0e4a6e9d7c1b3f5a7e9c1d.0841",
    email: "buyer.one@example.com",
    emailVerified: true,
    name: "Buyer One",
    private: false,
    claimsAsText: false,
  },
  newClientId: () => `org.example.web-${randomBytes(6).toString("hex")}`,
  signedClients: true,
  paths: { authorize: "/auth/authorize", token: "/auth/token", metadata: "/.well-known/openid-configuration" },
  issuer: (base) => base,
  authorization: {
    responseModes: ["query", "form_post"],
    scopesToPost: ["name", "email"],
    prompts: [],
    scopes: plainScopes("openid", "name", "email"),
    scopeSeparator: / +/,
    scopeRequired: false,
    refusals: "page",
    namesIssuer: false,
    granted: () => ({}),
    firstGranted: (account, scopes) => {
      const { given, family } = splitName(account.name);
      const user = {
        ...(scopes.includes("name") ? { name: { firstName: given, lastName: family } } : {}),
        ...(scopes.includes("email") ? { email: account.email } : {}),
      };
      return Object.keys(user).length === 0 ? {} : { user: JSON.stringify(user) };
    },
    denied: { error: "user_cancelled_authorize" },
    fragment: "",
  },
  token: {
    clientAuthentication: ["client_secret_post"],
    grantTypeRequired: true,
    accessTokenPrefix: "",
    answer: (_request, { accessToken, idToken }) =>
      jsonAnswer(
        200,
        {
          access_token: accessToken,
          token_type: "Bearer",
          expires_in: 3_600,
          ...(idToken === null ? {} : { id_token: idToken }),
        },
        notStored,
      ),
    refuse: (_request, refusal) => {
      // Apple does not say what was wrong with a client.
      if (refusal.code === "invalid_client") return jsonAnswer(400, { error: "invalid_client" }, notStored);
      return oauthError(
        refusal,
        {
          code_unknown: "The code has expired or has been revoked.",
          code_expired: "The code has expired or has been revoked.",
          code_spent: "The code has already been used.",
        },
        400,
      );
    },
  },
  idToken: {
    jwksPath: "/auth/keys",
    publishedKey: (jwk) => jwk,
    scope: null,
    ttlSeconds: 86_400,
    issuer: (base) => base,
    otherIssuer: (base) => `${base}/`,
    subject: ({ account }) => account.id,
    claims: ({ account, scopes, accessToken, nowSeconds }) => {
      const yes = account.claimsAsText ? "true" : true;
      const no = account.claimsAsText ? "false" : false;
      return {
        at_hash: accessTokenHash(accessToken),
        auth_time: nowSeconds,
        nonce_supported: true,
        ...(scopes.includes("email")
          ? {
              email: account.email,
              email_verified: account.emailVerified ? yes : no,
              ...(account.private ? { is_private_email: yes } : {}),
            }
          : {}),
      };
    },
  },
};
