import type { UserActor } from "@foyer/contracts/shared/actor";
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

/** Whom a token speaks of, and what of them. */
export type AccessTokenSubject = Omit<UserActor, "kind">;

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
  return new SignJWT({
    sid: subject.sessionId,
    evd: subject.emailVerified,
    adm: subject.platformAdmin,
    auth_time: Math.floor(subject.authenticatedAtMs / 1000),
    ...(subject.impersonatorId === null ? {} : { act: { sub: subject.impersonatorId } }),
  })
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

/** A token that was verified: its bearer, and what can end it early. */
export interface VerifiedToken {
  readonly actor: UserActor;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** The key that signed it. */
  readonly kid: string;
}

/**
 * Verifies an access token: algorithm, type, signature, issuer, audience, times; one that claims to live longer than ours do is
 * none of ours, whoever signed it. Null for anything that is not a valid token of ours; throws only when the keys cannot be had.
 */
export async function verifyAccessToken(
  token: string,
  options: TokenAudience & { readonly keys: KeySource; readonly nowMs: number },
): Promise<VerifiedToken | null> {
  let keyFault: unknown = null;
  try {
    const { payload, protectedHeader } = await jwtVerify(
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
        maxTokenAge: limits.accessTokenTtlSeconds,
        clockTolerance: limits.clockSkewSeconds,
        currentDate: new Date(options.nowMs),
      },
    );
    const { sub, sid, evd, adm, exp, iat, auth_time: authTime } = payload;
    const impersonatorId = impersonatorIn(payload.act);
    if (typeof sub !== "string" || !isId("user", sub) || typeof sid !== "string") return null;
    if (exp === undefined || iat === undefined || impersonatorId === undefined) return null;
    return {
      actor: {
        kind: "user",
        userId: sub,
        sessionId: sid,
        emailVerified: evd === true,
        platformAdmin: adm === true,
        authenticatedAtMs: typeof authTime === "number" ? authTime * 1000 : 0,
        impersonatorId,
      },
      issuedAtMs: iat * 1000,
      expiresAtMs: exp * 1000,
      kid: protectedHeader.kid ?? "",
    };
  } catch (thrown) {
    if (keyFault !== null) throw keyFault;
    if (thrown instanceof errors.JOSEError) return null;
    throw thrown;
  }
}

/** Who acts in the subject's place (RFC 8693 section 4.1); null for nobody, undefined for a claim that is none of ours. */
function impersonatorIn(act: unknown): UserId | null | undefined {
  if (act === undefined) return null;
  if (typeof act !== "object" || act === null || !("sub" in act)) return undefined;
  return typeof act.sub === "string" && isId("user", act.sub) ? act.sub : undefined;
}
