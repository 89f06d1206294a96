import { createPrivateKey } from "node:crypto";
import { SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Grants } from "../../src/oauth/grants.ts";
import { type ProviderName, providerNames } from "../../src/oauth/provider-names.ts";
import type { OAuthEmulator } from "../../src/oauth/start-oauth.ts";
import { type Asked, ask, codeOf, ownClient, redeem, redirectUriOf, secretOf, startProviders } from "./support.ts";

let emulator: OAuthEmulator;

beforeAll(async () => {
  emulator = await startProviders();
});
afterEach(() => emulator.reset());
afterAll(() => emulator.stop());

/** A code that was allowed, with its request. */
async function newCode(provider: ProviderName): Promise<{ asked: Asked; code: string }> {
  const asked = await ask(await ownClient(emulator, provider), provider);
  return { asked, code: await codeOf(emulator, asked) };
}

type Reason = "client" | "code" | "redirect" | "request" | "grant_type";

/** How each provider refuses: status, and what is in its body. */
const refusals: Readonly<Record<ProviderName, Readonly<Record<Reason, readonly [number, object]>>>> = {
  google: {
    client: [401, { error: "invalid_client" }],
    code: [400, { error: "invalid_grant" }],
    redirect: [400, { error: "redirect_uri_mismatch" }],
    request: [400, { error: "invalid_request" }],
    grant_type: [400, { error: "unsupported_grant_type" }],
  },
  facebook: {
    client: [400, { error: { type: "OAuthException", code: 1 } }],
    code: [400, { error: { type: "OAuthException", code: 100, message: expect.any(String) } }],
    redirect: [400, { error: { type: "OAuthException", code: 100, error_subcode: 36_008 } }],
    request: [400, { error: { type: "OAuthException", code: 100 } }],
    grant_type: [400, { error: { type: "OAuthException", code: 100 } }],
  },
  apple: {
    client: [400, { error: "invalid_client" }],
    code: [400, { error: "invalid_grant" }],
    redirect: [400, { error: "invalid_grant" }],
    request: [400, { error: "invalid_request" }],
    grant_type: [400, { error: "unsupported_grant_type" }],
  },
  microsoft: {
    client: [401, { error: "invalid_client", error_codes: [7_000_215] }],
    code: [400, { error: "invalid_grant", error_description: expect.stringMatching(/^AADSTS\d+: /) }],
    redirect: [400, { error: "invalid_grant", error_codes: [500_112] }],
    request: [400, { error: "invalid_request" }],
    grant_type: [400, { error: "unsupported_grant_type" }],
  },
  github: {
    client: [200, { error: "incorrect_client_credentials" }],
    code: [200, { error: "bad_verification_code" }],
    redirect: [200, { error: "redirect_uri_mismatch" }],
    request: [200, { error: "invalid_request" }],
    grant_type: [200, { error: "unsupported_grant_type" }],
  },
};

describe.each(providerNames)("the token endpoint of %s", (provider) => {
  async function expectRefused(response: Response, reason: Reason): Promise<void> {
    const [status, body] = refusals[provider][reason];
    expect(response.status).toBe(status);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const answer = await response.json();
    expect(answer).toMatchObject(body);
    expect(answer).not.toHaveProperty("access_token");
  }

  async function tokenStates(): Promise<string[]> {
    const { grants } = (await emulator.state()).providers[provider];
    return grants.map(({ code, accessToken }) => `${code}, ${accessToken}`);
  }

  it("takes a code once, and revokes what it gave when the code comes again", async () => {
    const { asked, code } = await newCode(provider);
    const first = await redeem(asked, code);
    expect(await first.json()).toMatchObject({ access_token: expect.any(String) });
    expect(await tokenStates()).toEqual(["spent, valid"]);
    await expectRefused(await redeem(asked, code), "code");
    expect(await tokenStates()).toEqual(["spent, revoked"]);
  });

  it("gives one token where a code is shown ten times at once", async () => {
    const { asked, code } = await newCode(provider);
    const answers = await Promise.all(
      Array.from({ length: 10 }, async () => (await redeem(asked, code)).json() as Promise<object>),
    );
    expect(answers.filter((answer) => "access_token" in answer)).toHaveLength(1);
    expect(await tokenStates()).toEqual(["spent, revoked"]);
  });

  it("takes no code whose time is over, and none that it never gave", async () => {
    const { asked, code } = await newCode(provider);
    await emulator.expireCodes();
    expect(await tokenStates()).toEqual(["expired, none"]);
    await expectRefused(await redeem(asked, code), "code");
    await expectRefused(await redeem(asked, "never-given"), "code");
  });

  it("takes no code of another client or another provider, and leaves it usable to its own", async () => {
    const { asked, code } = await newCode(provider);
    const stranger = await emulator.addClient(provider, { redirectUris: [redirectUriOf(provider)] });
    await expectRefused(await redeem({ ...asked, client: stranger }, code), "code");
    const elsewhere = await newCode(provider === "google" ? "facebook" : "google");
    await expectRefused(await redeem(asked, elsewhere.code), "code");
    expect(await (await redeem(asked, code)).json()).toMatchObject({ access_token: expect.any(String) });
  });

  it("binds a code to its redirect URI, even where another one is registered too", async () => {
    const redirectUris = [redirectUriOf(provider), "https://shop.example.com/second"];
    const client = await emulator.addClient(provider, { redirectUris });
    const asked = await ask(client, provider);
    const code = await codeOf(emulator, asked);
    await expectRefused(await redeem(asked, code, { redirect_uri: "https://shop.example.com/second" }), "redirect");
    const other = await ask(client, provider);
    await expectRefused(await redeem(other, await codeOf(emulator, other), { redirect_uri: null }), "request");
  });

  it("wants the verifier of the challenge, at the first try", async () => {
    for (const verifier of [null, "a".repeat(43), "short"]) {
      const { asked, code } = await newCode(provider);
      await expectRefused(await redeem(asked, code, { code_verifier: verifier }), "code");
      // Whoever guesses has one guess.
      await expectRefused(await redeem(asked, code), "code");
    }
  });

  it("takes no verifier of another flow", async () => {
    const [mine, other] = [await newCode(provider), await newCode(provider)];
    await expectRefused(await redeem(mine.asked, other.code), "code");
  });

  it("refuses a verifier where the request had no challenge: the challenge was stripped on its way", async () => {
    const client = await emulator.addClient(provider, {
      redirectUris: [redirectUriOf(provider)],
      pkceRequired: false,
    });
    const bare = { code_challenge: null, code_challenge_method: null };
    const stripped = await ask(client, provider, bare);
    await expectRefused(await redeem(stripped, await codeOf(emulator, stripped)), "code");
    const without = await ask(client, provider, bare);
    const response = await redeem(without, await codeOf(emulator, without), { code_verifier: null });
    expect(await response.json()).toMatchObject({ access_token: expect.any(String) });
  });

  it("does not take a challenge for its verifier", async () => {
    const { asked, code } = await newCode(provider);
    const challenge = new URL(asked.url).searchParams.get("code_challenge");
    await expectRefused(await redeem(asked, code, { code_verifier: challenge }), "code");
  });

  it("refuses a client that does not prove itself, and leaves the code usable", async () => {
    const { asked, code } = await newCode(provider);
    await expectRefused(await redeem(asked, code, { client_secret: "another-secret" }), "client");
    await expectRefused(await redeem(asked, code, { client_secret: null }), "client");
    await expectRefused(await redeem(asked, code, { client_id: "another" }), "client");
    await expectRefused(await redeem(asked, code, { client_id: null, client_secret: null }), "client");
    const stranger = await emulator.addClient(provider, { redirectUris: [redirectUriOf(provider)] });
    await expectRefused(await redeem(asked, code, { client_secret: await secretOf(stranger) }), "client");
    expect(await (await redeem(asked, code)).json()).toMatchObject({ access_token: expect.any(String) });
  });

  it("takes HTTP Basic only where its provider does, and no second way beside it", async () => {
    const { asked, code } = await newCode(provider);
    const { settings } = asked.client;
    const basic = (secret: string) => ({
      authorization: `Basic ${Buffer.from(`${settings.clientId}:${secret}`).toString("base64")}`,
    });
    const header = basic(await secretOf(asked.client));
    const inHeader = { client_id: null, client_secret: null };
    await expectRefused(await redeem(asked, code, inHeader, basic("another-secret")), "client");
    await expectRefused(await redeem(asked, code, inHeader, { authorization: "Bearer token" }), "client");
    if (provider === "facebook" || provider === "apple") {
      await expectRefused(await redeem(asked, code, inHeader, header), "client");
    } else {
      await expectRefused(await redeem(asked, code, {}, header), "request");
      await expectRefused(await redeem(asked, code, { ...inHeader, client_id: "another" }, header), "request");
      const response = await redeem(asked, code, inHeader, header);
      expect(await response.json()).toMatchObject({ access_token: expect.any(String) });
    }
  });

  it("gives tokens for codes only", async () => {
    const { asked, code } = await newCode(provider);
    await expectRefused(await redeem(asked, code, { grant_type: "client_credentials" }), "grant_type");
    await expectRefused(await redeem(asked, code, { code: null }), "request");
    if (provider === "google" || provider === "apple" || provider === "microsoft") {
      await expectRefused(await redeem(asked, code, { grant_type: null }), "request");
    }
  });

  it("refuses unknown and repeated parameters, a query, and anything but a form", async () => {
    const { asked, code } = await newCode(provider);
    const { tokenEndpoint } = asked.client.settings;
    await expectRefused(await redeem(asked, code, { scope: "openid" }), "request");
    const accept = { accept: "application/json" };
    const post = (url: string, body: URLSearchParams | string, headers: Record<string, string> = {}) =>
      fetch(url, { method: "POST", body, headers: { ...accept, ...headers } });
    await expectRefused(await post(tokenEndpoint, new URLSearchParams("code=a&code=b")), "request");
    const json = { "content-type": "application/json" };
    await expectRefused(await post(tokenEndpoint, JSON.stringify({ code }), json), "request");
    await expectRefused(await post(`${tokenEndpoint}?code=${code}`, new URLSearchParams({ code })), "request");
    expect(await (await redeem(asked, code)).json()).toMatchObject({ access_token: expect.any(String) });
  });
});

describe("a code", () => {
  it("is good for a minute, to the millisecond", () => {
    let nowMs = 1_000;
    const grants = new Grants({ nowMs: () => nowMs }, "");
    const grant = { clientId: "c", accountId: "a", redirectUri: "r", scopes: [], nonce: null, challenge: null };
    const shown = { clientId: "c", redirectUri: "r", verifier: null };
    const [inTime, late] = [grants.issue(grant), grants.issue(grant)];
    nowMs += 59_999;
    expect(grants.redeem(inTime, shown)).toMatchObject({ grant });
    nowMs += 1;
    expect(() => grants.redeem(late, shown)).toThrow("The code has expired");
  });
});

describe("the signed secret of an Apple client", () => {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const halfYear = 15_777_000;

  it.each([
    ["of another team", { iss: "OTHERTEAM1" }, {}],
    ["of another client", { sub: "org.example.other" }, {}],
    ["for another server", { aud: "https://appleid.apple.com" }, {}],
    ["for several servers", { aud: ["https://appleid.apple.com", "this"] }, {}],
    ["under another key id", {}, { kid: "OTHERKEY01" }],
    ["that is over", { exp: nowSeconds - 60 }, {}],
    ["that is good for more than six months", { exp: nowSeconds + halfYear + 600 }, {}],
    ["without an end", { exp: undefined }, {}],
    ["without a beginning", { iat: undefined }, {}],
    ["of the future", { iat: nowSeconds + 3_600 }, {}],
  ])("is refused: one %s", async (_what, claims, header) => {
    const { asked, code } = await newCode("apple");
    const issuer = asked.client.settings.issuer;
    const changed = "aud" in claims && Array.isArray(claims.aud) ? { aud: [claims.aud[0], issuer] } : claims;
    const secret = await secretOf(asked.client, changed, header);
    const response = await redeem(asked, code, { client_secret: secret });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: "invalid_client" });
  });

  it("is refused under another key, another algorithm, and none", async () => {
    const { asked, code } = await newCode("apple");
    const { settings, secret } = asked.client;
    const stranger = await emulator.addClient("apple", { redirectUris: [redirectUriOf("apple")] });
    const claims = { iss: settings.teamId ?? "", sub: settings.clientId, aud: settings.issuer };
    const times = { iat: nowSeconds, exp: nowSeconds + 300 };
    const forged = await new SignJWT({ ...claims, ...times })
      .setProtectedHeader({ alg: "ES256", kid: settings.keyId ?? "" })
      .sign(createPrivateKey(stranger.secret));
    const symmetric = await new SignJWT({ ...claims, ...times })
      .setProtectedHeader({ alg: "HS256", kid: settings.keyId ?? "" })
      .sign(new TextEncoder().encode(secret));
    const [, payload = ""] = forged.split(".");
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`;
    for (const attempt of [forged, symmetric, unsigned, secret]) {
      const response = await redeem(asked, code, { client_secret: attempt });
      expect(await response.json()).toEqual({ error: "invalid_client" });
    }
  });

  it("is good for nearly six months", async () => {
    const { asked, code } = await newCode("apple");
    const secret = await secretOf(asked.client, { exp: nowSeconds + halfYear - 60 });
    const response = await redeem(asked, code, { client_secret: secret });
    expect(await response.json()).toMatchObject({ access_token: expect.any(String), id_token: expect.any(String) });
  });
});
