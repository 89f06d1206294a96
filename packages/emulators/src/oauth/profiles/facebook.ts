import { randomBytes, randomInt } from "node:crypto";
import { jsonAnswer } from "../../server/local-server.ts";
import { accountSchemas, type FacebookAccount, splitName } from "../accounts.ts";
import type { Profile } from "../profile.ts";
import type { Refusal } from "../refusal.ts";
import { accessTokenHash, notStored, plainScopes } from "./shared.ts";

/**
 * Facebook (https://developers.facebook.com/docs/facebook-login/guides/advanced/oidc-token for the flow with PKCE and
 * an ID token, https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow for the rest). Its ID
 * tokens never say whether an address was verified. The token endpoint also takes GET there; a secret in a URL is
 * nothing to get used to, so here it does not.
 */
export const facebook: Profile<FacebookAccount> = {
  name: "facebook",
  title: "Facebook",
  accountSchema: accountSchemas.facebook,
  defaultAccount: { id: "10220811415411234", email: "buyer.one@example.com", name: "Buyer One" },
  newClientId: () => String(randomInt(1e14, 2e14)),
  signedClients: false,
  paths: {
    authorize: "/v23.0/dialog/oauth",
    token: "/v23.0/oauth/access_token",
    metadata: "/.well-known/openid-configuration",
  },
  issuer: (base) => base,
  authorization: {
    responseModes: [],
    scopesToPost: [],
    prompts: [],
    scopes: plainScopes("openid", "email", "public_profile"),
    scopeSeparator: /[ ,]+/,
    scopeRequired: false,
    refusals: "page",
    namesIssuer: false,
    granted: () => ({}),
    firstGranted: () => ({}),
    denied: {
      error: "access_denied",
      error_code: "200",
      error_description: "Permissions error",
      error_reason: "user_denied",
    },
    // Facebook ends every redirect so, lest a browser carry over the fragment of its own page.
    fragment: "#_=_",
  },
  token: {
    clientAuthentication: ["client_secret_post"],
    grantTypeRequired: false,
    accessTokenPrefix: "EAA",
    answer: (_request, { accessToken, idToken }) =>
      jsonAnswer(
        200,
        {
          access_token: accessToken,
          token_type: "bearer",
          expires_in: 5_183_944,
          ...(idToken === null ? {} : { id_token: idToken }),
        },
        notStored,
      ),
    refuse: (_request, refusal) => jsonAnswer(400, { error: graphError(refusal) }, notStored),
  },
  idToken: {
    jwksPath: "/.well-known/oauth/openid/jwks/",
    publishedKey: (jwk) => jwk,
    scope: "openid",
    ttlSeconds: 3_600,
    issuer: (base) => base,
    otherIssuer: (base) => `${base}/`,
    subject: ({ account }) => account.id,
    claims: ({ account, scopes, accessToken }) => {
      // The public profile is part of every login, asked for or not.
      const { given, family } = splitName(account.name);
      return {
        jti: randomBytes(16).toString("hex"),
        at_hash: accessTokenHash(accessToken),
        name: account.name,
        given_name: given,
        ...(family === "" ? {} : { family_name: family }),
        ...(scopes.includes("email") && account.email !== null ? { email: account.email } : {}),
      };
    },
  },
};

/** An error of the Graph API (https://developers.facebook.com/docs/graph-api/guides/error-handling). */
function graphError(refusal: Refusal): object {
  const [code, message, subcode] = graphWords(refusal);
  return {
    message,
    type: "OAuthException",
    code,
    ...(subcode === undefined ? {} : { error_subcode: subcode }),
    fbtrace_id: randomBytes(8).toString("base64url"),
  };
}

function graphWords({ code, message }: Refusal): readonly [code: number, message: string, subcode?: number] {
  switch (code) {
    case "invalid_client":
      return [1, "Error validating client secret."];
    case "code_unknown":
      return [100, "Invalid verification code format."];
    case "code_expired":
      return [100, "This authorization code has expired.", 36_007];
    case "code_spent":
      return [100, "This authorization code has been used.", 36_009];
    case "redirect_uri_mismatch":
      return [
        100,
        "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in " +
          "the OAuth dialog request",
        36_008,
      ];
    default:
      return [100, message];
  }
}
