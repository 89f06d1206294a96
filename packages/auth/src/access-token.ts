import type { Actor } from "@foyer/contracts/shared/actor";
import { isId, type UserId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { type CryptoKey, errors, jwtVerify, SignJWT } from "jose";

/** The one algorithm of access tokens (RFC 8037); verification names it explicitly (RFC 8725 section 3.1). */
export const accessTokenAlgorithm = "EdDSA";
/** `typ` of access tokens (RFC 9068), so that no other JWT can pass as one. */
export const accessTokenType = "at+jwt";

/** Who signs and for whom; equal in every worker of a deployment. */
export interface TokenAudience {
  readonly issuer: string;
  readonly audience: string;
}

export interface AccessTokenSubject {
  readonly userId: UserId;
  readonly sessionId: string;
  readonly emailVerified: boolean;
  readonly platformAdmin: boolean;
}

/** Signs an access token of {@link limits.accessTokenTtlSeconds} seconds. Only users and tests hold a private key. */
export async function signAccessToken(
  subject: AccessTokenSubject,
  signing: TokenAudience & {
    readonly key: CryptoKey;
    readonly kid: string;
    readonly nowMs: number;
    readonly ttlSeconds?: number;
  },
): Promise<string> {
  const nowSeconds = Math.floor(signing.nowMs / 1000);
  return new SignJWT({ sid: subject.sessionId, evd: subject.emailVerified, adm: subject.platformAdmin })
    .setProtectedHeader({ alg: accessTokenAlgorithm, typ: accessTokenType, kid: signing.kid })
    .setIssuer(signing.issuer)
    .setAudience(signing.audience)
    .setSubject(subject.userId)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + (signing.ttlSeconds ?? limits.accessTokenTtlSeconds))
    .sign(signing.key);
}

/** Finds a verification key by its id; null where no such key is published. */
export type KeySource = (kid: string) => Promise<CryptoKey | null>;

/**
 * Verifies an access token: algorithm, type, signature, issuer, audience, times. Null for anything that is not a valid
 * token of ours; throws only when the keys cannot be had.
 */
export async function verifyAccessToken(
  token: string,
  options: TokenAudience & { readonly keys: KeySource; readonly nowMs: number },
): Promise<{ readonly actor: Actor; readonly expiresAtMs: number } | null> {
  let keyFault: unknown = null;
  try {
    const { payload } = await jwtVerify(
      token,
      async (header) => {
        let key: CryptoKey | null = null;
        try {
          key = typeof header.kid === "string" ? await options.keys(header.kid) : null;
        } catch (thrown) {
          keyFault = thrown;
        }
        if (key === null) throw new errors.JWKSNoMatchingKey();
        return key;
      },
      {
        algorithms: [accessTokenAlgorithm],
        typ: accessTokenType,
        issuer: options.issuer,
        audience: options.audience,
        requiredClaims: ["sub", "sid", "exp", "iat"],
        clockTolerance: limits.clockSkewSeconds,
        currentDate: new Date(options.nowMs),
      },
    );
    const { sub, sid, evd, adm, exp } = payload;
    if (typeof sub !== "string" || !isId("user", sub) || typeof sid !== "string" || exp === undefined) return null;
    return {
      actor: { kind: "user", userId: sub, sessionId: sid, emailVerified: evd === true, platformAdmin: adm === true },
      expiresAtMs: exp * 1000,
    };
  } catch (thrown) {
    if (keyFault !== null) throw keyFault;
    if (thrown instanceof errors.JOSEError) return null;
    throw thrown;
  }
}
