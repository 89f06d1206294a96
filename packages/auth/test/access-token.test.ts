import { limits } from "@foyer/kernel/limits";
import { SignJWT } from "jose";
import { expect, test } from "vitest";
import { signAccessToken, verifyAccessToken } from "../src/access-token.ts";
import { audience, newKeyPair, newSubject, sign } from "./support.ts";

const pair = await newKeyPair("current");
const other = await newKeyPair("other");
const nowMs = Date.UTC(2026, 10, 23);
const nowSeconds = nowMs / 1000;
const { importJWK } = await import("jose");
const publicKey = await importJWK({ ...pair.jwk }, "EdDSA");
const keys = async (kid: string) => (kid === pair.kid && !(publicKey instanceof Uint8Array) ? publicKey : null);
const verify = (token: string, atMs = nowMs) => verifyAccessToken(token, { ...audience, keys, nowMs: atMs });

/** A token that is right but for what a test changes. */
function jwt(change: {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  key?: Parameters<SignJWT["sign"]>[0];
}) {
  const claims = {
    sub: newSubject().userId,
    sid: "ses_1",
    evd: true,
    adm: false,
    iss: audience.issuer,
    aud: audience.audience,
    iat: nowSeconds,
    exp: nowSeconds + 900,
    ...change.claims,
  };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: pair.kid, ...change.header })
    .sign(change.key ?? pair.privateKey);
}

const encode = (value: object) =>
  btoa(JSON.stringify(value)).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");

test("a token tells who its bearer is, until it expires", async () => {
  const subject = { ...newSubject(), platformAdmin: true };
  expect(await verify(await sign(pair, nowMs, subject))).toEqual({
    actor: { kind: "user", ...subject },
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + limits.accessTokenTtlSeconds * 1000,
    kid: pair.kid,
  });
});

test("a token lives for its time and the clocks' tolerance, not a second longer", async () => {
  const token = await sign(pair, nowMs);
  const lastMs = nowMs + (limits.accessTokenTtlSeconds + limits.clockSkewSeconds) * 1000;
  expect(await verify(token, lastMs - 1_000)).not.toBeNull();
  expect(await verify(token, lastMs)).toBeNull();
});

test("privileges are what the claims say, and only `true` is true", async () => {
  for (const claim of ["true", 1, "yes", {}, null, undefined]) {
    const verified = await verify(await jwt({ claims: { evd: claim, adm: claim } }));
    expect(verified?.actor).toMatchObject({ emailVerified: false, platformAdmin: false });
  }
});

test.each([
  ["another issuer", { claims: { iss: "https://elsewhere.example" } }],
  ["no issuer", { claims: { iss: undefined } }],
  ["another audience", { claims: { aud: "elsewhere" } }],
  ["no audience", { claims: { aud: undefined } }],
  ["no subject", { claims: { sub: undefined } }],
  ["a subject that is no user", { claims: { sub: "org_00000000000000000000000000" } }],
  ["no session", { claims: { sid: undefined } }],
  ["a session that is no text", { claims: { sid: 1 } }],
  ["no expiry", { claims: { exp: undefined } }],
  ["no time of issue", { claims: { iat: undefined } }],
  ["an expiry that is no number", { claims: { exp: "tomorrow" } }],
  ["a time to begin in the future", { claims: { nbf: nowSeconds + 3_600 } }],
  ["another type", { header: { typ: "JWT" } }],
  ["no type", { header: { typ: undefined } }],
  ["no key id", { header: { kid: undefined } }],
  ["an unknown key id", { header: { kid: "unknown" } }],
  ["a path for a key id", { header: { kid: "../../keys/current" } }],
  ["another's key under our key id", { key: other.privateKey }],
  [
    "another's key in its own header",
    { header: { jwk: other.jwk, jku: "https://elsewhere.example/jwks.json" }, key: other.privateKey },
  ],
])("a token with %s is refused", async (_, change) => {
  expect(await verify(await jwt(change as Parameters<typeof jwt>[0]))).toBeNull();
});

test("no algorithm but ours is believed", async () => {
  const claims = {
    sub: newSubject().userId,
    sid: "ses_1",
    iss: audience.issuer,
    aud: audience.audience,
    iat: nowSeconds,
    exp: nowSeconds + 900,
  };
  const header = { typ: "at+jwt", kid: pair.kid };
  for (const alg of ["none", "None", "NONE", ""]) {
    expect(await verify(`${encode({ ...header, alg })}.${encode(claims)}.`)).toBeNull();
  }
  const hmac = await new SignJWT(claims)
    .setProtectedHeader({ ...header, alg: "HS256" })
    .sign(new TextEncoder().encode(pair.jwk.x));
  expect(await verify(hmac)).toBeNull();
});

test("a changed letter anywhere in a token makes it nothing", async () => {
  const token = await sign(pair, nowMs);
  for (let index = 0; index < token.length - 1; index += 7) {
    const letter = token[index] === "A" ? "B" : "A";
    expect(await verify(`${token.slice(0, index)}${letter}${token.slice(index + 1)}`)).toBeNull();
  }
});

test.each(["", ".", "..", "a.b.c", "x".repeat(5_000), "eyJhbGciOiJFZERTQSJ9.e30."])("%j is no token", async (text) => {
  expect(await verify(text)).toBeNull();
});

test("keys that cannot be had are a fault, not a refusal", async () => {
  const broken = async () => {
    throw new Error("users is away");
  };
  const token = await sign(pair, nowMs);
  await expect(verifyAccessToken(token, { ...audience, keys: broken, nowMs })).rejects.toThrow("users is away");
});

test("a token of a shorter life expires sooner", async () => {
  const token = await signAccessToken(newSubject(), {
    ...audience,
    key: pair.privateKey,
    kid: pair.kid,
    nowMs,
    ttlSeconds: 5,
  });
  expect((await verify(token))?.expiresAtMs).toBe(nowMs + 5_000);
});

test("a token that claims to live longer than ours do is refused, whoever signed it", async () => {
  const token = await jwt({ claims: { iat: nowSeconds, exp: nowSeconds + 365 * 86_400 } });
  const lastMs = nowMs + (limits.accessTokenTtlSeconds + limits.clockSkewSeconds) * 1000;
  expect(await verify(token, lastMs)).not.toBeNull();
  expect(await verify(token, lastMs + 1_000)).toBeNull();
});

test("a token says who acts in its subject's place, and what says it wrongly is no token", async () => {
  const { userId: impersonatorId } = newSubject();
  const acting = await sign(pair, nowMs, { ...newSubject(), impersonatorId, authenticatedAtMs: 0 });
  expect((await verify(acting))?.actor).toMatchObject({ impersonatorId, authenticatedAtMs: 0 });
  for (const act of ["usr_1", {}, { sub: 1 }, { sub: "org_1" }, [], null]) {
    expect(await verify(await jwt({ claims: { act } }))).toBeNull();
  }
});

test("a proof of identity that is not a time is none", async () => {
  for (const claim of ["1", null, {}, undefined]) {
    expect((await verify(await jwt({ claims: { auth_time: claim } })))?.actor.authenticatedAtMs).toBe(0);
  }
});
