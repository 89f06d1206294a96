import type { Clock } from "@foyer/kernel/clock";
import { secondMs } from "@foyer/kernel/clock";
import { equalInConstantTime } from "@foyer/kernel/encoding";
import { limits } from "@foyer/kernel/limits";
import { ok, type Result } from "@foyer/kernel/result";
import type { Logger } from "@foyer/telemetry/logger";
import { createRemoteJWKSet, customFetch, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from "jose";
import { type CallProvider, ProviderFault, refused, unavailable } from "./outside-calls.ts";

/** Checks an ID token: `users.provider_refused` for one that is not good, here, now and for this flow. */
export type IdTokenVerifier = (idToken: string, nonce: string) => Promise<Result<JWTPayload>>;

export interface IdTokenRules {
  /** With `{tenantid}` where its place is in the tenant that the token names. */
  readonly issuer: string;
  readonly clientId: string;
  readonly jwksUri: string;
}

/** What providers sign with. A list, so that a token's header chooses among these and nothing else (RFC 8725 section 3.1). */
const algorithms = ["RS256", "ES256"];
const tenantShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const tenantPlace = "{tenantid}";

/** Whether a text is the issuer, or one that the template describes. */
export function isIssuerOf(template: string, issuer: string): boolean {
  const [before = "", after] = template.split(tenantPlace);
  if (after === undefined) return issuer === template;
  const tenant = issuer.slice(before.length, issuer.length - after.length);
  return tenantShape.test(tenant) && issuer === issuerOf(template, tenant);
}

/** The issuer of a token that is of this tenant. */
function issuerOf(template: string, tenant: unknown): string | null {
  if (!template.includes(tenantPlace)) return template;
  return typeof tenant === "string" && tenantShape.test(tenant) ? template.replace(tenantPlace, tenant) : null;
}

/**
 * Verifies as OpenID Connect Core section 3.1.3.7 has it: signature by a published key, algorithm, issuer, audience, authorized party, times,
 * nonce. Keys are kept for {@link limits.providerKeysFreshSeconds}; an unknown one is looked for at most every
 * {@link limits.providerKeysPauseSeconds}.
 */
export function createIdTokenVerifier(
  rules: IdTokenRules,
  call: CallProvider,
  clock: Clock,
  log: Logger,
): IdTokenVerifier {
  const keys = createRemoteJWKSet(new URL(rules.jwksUri), {
    cacheMaxAge: limits.providerKeysFreshSeconds * secondMs,
    cooldownDuration: limits.providerKeysPauseSeconds * secondMs,
    timeoutDuration: limits.outsideCallTimeoutMs,
    [customFetch]: async (url) => {
      const reply = await call("keys", url, { method: "GET" });
      if (!reply.ok) throw new ProviderFault(reply.error);
      if (reply.value.status !== 200) throw new ProviderFault(unavailable.error);
      return Response.json(reply.value.body);
    },
  });

  return async (idToken, nonce) => {
    try {
      const { payload, protectedHeader } = await jwtVerify(idToken, keys, {
        algorithms,
        audience: rules.clientId,
        clockTolerance: limits.clockSkewSeconds,
        maxTokenAge: limits.providerTokenAgeSecondsMax,
        currentDate: new Date(clock.nowMs()),
        requiredClaims: ["iss", "sub", "aud", "exp", "iat"],
      });
      const fault = faultOf(rules, { payload, header: protectedHeader, nonce, keys: keys.jwks() });
      if (fault === null) return ok(payload);
      log.warn("ID token refused", { issuer: rules.issuer, reason: fault });
      return refused;
    } catch (thrown) {
      return failureOf(thrown, rules, log);
    }
  };
}

/** What is wrong with a token that is well signed, for this client and of this time; null where nothing is. */
function faultOf(
  { issuer, clientId }: IdTokenRules,
  token: {
    readonly payload: JWTPayload;
    readonly header: { readonly kid?: string; readonly typ?: string };
    readonly nonce: string;
    readonly keys: JSONWebKeySet | undefined;
  },
): string | null {
  const { payload, header } = token;
  const { iss, aud, azp, nonce, tid } = payload;
  if (iss === undefined || iss !== issuerOf(issuer, tid)) return "iss";
  // A key of many tenants may say which issuers it signs for; another tenant's key is no key of this one.
  const signer: object = token.keys?.keys.find(({ kid }) => kid === header.kid) ?? {};
  if ("issuer" in signer && iss !== issuerOf(String(signer.issuer), tid)) return "issuer of the key";
  // An access token, or any other kind, is no statement about who is here (RFC 8725 section 3.11).
  if (header.typ !== undefined && header.typ.toUpperCase() !== "JWT") return "typ";
  const hasOthers = Array.isArray(aud) && aud.length > 1;
  if ((hasOthers || azp !== undefined) && azp !== clientId) return "azp";
  if (typeof nonce !== "string" || !equalInConstantTime(nonce, token.nonce)) return "nonce";
  return null;
}

function failureOf(thrown: unknown, { issuer }: IdTokenRules, log: Logger) {
  if (thrown instanceof ProviderFault) return { ok: false as const, error: thrown.failure };
  if (!(thrown instanceof errors.JOSEError)) throw thrown;
  const isTheirs = thrown instanceof errors.JWKSTimeout || thrown instanceof errors.JWKSInvalid;
  const claim = "claim" in thrown && typeof thrown.claim === "string" ? thrown.claim : null;
  log.warn(isTheirs ? "keys of an identity provider not usable" : "ID token refused", {
    issuer,
    reason: claim === null ? thrown.code : `${thrown.code} ${claim}`,
  });
  return isTheirs ? unavailable : refused;
}
