import { type AccessTokenSubject, signAccessToken, type TokenAudience } from "@foyer/auth/access-token";
import { newId, type UserId } from "@foyer/kernel/ids";
import { importJWK, SignJWT } from "jose";
import { testSigningJwk } from "./signing-key.ts";

/** What every worker's wrangler.toml says of tokens. */
export const testAudience: TokenAudience = { issuer: "https://foyer.local", audience: "foyer" };

/** A user with a valid token, made for one test. */
export interface TestUser {
  readonly userId: UserId;
  readonly token: string;
  readonly headers: { readonly authorization: string };
}

async function signingKey() {
  const key = await importJWK({ ...testSigningJwk }, "EdDSA");
  if (key instanceof Uint8Array) throw new TypeError("the test key is a key pair");
  return key;
}

/** A fresh user and an access token that every worker accepts. */
export async function newTestUser(
  subject: Partial<AccessTokenSubject> = {},
  options: { readonly nowMs?: number; readonly ttlSeconds?: number } & Partial<TokenAudience> = {},
): Promise<TestUser> {
  const nowMs = options.nowMs ?? Date.now();
  const userId = subject.userId ?? newId("user", nowMs);
  const token = await signAccessToken(
    {
      sessionId: newId("session", nowMs),
      emailVerified: true,
      platformAdmin: false,
      authenticatedAtMs: nowMs,
      impersonatorId: null,
      ...subject,
      userId,
    },
    {
      ...testAudience,
      ...options,
      key: await signingKey(),
      kid: testSigningJwk.kid,
      nowMs,
    },
  );
  return { userId, token, headers: { authorization: `Bearer ${token}` } };
}

/** Tokens that must be refused, by what is wrong with them; for the security case of every guarded route. */
export async function badTokens(): Promise<Readonly<Record<string, string>>> {
  const userId = newId("user", Date.now());
  const nowSeconds = Math.floor(Date.now() / 1000);
  const claims = { sid: "ses_x", evd: true, adm: true, auth_time: nowSeconds };
  const base64 = (value: object) =>
    btoa(JSON.stringify(value)).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");
  const payload = {
    ...claims,
    sub: userId,
    iss: testAudience.issuer,
    aud: testAudience.audience,
    iat: nowSeconds,
    exp: nowSeconds + 900,
  };
  const hmac = await new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: testSigningJwk.kid })
    .setSubject(userId)
    .setIssuer(testAudience.issuer)
    .setAudience(testAudience.audience)
    .setIssuedAt()
    .setExpirationTime("15m")
    .sign(new TextEncoder().encode(testSigningJwk.x));
  return {
    "not a token": "nonsense",
    expired: (await newTestUser({ userId }, { nowMs: Date.now() - 3_600_000 })).token,
    "another audience": (await newTestUser({ userId }, { audience: "elsewhere" })).token,
    "another issuer": (await newTestUser({ userId }, { issuer: "https://elsewhere.example" })).token,
    "algorithm none": `${base64({ alg: "none", typ: "at+jwt" })}.${base64(payload)}.`,
    "algorithm swapped for HMAC with the public key": hmac,
  };
}
