import type { ProviderName } from "@foyer/contracts/users/api/providers";

/** Where a provider is and what it is asked for. Endpoints and issuer can be others by configuration. */
export interface ProviderProfile {
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  /** As its ID tokens and answers name it; `{tenantid}` stands for the tenant that a token is of. */
  readonly issuer: string;
  /** Where the keys of its ID tokens are; null where it issues none. */
  readonly jwksUri: string | null;
  /** Where its API is; null where it is not asked. */
  readonly apiUrl: string | null;
  readonly scopes: readonly string[];
  /** What a request has beside what every request has. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Whether the client's secret is a key that signs one for each call. */
  readonly signsSecret: boolean;
}

const plain = { apiUrl: null, parameters: {}, signsSecret: false } as const;

/** The providers as their documentation describes them. */
export const providerProfiles: Readonly<Record<ProviderName, ProviderProfile>> = {
  // https://developers.google.com/identity/openid-connect/openid-connect
  google: {
    ...plain,
    authorizationEndpoint: "https://accounts.google.com/o/oauth2/v2/auth",
    tokenEndpoint: "https://oauth2.googleapis.com/token",
    issuer: "https://accounts.google.com",
    jwksUri: "https://www.googleapis.com/oauth2/v3/certs",
    scopes: ["openid", "email", "profile"],
  },
  // https://developers.facebook.com/docs/facebook-login/guides/advanced/oidc-token
  facebook: {
    ...plain,
    authorizationEndpoint: "https://www.facebook.com/v23.0/dialog/oauth",
    tokenEndpoint: "https://graph.facebook.com/v23.0/oauth/access_token",
    issuer: "https://www.facebook.com",
    jwksUri: "https://www.facebook.com/.well-known/oauth/openid/jwks/",
    scopes: ["openid", "email", "public_profile"],
  },
  // https://developer.apple.com/documentation/signinwithapplerestapi; whoever asks for name or address is answered by a form
  apple: {
    ...plain,
    authorizationEndpoint: "https://appleid.apple.com/auth/authorize",
    tokenEndpoint: "https://appleid.apple.com/auth/token",
    issuer: "https://appleid.apple.com",
    jwksUri: "https://appleid.apple.com/auth/keys",
    scopes: ["name", "email"],
    parameters: { response_mode: "form_post" },
    signsSecret: true,
  },
  // https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow; accounts of every tenant and personal ones
  microsoft: {
    ...plain,
    authorizationEndpoint: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
    tokenEndpoint: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
    issuer: "https://login.microsoftonline.com/{tenantid}/v2.0",
    jwksUri: "https://login.microsoftonline.com/common/discovery/v2.0/keys",
    scopes: ["openid", "profile", "email"],
  },
  // https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps; no ID token, its API says who it was
  github: {
    ...plain,
    authorizationEndpoint: "https://github.com/login/oauth/authorize",
    tokenEndpoint: "https://github.com/login/oauth/access_token",
    issuer: "https://github.com/login/oauth",
    jwksUri: null,
    apiUrl: "https://api.github.com",
    scopes: ["user:email"],
  },
};
