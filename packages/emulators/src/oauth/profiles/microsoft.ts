import { createHash, randomUUID } from "node:crypto";
import { jsonAnswer, type LocalAnswer } from "../../server/local-server.ts";
import { accountSchemas, type MicrosoftAccount, personalTenant } from "../accounts.ts";
import type { Profile } from "../profile.ts";
import { grantErrorOf, type Refusal, type RefusalCode } from "../refusal.ts";
import { notStored, plainScopes } from "./shared.ts";

const otherTenant = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";

/**
 * Microsoft, for accounts of every organization and personal ones: the `common` endpoints
 * (https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow). The issuer in the metadata is a
 * template, that of a token has its tenant in it; claims are those of
 * https://learn.microsoft.com/en-us/entra/identity-platform/id-token-claims-reference.
 */
export const microsoft: Profile<MicrosoftAccount> = {
  name: "microsoft",
  title: "Microsoft",
  accountSchema: accountSchemas.microsoft,
  defaultAccount: {
    id: "00000000-0000-0000-66f3-3332eca7ea81",
    email: "buyer.one@example.com",
    name: "Buyer One",
    tenant: personalTenant,
  },
  newClientId: () => randomUUID(),
  signedClients: false,
  paths: {
    authorize: "/common/oauth2/v2.0/authorize",
    token: "/common/oauth2/v2.0/token",
    metadata: "/common/v2.0/.well-known/openid-configuration",
  },
  issuer: (base) => `${base}/{tenantid}/v2.0`,
  authorization: {
    responseModes: ["query", "form_post"],
    scopesToPost: [],
    prompts: ["login", "consent", "select_account"],
    scopes: plainScopes("openid", "profile", "email"),
    scopeSeparator: / +/,
    scopeRequired: true,
    refusals: "redirect",
    namesIssuer: false,
    granted: () => ({ session_state: randomUUID() }),
    firstGranted: () => ({}),
    denied: {
      error: "access_denied",
      error_subcode: "cancel",
      error_description: "AADSTS65004: User declined to consent to access the app.",
    },
    fragment: "",
  },
  token: {
    clientAuthentication: ["client_secret_basic", "client_secret_post"],
    grantTypeRequired: true,
    accessTokenPrefix: "",
    answer: (_request, { accessToken, scopes, idToken }) =>
      jsonAnswer(
        200,
        {
          token_type: "Bearer",
          scope: scopes.join(" "),
          expires_in: 3_599,
          ext_expires_in: 3_599,
          access_token: accessToken,
          ...(idToken === null ? {} : { id_token: idToken }),
        },
        notStored,
      ),
    refuse: (_request, refusal) => stsError(refusal),
  },
  idToken: {
    jwksPath: "/common/discovery/v2.0/keys",
    // Microsoft's keys name no algorithm, but the issuers that they may sign for.
    publishedKey: ({ alg: _alg, ...jwk }, base) => ({ ...jwk, issuer: `${base}/{tenantid}/v2.0` }),
    scope: "openid",
    ttlSeconds: 3_900,
    issuer: (base, account) => `${base}/${account.tenant}/v2.0`,
    // Of another tenant than the token's own: what a client finds that only looks at the shape of an issuer.
    otherIssuer: (base, account) => `${base}/${account.tenant === otherTenant ? personalTenant : otherTenant}/v2.0`,
    // Another one for each client, so that clients cannot compare their users.
    subject: ({ account, clientId }) =>
      createHash("sha256").update(`${clientId} ${account.tenant} ${account.id}`).digest("base64url"),
    claims: ({ account, scopes, nowSeconds }) => ({
      ver: "2.0",
      nbf: nowSeconds,
      uti: randomUUID(),
      ...(scopes.includes("profile")
        ? {
            tid: account.tenant,
            oid: account.id,
            name: account.name,
            preferred_username: account.username ?? account.email ?? account.id,
          }
        : {}),
      ...(scopes.includes("email") && account.email !== null
        ? { email: account.email, ...(account.edov === undefined ? {} : { xms_edov: account.edov }) }
        : {}),
    }),
  },
};

/** Numbers and words of https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes. */
const stsErrors: Readonly<Partial<Record<RefusalCode, readonly [number: number, words: string]>>> = {
  invalid_client: [7_000_215, "Invalid client secret provided."],
  unsupported_grant_type: [70_003, "The app requested an unsupported grant type."],
  code_unknown: [9_002_313, "Invalid request. Request is malformed or invalid."],
  code_expired: [70_008, "The provided authorization code or refresh token has expired due to inactivity."],
  code_spent: [54_005, "OAuth2 Authorization code was already redeemed, please retry with a new valid code."],
  redirect_uri_mismatch: [
    500_112,
    "The reply address does not match the reply address provided when requesting Authorization code.",
  ],
  verifier_missing: [
    501_481,
    "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
  ],
  verifier_wrong: [
    501_481,
    "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
  ],
};

function stsError(refusal: Refusal): LocalAnswer {
  const [number, words] = stsErrors[refusal.code] ?? [900_144, refusal.message];
  const traceId = randomUUID();
  const correlationId = randomUUID();
  const timestamp = `${new Date().toISOString().slice(0, 19).replace("T", " ")}Z`;
  const isClient = refusal.code === "invalid_client";
  return jsonAnswer(
    isClient ? 401 : 400,
    {
      error: grantErrorOf(refusal.code),
      error_description: `AADSTS${number}: ${words} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
      error_codes: [number],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
    },
    { ...notStored, ...(isClient ? { "www-authenticate": "Basic" } : {}) },
  );
}
