import type { JWK } from "jose";
import type * as z from "zod";
import type { LocalAnswer, LocalRequest } from "../server/local-server.ts";
import type { BaseAccount } from "./accounts.ts";
import type { ProviderName } from "./provider-names.ts";
import type { Refusal } from "./refusal.ts";

/** How an answer travels to the client: in the query of a redirect, or as a form that the browser posts. */
export type ResponseMode = "query" | "form_post";

/** One provider: everything in which it differs from the others. `base` is its address, without a slash at the end. */
export interface Profile<A extends BaseAccount> {
  readonly name: ProviderName;
  /** What it calls itself. */
  readonly title: string;
  readonly accountSchema: z.ZodType<A>;
  /** The account that is there from the start. */
  readonly defaultAccount: A;
  readonly newClientId: () => string;
  /** Whether its clients prove themselves by a signature and not by a secret. */
  readonly signedClients: boolean;
  /** Below the base. */
  readonly paths: { readonly authorize: string; readonly token: string; readonly metadata: string };
  /** As its metadata names it, which at Microsoft is a template. */
  readonly issuer: (base: string) => string;
  readonly authorization: AuthorizationRules<A>;
  readonly token: TokenRules;
  /** Null where it issues none. */
  readonly idToken: IdTokenRules<A> | null;
}

/** What an authorization request may say, and what is answered. */
export interface AuthorizationRules<A extends BaseAccount> {
  /** Modes that may be asked for; none where it has no such parameter. It is "query" where nothing is asked for. */
  readonly responseModes: readonly ResponseMode[];
  /** Scopes with which the answer can only be posted. */
  readonly scopesToPost: readonly string[];
  /** Values that `prompt` may have; none where it has no such parameter. The page asks in any case. */
  readonly prompts: readonly string[];
  /** Scopes as they may be asked for, with the names under which they are granted. */
  readonly scopes: Readonly<Record<string, string>>;
  readonly scopeSeparator: RegExp;
  readonly scopeRequired: boolean;
  /** Where a faulty request is answered whose client and redirect URI are in order. Any other gets a page. */
  readonly refusals: "page" | "redirect";
  /** Whether answers carry `iss` (https://www.rfc-editor.org/rfc/rfc9207). */
  readonly namesIssuer: boolean;
  /** What an answer has beside `code`, `state` and `iss`. */
  readonly granted: (account: A, scopes: readonly string[]) => Readonly<Record<string, string>>;
  /** What it has beside that when the account allows this client for the first time. */
  readonly firstGranted: (account: A, scopes: readonly string[]) => Readonly<Record<string, string>>;
  readonly denied: Readonly<Record<string, string>>;
  /** Fragment of the redirect, with its mark; empty where there is none. */
  readonly fragment: string;
}

/** Tokens as they are issued. */
export interface IssuedTokens {
  readonly accessToken: string;
  readonly scopes: readonly string[];
  readonly idToken: string | null;
}

/** How clients prove themselves at the token endpoint, and what it answers. */
export interface TokenRules {
  readonly clientAuthentication: readonly ("client_secret_basic" | "client_secret_post")[];
  /** Whether `grant_type` must be sent. Whatever is sent must be `authorization_code`. */
  readonly grantTypeRequired: boolean;
  readonly accessTokenPrefix: string;
  readonly answer: (request: LocalRequest, tokens: IssuedTokens) => LocalAnswer;
  readonly refuse: (request: LocalRequest, refusal: Refusal) => LocalAnswer;
}

/** What an ID token is made of. */
export interface TokenFacts<A extends BaseAccount> {
  readonly account: A;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly accessToken: string;
  readonly nowSeconds: number;
}

export interface IdTokenRules<A extends BaseAccount> {
  /** Below the base. */
  readonly jwksPath: string;
  /** A public key as this provider publishes it. */
  readonly publishedKey: (jwk: JWK, base: string) => JWK;
  /** The scope that asks for an ID token; null where there always is one. */
  readonly scope: string | null;
  readonly ttlSeconds: number;
  readonly issuer: (base: string, account: A) => string;
  /** One that looks like it and is another. */
  readonly otherIssuer: (base: string, account: A) => string;
  readonly subject: (facts: TokenFacts<A>) => string;
  /** Claims beside `iss`, `sub`, `aud`, `iat`, `exp` and `nonce`. Undefined ones are left out. */
  readonly claims: (facts: TokenFacts<A>) => Readonly<Record<string, unknown>>;
}
