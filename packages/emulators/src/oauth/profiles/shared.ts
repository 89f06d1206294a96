import { createHash } from "node:crypto";
import { jsonAnswer, type LocalAnswer } from "../../server/local-server.ts";
import { grantErrorOf, type Refusal, type RefusalCode } from "../refusal.ts";

/** What answers with tokens forbid their caches (https://www.rfc-editor.org/rfc/rfc6749#section-5.1). */
export const notStored = { "cache-control": "no-store", pragma: "no-cache" } as const;

/** A hash of an access token that binds it to an ID token (https://openid.net/specs/openid-connect-core-1_0.html#CodeIDToken). */
export function accessTokenHash(accessToken: string): string {
  return createHash("sha256").update(accessToken).digest().subarray(0, 16).toString("base64url");
}

/** Scopes that are granted under the names by which they are asked for. */
export function plainScopes(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, name]));
}

/** How a provider words refusals; what it has no words for is said in our own. */
export type Wording = Readonly<Partial<Record<RefusalCode, string>>>;

/** An error in the shape of RFC 6749 section 5.2. */
export function oauthError(refusal: Refusal, wording: Wording, clientStatus: 400 | 401): LocalAnswer {
  const isClient = refusal.code === "invalid_client";
  return jsonAnswer(
    isClient ? clientStatus : 400,
    { error: grantErrorOf(refusal.code), error_description: wording[refusal.code] ?? refusal.message },
    { ...notStored, ...(isClient && clientStatus === 401 ? { "www-authenticate": "Basic" } : {}) },
  );
}
