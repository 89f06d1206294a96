import { exportSPKI, importJWK, UnsecuredJWT } from "jose";
import { afterEach, describe, expect, test, vi } from "vitest";
import { foreignJwk, providerJwk, testProviders } from "../support/provider-keys.ts";
import { callsWith, fresh, idToken, personalTenant, plan } from "../support/providers.ts";
import { codeForClaims, codeForToken, identify, nonce, outage, providerOf, refusal } from "./support.ts";

afterEach(() => void vi.restoreAllMocks());

const { d: _private, ...publicJwk } = providerJwk;
const seconds = (): number => Math.floor(Date.now() / 1_000);
const own = testProviders.google.clientId;
const organization = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";

test("a token that is in order says who it is", async () => {
  const { provider } = providerOf("google");
  const claims = { sub: "7", email: "buyer@example.com", email_verified: true, name: "Buyer One", azp: own };
  expect(await identify(provider, await codeForClaims("google", claims))).toEqual({
    ok: true,
    value: { provider: "google", subject: "7", email: "buyer@example.com", emailVerified: true, name: "Buyer One" },
  });
});

test.each<[string, object]>([
  ["for several, if we are the party it was issued to", { aud: [own, "another"], azp: own }],
  ["as a list of us alone", { aud: [own] }],
  ["of a clock that is half a minute ahead", { iat: seconds() + 25 }],
  ["that ended this moment", { exp: seconds() - 5 }],
  ["dated back by five minutes, as Microsoft does", { iat: seconds() - 300 }],
])("a token %s is taken", async (_, claims) => {
  const { provider } = providerOf("google");
  expect(await identify(provider, await codeForClaims("google", { ...claims }))).toMatchObject({ ok: true });
});

test.each<[string, object]>([
  ["of another client", { aud: "another" }],
  ["of nobody's", { aud: undefined }],
  ["of a client whose name only begins alike", { aud: `${own}.evil` }],
  ["for several, without a party", { aud: [own, "another"] }],
  ["for several, issued to another party", { aud: [own, "another"], azp: "another" }],
  ["for us, issued to another party", { azp: "another" }],
  ["of another issuer", { iss: testProviders.facebook.issuer }],
  ["of an issuer with a slash more", { iss: `${testProviders.google.issuer}/` }],
  ["of no issuer", { iss: undefined }],
  ["that is over", { exp: seconds() - 60 }],
  ["that never ends", { exp: undefined }],
  ["of no date", { iat: undefined }],
  ["of an hour ago, though it is not over", { iat: seconds() - 3_600 }],
  ["from the future", { iat: seconds() + 120, exp: seconds() + 3_600 }],
  ["that is not valid yet", { nbf: seconds() + 120 }],
  ["of another flow", { nonce: "the nonce of another flow" }],
  ["of no flow", { nonce: undefined }],
  ["whose nonce is none", { nonce: 7 }],
  ["about nobody", { sub: undefined }],
  ["about an empty name", { sub: "" }],
])("a token %s is refused", async (_, claims) => {
  const { provider } = providerOf("google");
  expect(await identify(provider, await codeForClaims("google", { ...claims }))).toMatchObject(refusal);
});

describe("a token is refused", () => {
  const google = { provider: "google", nonce } as const;

  test("that is not signed", async () => {
    const { provider } = providerOf("google");
    const claims = { iss: testProviders.google.issuer, aud: own, sub: "7", nonce, iat: seconds(), exp: seconds() + 60 };
    const unsigned = new UnsecuredJWT(claims).encode();
    const [, payload = ""] = unsigned.split(".");
    const header = btoa(JSON.stringify({ alg: "None", kid: providerJwk.kid })).replaceAll("=", "");
    for (const token of [unsigned, `${header}.${payload}.`]) {
      expect(await identify(provider, await codeForToken(token))).toMatchObject(refusal);
    }
  });

  test("that is signed with the public key as the secret of an HMAC", async () => {
    const { provider } = providerOf("google");
    const key = await importJWK(publicJwk, "ES256", { extractable: true });
    if (key instanceof Uint8Array) throw new TypeError("it is a key of a pair");
    const texts = [await exportSPKI(key), JSON.stringify(publicJwk), publicJwk.x];
    for (const text of texts) {
      const token = await idToken(google, {}, { key: new TextEncoder().encode(text), header: { alg: "HS256" } });
      expect(await identify(provider, await codeForToken(token))).toMatchObject(refusal);
    }
  });

  test("that is signed with a key that nobody published, under its own name, the right one, and an empty one", async () => {
    const { provider } = providerOf("google");
    const key = await importJWK({ ...foreignJwk }, "ES256");
    for (const header of [{ kid: "foreign" }, { kid: providerJwk.kid }, { kid: "" }]) {
      const token = await idToken(google, {}, { key, header });
      expect(await identify(provider, await codeForToken(token))).toMatchObject(refusal);
    }
  });

  test("that brings its own key along", async () => {
    const { provider } = providerOf("google");
    const key = await importJWK({ ...foreignJwk }, "ES256");
    const { d: _foreignPrivate, ...jwk } = foreignJwk;
    const brought = { jwk, jku: "https://evil.example/keys", x5u: "https://evil.example/cert" };
    const token = await idToken(google, {}, { key, header: { kid: "foreign", ...brought } });
    expect(await identify(provider, await codeForToken(token))).toMatchObject(refusal);
    expect(await callsWith(brought.jku)).toEqual([]);
  });

  test("that is of another kind", async () => {
    const { provider } = providerOf("google");
    for (const typ of ["at+jwt", "logout+jwt", "secevent+jwt"]) {
      expect(await identify(provider, await codeForClaims("google", {}, { header: { typ } }))).toMatchObject(refusal);
    }
    expect(await identify(provider, await codeForClaims("google", {}, { header: { typ: "JWT" } }))).toMatchObject({
      ok: true,
    });
  });

  test("that has extensions which must be understood", async () => {
    const { provider } = providerOf("google");
    const token = await idToken(google);
    const [, payload = "", signature = ""] = token.split(".");
    const header = btoa(JSON.stringify({ alg: "ES256", kid: providerJwk.kid, crit: ["x"], x: 1 })).replaceAll("=", "");
    expect(await identify(provider, await codeForToken(`${header}.${payload}.${signature}`))).toMatchObject(refusal);
  });

  test("whose claims were changed", async () => {
    const { provider } = providerOf("google");
    const [header = "", , signature = ""] = (await idToken(google)).split(".");
    const [, payload = ""] = (await idToken(google, { email: "victim@example.com", email_verified: true })).split(".");
    expect(await identify(provider, await codeForToken(`${header}.${payload}.${signature}`))).toMatchObject(refusal);
  });

  test.each(["", "a", "a.b.c", "..", `${"e".repeat(10_000)}.e.e`])("that is none (%j)", async (token) => {
    const { provider } = providerOf("google");
    expect(await identify(provider, await codeForToken(token))).toMatchObject(refusal);
  });

  test("that does not come at all", async () => {
    const { provider } = providerOf("google");
    const code = fresh("code");
    await plan(code, { body: JSON.stringify({ access_token: "a", token_type: "Bearer" }) });
    expect(await identify(provider, code)).toMatchObject(refusal);
  });
});

describe("at Microsoft", () => {
  test("the issuer is that of the token's own tenant", async () => {
    const { provider } = providerOf("microsoft");
    const of = (claims: Record<string, unknown>) => codeForClaims("microsoft", claims);
    const issuer = (tenant: string) => `https://microsoft.example/${tenant}/v2.0`;
    expect(await identify(provider, await of({ tid: organization }))).toMatchObject({ ok: true });
    for (const claims of [
      { tid: organization, iss: issuer(personalTenant) },
      { tid: personalTenant, iss: issuer(organization) },
      { tid: undefined },
      { tid: "{tenantid}", iss: issuer("{tenantid}") },
      { tid: "common", iss: issuer("common") },
      { tid: "a/../b", iss: issuer("a/../b") },
      { tid: organization.toUpperCase(), iss: issuer(organization) },
    ]) {
      expect(await identify(provider, await of(claims))).toMatchObject(refusal);
    }
  });

  test("a key signs for the issuers that it names, and for no others", async () => {
    const publish = async (issuer: string) => {
      const jwksUri = `https://keys.example/${fresh("set")}`;
      await plan(jwksUri, { body: JSON.stringify({ keys: [{ ...publicJwk, use: "sig", issuer }] }) });
      return providerOf("microsoft", { jwksUri }).provider;
    };
    const any = await publish("https://microsoft.example/{tenantid}/v2.0");
    const personal = await publish(`https://microsoft.example/${personalTenant}/v2.0`);
    const code = () => codeForClaims("microsoft", { tid: organization });
    expect(await identify(any, await code())).toMatchObject({ ok: true });
    expect(await identify(personal, await codeForClaims("microsoft", {}))).toMatchObject({ ok: true });
    expect(await identify(personal, await code())).toMatchObject(refusal);
  });
});

describe("keys", () => {
  const set = (...keys: object[]) => ({ body: JSON.stringify({ keys }) });
  const published = { ...publicJwk, use: "sig", alg: "ES256" };
  const { d: _foreignPrivate, ...foreignPublic } = foreignJwk;

  async function withKeys(...answers: Parameters<typeof plan>[1][]) {
    const jwksUri = `https://keys.example/${fresh("set")}`;
    await plan(jwksUri, ...answers);
    const { provider } = providerOf("google", { jwksUri });
    return { provider, asked: async () => (await callsWith(jwksUri)).length };
  }

  test("are asked for once, and again when they are ten minutes old", async () => {
    const { provider, asked } = await withKeys(set(published));
    for (let count = 0; count < 3; count += 1) await identify(provider, await codeForClaims("google", {}));
    expect(await asked()).toBe(1);
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 601_000);
    expect(await identify(provider, await codeForClaims("google", {}))).toMatchObject({ ok: true });
    expect(await asked()).toBe(2);
  });

  test("that are not known are looked for, at most every ten seconds, whatever tokens name", async () => {
    const { provider, asked } = await withKeys(set(published), set(published), set({ ...foreignPublic, kid: "next" }));
    await identify(provider, await codeForClaims("google", {}));
    const key = await importJWK({ ...foreignJwk }, "ES256");
    const next = () => codeForClaims("google", {}, { key, header: { kid: "next" } });
    const startMs = Date.now();
    for (let count = 0; count < 5; count += 1) expect(await identify(provider, await next())).toMatchObject(refusal);
    expect(await asked()).toBe(1);
    const clock = vi.spyOn(Date, "now").mockReturnValue(startMs + 10_500);
    for (let count = 0; count < 5; count += 1) expect(await identify(provider, await next())).toMatchObject(refusal);
    expect(await asked()).toBe(2);
    clock.mockReturnValue(startMs + 21_500);
    expect(await identify(provider, await next())).toMatchObject({ ok: true });
    expect(await asked()).toBe(3);
  });

  test.each([
    ["are gone", { status: 404, body: "{}" }],
    ["fail", { status: 503 }],
    ["are no set", { body: '{"keys":7}' }],
    ["are a page", { body: "<html>" }],
    ["are nothing", { body: "null" }],
    ["are moved", { status: 302, headers: { location: "https://evil.example/keys" } }],
    ["are too many", { body: JSON.stringify({ keys: [], x: "x".repeat(65_536) }) }],
  ])("that %s are an outage and no refusal", async (_, answer) => {
    const { provider } = await withKeys(answer);
    expect(await identify(provider, await codeForClaims("google", {}))).toMatchObject(outage);
  });

  test("are asked for once more where that fails", async () => {
    const { provider, asked } = await withKeys({ status: 500 }, set(published));
    expect(await identify(provider, await codeForClaims("google", {}))).toMatchObject({ ok: true });
    expect(await asked()).toBe(2);
  });
});
