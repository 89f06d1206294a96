import type { ProviderName } from "@foyer/contracts/users/api/providers";
import { decodeProtectedHeader, importJWK, jwtVerify } from "jose";
import { describe, expect, test } from "vitest";
import { readIdentitySettings } from "../../src/clients/providers/settings.ts";
import { appleKey, applePublicJwk, testProviderSecrets, testProviders } from "../support/provider-keys.ts";
import { callsWith, fresh, type PlannedAnswer, plan } from "../support/providers.ts";
import { codeForClaims, identify, outage, providerOf, refusal, timeoutMs, verifier } from "./support.ts";

const form = (text: string) => Object.fromEntries(new URLSearchParams(text));

test.each(["google", "facebook", "microsoft"] as const)(
  "%s is shown the code, its verifier, our address and our secret, in the body and nowhere else",
  async (name) => {
    const { provider } = providerOf(name);
    const code = await codeForClaims(name, {});
    await identify(provider, code);
    const calls = await callsWith(code);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ url: testProviders[name].tokenEndpoint, method: "POST" });
    expect(calls[0]?.headers).toMatchObject({ accept: "application/json", "user-agent": "foyer" });
    expect(calls[0]?.headers).not.toHaveProperty("authorization");
    expect(form(calls[0]?.body ?? "")).toEqual({
      grant_type: "authorization_code",
      client_id: testProviders[name].clientId,
      client_secret: testProviderSecrets[name],
      code,
      redirect_uri: `https://shop.example/v1/auth/oauth/${name}/callback`,
      code_verifier: verifier,
    });
  },
);

test("Apple is shown a secret that our key has signed for it, good for five minutes, and never the key", async () => {
  const { provider } = providerOf("apple");
  const code = await codeForClaims("apple", {});
  expect(await identify(provider, code)).toMatchObject({ ok: true });
  const [call] = await callsWith(code);
  const secret = form(call?.body ?? "").client_secret ?? "";
  const { payload } = await jwtVerify(secret, await importJWK({ ...applePublicJwk }, "ES256"), {
    algorithms: ["ES256"],
  });
  expect(decodeProtectedHeader(secret)).toEqual({ alg: "ES256", kid: testProviders.apple.keyId });
  expect(payload).toMatchObject({
    iss: testProviders.apple.teamId,
    sub: testProviders.apple.clientId,
    aud: testProviders.apple.issuer,
  });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
  expect(call?.body).not.toContain(encodeURIComponent(appleKey.slice(30, 60)));
});

test("an Apple key that is none is an outage, and is not told", async () => {
  const { provider, logged } = providerOf("apple", {}, { apple: "not a key at all" });
  expect(await identify(provider, await codeForClaims("apple", {}))).toMatchObject(outage);
  expect(logged).toHaveLength(1);
  expect(logged[0]).not.toContain("not a key");
});

const page = "<!doctype html><h1>Something went wrong</h1>";
const tokens = (more: object) => JSON.stringify({ access_token: "a", ...more });

test.each<[string, PlannedAnswer]>([
  ["fails", { status: 500, body: page }],
  ["fails with tokens", { status: 500, body: tokens({ id_token: "a.b.c" }) }],
  ["is overloaded", { status: 503 }],
  ["has had enough of us", { status: 429, body: "{}" }],
  ["answers with a page", { body: page }],
  ["answers with nothing", { body: "" }],
  ["answers with null", { body: "null" }],
  ["answers with half of it", { body: '{"access_token":"a"' }],
  ["answers with more than anybody needs", { body: tokens({ x: "x".repeat(65_536) }) }],
  ["answers without end", { endless: true }],
  ["answers too late", { delayMs: timeoutMs + 300, body: "{}" }],
  ["breaks off", { breaks: true }],
])("a provider that %s is an outage, and the code is shown once", async (_, answer) => {
  const { provider } = providerOf("google");
  const code = fresh("code");
  await plan(code, answer);
  expect(await identify(provider, code)).toMatchObject(outage);
  expect(await callsWith(code)).toHaveLength(1);
});

test.each([301, 302, 303, 307, 308])(
  "a redirect (%i) is not followed, so that no secret goes elsewhere",
  async (status) => {
    const { provider } = providerOf("google");
    const code = fresh("code");
    const target = `https://evil.example/${code}`;
    await plan(code, { status, headers: { location: target } });
    expect(await identify(provider, code)).toMatchObject(outage);
    expect(await callsWith(target)).toEqual([]);
  },
);

test("an answer of exactly the limit is read", async () => {
  const { provider } = providerOf("google");
  const code = fresh("code");
  const body = tokens({});
  await plan(code, { body: body + " ".repeat(65_536 - body.length) });
  expect(await identify(provider, code)).toMatchObject(refusal); // it has no ID token
});

test.each<[ProviderName, string, PlannedAnswer, object]>([
  ["google", "the code is not good", { status: 400, body: '{"error":"invalid_grant"}' }, refusal],
  ["google", "the verifier is not ours", { status: 400, body: '{"error":"invalid_grant"}' }, refusal],
  ["google", "the secret is not ours", { status: 401, body: '{"error":"invalid_client"}' }, outage],
  ["microsoft", "the app may not", { status: 400, body: '{"error":"unauthorized_client"}' }, outage],
  ["facebook", "the code is not good", { status: 400, body: '{"error":{"code":100,"message":"x"}}' }, refusal],
  ["facebook", "the secret is not ours", { status: 400, body: '{"error":{"code":1,"message":"x"}}' }, outage],
  ["github", "the code is not good, with 200", { body: '{"error":"bad_verification_code"}' }, refusal],
  ["github", "the secret is not ours, with 200", { body: '{"error":"incorrect_client_credentials"}' }, outage],
  ["github", "something odd, with a token", { body: '{"error":null,"access_token":"a"}' }, refusal],
  ["google", "no, in a page", { status: 403, body: page }, refusal],
])("%s says that %s", async (name, _, answer, expected) => {
  const { provider } = providerOf(name);
  const code = fresh("code");
  await plan(code, answer);
  expect(await identify(provider, code)).toMatchObject(expected);
});

test("nothing that a provider, a person or we keep to ourselves is logged", async () => {
  const { provider, logged } = providerOf("google");
  const words = "victim@example.com said <b>no</b>";
  const answers: PlannedAnswer[] = [
    { status: 400, body: JSON.stringify({ error: "invalid_grant", error_description: words }) },
    { status: 400, body: JSON.stringify({ error: words }) },
    { status: 401, body: JSON.stringify({ error: "invalid_client", error_description: words }) },
    { status: 500, body: words },
    { breaks: true },
    { body: JSON.stringify({ id_token: words }) },
  ];
  const codes: string[] = [];
  for (const answer of answers) {
    const code = fresh("code");
    codes.push(code);
    await plan(code, answer);
    await identify(provider, code);
  }
  codes.push(await codeForClaims("google", { nonce: "another", email: "victim@example.com" }));
  await identify(provider, codes.at(-1) ?? "");
  expect(logged).toHaveLength(answers.length + 1);
  const all = logged.join("\n");
  for (const secret of [...codes, verifier, testProviderSecrets.google, "victim", "<b>", "eyJ"]) {
    expect(all).not.toContain(secret);
  }
});

describe("GitHub's API", () => {
  const emails = [{ email: "buyer@example.com", primary: true, verified: true, visibility: null }];

  async function ask(user: PlannedAnswer, addresses: PlannedAnswer) {
    const { provider } = providerOf("github");
    const [code, accessToken] = [fresh("code"), fresh("gho")];
    await plan(code, { body: JSON.stringify({ access_token: accessToken, token_type: "bearer" }) });
    await plan(`${accessToken} /api/user`, user);
    await plan(`${accessToken} /api/user/emails`, addresses);
    return { answer: await identify(provider, code), calls: await callsWith(accessToken) };
  }
  const json = (value: unknown): PlannedAnswer => ({ body: JSON.stringify(value) });
  const user = json({ id: 7, login: "buyer-one", name: "Buyer One" });

  test("is asked who it is and which addresses they have, by a program with a name", async () => {
    const { answer, calls } = await ask(user, json(emails));
    expect(answer).toMatchObject({
      ok: true,
      value: { subject: "7", email: "buyer@example.com", emailVerified: true },
    });
    expect(calls.map(({ url }) => url).sort()).toEqual([
      "https://github.example/api/user",
      "https://github.example/api/user/emails",
    ]);
    for (const { headers } of calls) expect(headers["user-agent"]).toBe("foyer");
  });

  test("that does not show addresses leaves an account without one", async () => {
    const hidden = { status: 404, body: '{"message":"Not Found"}' };
    expect((await ask(user, hidden)).answer).toMatchObject({ ok: true, value: { email: null, emailVerified: false } });
  });

  test.each<[string, PlannedAnswer, PlannedAnswer, object]>([
    ["does not know the token", { status: 401, body: "{}" }, json(emails), refusal],
    ["does not know the token for addresses", user, { status: 401, body: "{}" }, refusal],
    ["names nobody", json({ id: "7", login: "buyer-one", name: null }), json(emails), refusal],
    ["says addresses that are none", user, json({ email: "buyer@example.com" }), refusal],
    ["fails", { status: 502, body: page }, json(emails), outage],
    ["fails at addresses", user, { status: 502, body: page }, outage],
    ["says too much", user, json(Array.from({ length: 900 }, () => emails[0])), outage],
  ])("that %s identifies nobody", async (_, first, second, expected) => {
    expect((await ask(first, second)).answer).toMatchObject(expected);
  });

  test("is asked once more where it fails", async () => {
    const { provider } = providerOf("github");
    const [code, accessToken] = [fresh("code"), fresh("gho")];
    await plan(code, { body: JSON.stringify({ access_token: accessToken }) });
    await plan(`${accessToken} /api/user`, { status: 502 }, user);
    await plan(`${accessToken} /api/user/emails`, json(emails));
    expect(await identify(provider, code)).toMatchObject({ ok: true });
  });
});

describe("the configuration", () => {
  const read = (providers: unknown, secrets: unknown = { google: "s" }, redirectUris = "") =>
    readIdentitySettings({
      providers: typeof providers === "string" ? providers : JSON.stringify(providers),
      secrets: typeof secrets === "string" ? secrets : JSON.stringify(secrets),
      redirectUris,
    });
  const google = { clientId: "us" };

  test("needs an id, and has the provider's own endpoints where it says no others", () => {
    const settings = read({ google }).providers.get("google");
    expect(settings).toMatchObject({
      clientId: "us",
      secret: "s",
      tokenEndpoint: "https://oauth2.googleapis.com/token",
      issuer: "https://accounts.google.com",
    });
    expect(
      read({ google: { ...google, tokenEndpoint: "http://127.0.0.1:1/t" } }).providers.get("google"),
    ).toMatchObject({ tokenEndpoint: "http://127.0.0.1:1/t", issuer: "https://accounts.google.com" });
  });

  test("names no provider that lacks its id or its secret", () => {
    expect([...read({ google, github: google }).providers.keys()]).toEqual(["google"]);
    expect(read({}, { google: "s" }).providers.size).toBe(0);
    expect(readIdentitySettings({ providers: "{}", secrets: undefined, redirectUris: "" }).providers.size).toBe(0);
  });

  test.each<[string, unknown, string]>([
    ["no JSON", "{google: s3cret}", "OAUTH_PROVIDERS is not JSON"],
    ["a list", [], "OAUTH_PROVIDERS: not valid in the whole"],
    ["no id", { google: {} }, "OAUTH_PROVIDERS: not valid in google.clientId"],
    ["a provider that is none", { twitter: google }, "OAUTH_PROVIDERS: not valid in the whole"],
    ["a misspelt member", { google: { ...google, tokenEndpiont: "x" } }, "OAUTH_PROVIDERS: not valid in google"],
    [
      "an endpoint in the clear",
      { google: { ...google, tokenEndpoint: "http://google.example/token" } },
      "OAUTH_PROVIDERS: not valid in google.tokenEndpoint",
    ],
    [
      "an endpoint that only looks local",
      { google: { ...google, jwksUri: "http://127.0.0.1.google.example/" } },
      "OAUTH_PROVIDERS: not valid in google.jwksUri",
    ],
    [
      "Apple without its key's id",
      { apple: { ...google, teamId: "t" } },
      "OAUTH_PROVIDERS: not valid in apple.teamId or keyId",
    ],
  ])("with %s is refused with the place", (_, providers, message) => {
    expect(() => read(providers)).toThrow(new Error(message));
  });

  test.each<[string, unknown]>([
    ["no JSON", "s3cret"],
    ["a secret in the place of a name", { s3cret: "x" }],
    ["a secret that is none", { google: { value: "s3cret" } }],
    ["a list", ["s3cret"]],
  ])("whose secrets are %s is refused without telling them", (_, secrets) => {
    expect(() => read({ google }, secrets)).toThrow(/^OAUTH_SECRETS(?!.*s3cret)/);
  });

  test("with an address that is none is refused with its place in the list", () => {
    expect(() => read({ google }, {}, "https://shop.example/in, http://shop.example/in")).toThrow(
      "OAUTH_REDIRECT_URIS: entry 2 is no address that a sign-in may end at",
    );
  });
});

test("an answer may name its issuer, letter by letter, at Microsoft any tenant's", () => {
  const { provider: google } = providerOf("google");
  expect(google.isIssuer("https://google.example")).toBe(true);
  for (const other of ["https://google.example/", "https://facebook.example", "HTTPS://google.example", ""])
    expect(google.isIssuer(other)).toBe(false);
  const { provider: microsoft } = providerOf("microsoft");
  expect(microsoft.isIssuer("https://microsoft.example/f8cdef31-a31e-4b4a-93e4-5f571e91255a/v2.0")).toBe(true);
  for (const tenant of ["{tenantid}", "common", "", "f8cdef31-a31e-4b4a-93e4-5f571e91255a/../x"])
    expect(microsoft.isIssuer(`https://microsoft.example/${tenant}/v2.0`)).toBe(false);
});
