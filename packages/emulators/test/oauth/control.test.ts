import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createOAuthControl } from "../../src/oauth/control-client.ts";
import { idTokenProviderNames, providerNames } from "../../src/oauth/provider-names.ts";
import { oauthSettings } from "../../src/oauth/settings.ts";
import { type OAuthEmulator, startOAuth } from "../../src/oauth/start-oauth.ts";
import { ask, codeOf, ownClient, redeem, redirectUriOf, signIn, startProviders } from "./support.ts";

let emulator: OAuthEmulator;

beforeAll(async () => {
  emulator = await startProviders();
});
afterEach(() => emulator.reset());
afterAll(() => emulator.stop());

describe.each(idTokenProviderNames)("a spoilt ID token of %s", (provider) => {
  it.each([
    ["wrong_nonce", '"nonce"'],
    ["wrong_audience", '"aud" (audience)'],
    ["wrong_issuer", '"iss" (issuer)'],
    ["expired", '"exp" (expiration time)'],
    ["alg_none", '"alg"'],
    ["hs256_public_key", '"alg"'],
    ["foreign_key", "no applicable keys found"],
    ["foreign_signature", "signature verification failed"],
    ["missing_id_token", '"id_token"'],
  ] as const)("is refused by oauth4webapi for its %s, once", async (effect, words) => {
    await emulator.faults.token(provider, effect);
    const failure: unknown = await signIn(emulator, provider).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    const { message, cause } = failure as Error;
    // What is compared is named in the message or in its details, according to the check.
    expect(`${message} ${JSON.stringify(cause ?? null)}`.replaceAll('\\"', '"')).toContain(words);
    expect((await signIn(emulator, provider)).claims.sub).toEqual(expect.any(String));
  });
});

describe("a fault of a token endpoint", () => {
  it.each(providerNames)("at %s answers 500 before anything is done, as often as ordered", async (provider) => {
    await emulator.faults.token(provider, "500", { count: 2 });
    const asked = await ask(await ownClient(emulator, provider), provider);
    const code = await codeOf(emulator, asked);
    for (const attempt of [1, 2]) {
      const response = await redeem(asked, code);
      expect(response.status, `attempt ${attempt}`).toBe(500);
      expect(response.headers.get("content-type")).toContain("text/html");
      await response.text();
    }
    expect(await (await redeem(asked, code)).json()).toMatchObject({ access_token: expect.any(String) });
  });

  it("leaves a call unanswered, and the code unspent", async () => {
    const asked = await ask(await ownClient(emulator, "google"), "google");
    const code = await codeOf(emulator, asked);
    await emulator.faults.token("google", "timeout", { delayMs: 50 });
    await expect(redeem(asked, code)).rejects.toThrow("fetch failed");
    expect((await emulator.state()).providers.google.grants).toMatchObject([{ code: "open" }]);
  });

  it("answers late", async () => {
    const asked = await ask(await ownClient(emulator, "github"), "github");
    const code = await codeOf(emulator, asked);
    await emulator.faults.token("github", "slow", { delayMs: 100 });
    const before = performance.now();
    expect(await (await redeem(asked, code)).json()).toMatchObject({ access_token: expect.any(String) });
    expect(performance.now() - before).toBeGreaterThanOrEqual(95);
  });

  it("hits only the provider that it names, and can be taken back", async () => {
    await emulator.faults.token("google", "wrong_nonce");
    await signIn(emulator, "facebook");
    expect((await emulator.state()).faults).toMatchObject([{ provider: "google", effect: "wrong_nonce", left: 1 }]);
    await emulator.faults.clear();
    await signIn(emulator, "google");
    expect((await emulator.state()).faults).toEqual([]);
  });

  it("is refused where it could never strike", async () => {
    await expect(emulator.faults.token("github", "wrong_nonce")).rejects.toThrow("issues no ID tokens");
    await expect(emulator.faults.token("google", "500", { count: 0 })).rejects.toThrow("422");
  });
});

describe("the keys", () => {
  it.each(idTokenProviderNames)(
    "of %s are replaced, the one before staying known until the next time",
    async (provider) => {
      const keySet = async () => {
        const { jwksUri = "" } = (await ownClient(emulator, provider)).settings;
        return {
          jwksUri,
          kids: ((await (await fetch(jwksUri)).json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid),
        };
      };
      const first = (await signIn(emulator, provider)).tokens.id_token ?? "";
      const { kid: firstKid = "" } = decodeProtectedHeader(first);
      await emulator.rotateKeys(provider);
      const second = (await signIn(emulator, provider)).tokens.id_token ?? "";
      const { kid: secondKid = "" } = decodeProtectedHeader(second);
      const { jwksUri, kids } = await keySet();
      expect(kids).toEqual([secondKid, firstKid]);
      expect(secondKid).not.toBe(firstKid);
      const verify = (token: string) => jwtVerify(token, createRemoteJWKSet(new URL(jwksUri)));
      await expect(verify(first)).resolves.toMatchObject({ protectedHeader: { kid: firstKid } });
      await emulator.rotateKeys(provider);
      expect((await keySet()).kids).not.toContain(firstKid);
      await expect(verify(first)).rejects.toMatchObject({ code: "ERR_JWKS_NO_MATCHING_KEY" });
    },
  );
});

describe("the control", () => {
  it("reaches providers that run in another process, by their address alone", async () => {
    const remote = createOAuthControl(emulator.url);
    expect(await remote.settings()).toEqual(await emulator.settings());
    expect(await oauthSettings(emulator.url)).toEqual(await emulator.settings());
    await remote.addAccount("google", { id: "2", email: "guest@example.com", emailVerified: true, name: "Guest" });
    const { url } = await ask(await ownClient(emulator, "google"), "google");
    expect(await remote.approve(url, { account: "2" })).toMatchObject({ kind: "redirect" });
  });

  it("throws with the words of the page where nobody is sent back", async () => {
    const client = await ownClient(emulator, "google");
    const { url } = await ask(client, "google", { redirect_uri: "https://evil.example/" });
    await expect(emulator.approve(url)).rejects.toThrow("redirect_uri_mismatch");
    const asked = await ask(client, "google");
    await expect(emulator.approve(asked.url, { account: "nobody" })).rejects.toThrow("There is no account nobody");
    await expect(emulator.approve("https://accounts.google.com/o/oauth2/v2/auth")).rejects.toThrow(
      "not an address here",
    );
  });

  it("replaces an account for what is asked later, its codes included", async () => {
    const asked = await ask(await ownClient(emulator, "github"), "github");
    const code = await codeOf(emulator, asked);
    await emulator.addAccount("github", { id: "9919001", email: "new@example.com", emailVerified: true, name: null });
    const { access_token: token } = (await (await redeem(asked, code)).json()) as { access_token: string };
    const headers = { authorization: `Bearer ${token}`, "user-agent": "foyer-tests" };
    const user = await fetch(`${emulator.url}/github/api/user`, { headers });
    expect(await user.json()).toMatchObject({ id: 9_919_001, email: "new@example.com" });
  });

  it("refuses what is no account, no client and no order", async () => {
    const post = async (path: string, body: string) =>
      (await fetch(`${emulator.url}/_emulator${path}`, { method: "POST", body })).status;
    const account = { id: "2", email: "guest@example.com", name: "Guest" };
    expect(await post("/accounts", JSON.stringify({ provider: "google", account }))).toBe(422);
    // Facebook has no opinion on addresses, so nobody can believe that it had one.
    const verified = { ...account, emailVerified: true };
    expect(await post("/accounts", JSON.stringify({ provider: "facebook", account: verified }))).toBe(422);
    const fragment = { provider: "google", redirectUris: ["https://shop.example.com/#here"] };
    expect(await post("/clients", JSON.stringify(fragment))).toBe(422);
    expect(await post("/keys/rotate", JSON.stringify({ provider: "github" }))).toBe(422);
    expect(await post("/reset", "{")).toBe(400);
    expect(await post("/elsewhere", "{}")).toBe(404);
  });

  it("forgets everything but its clients' credentials and keys", async () => {
    const before = await emulator.settings();
    const { tokens } = await signIn(emulator, "google");
    const stranger = await emulator.addClient("google", { redirectUris: [redirectUriOf("google")] });
    await emulator.addAccount("google", { id: "2", email: "guest@example.com", emailVerified: true, name: "Guest" });
    await emulator.faults.token("google", "500");
    await emulator.reset();
    expect(await emulator.settings()).toEqual(before);
    const { providers, faults } = await emulator.state();
    expect(faults).toEqual([]);
    expect(providers.google).toMatchObject({ grants: [], accounts: [{ name: "Buyer One" }] });
    await expect(emulator.approve((await ask(stranger, "google")).url)).rejects.toThrow("unknown_client");
    const again = await signIn(emulator, "google");
    const kidOf = (token = "") => decodeProtectedHeader(token).kid;
    expect(kidOf(again.tokens.id_token)).toBe(kidOf(tokens.id_token));
  });

  it("tells nothing secret of what it holds", async () => {
    const asked = await ask(await ownClient(emulator, "google"), "google");
    const code = await codeOf(emulator, asked);
    const { access_token: token } = (await (await redeem(asked, code)).json()) as { access_token: string };
    const text = JSON.stringify(await emulator.state());
    expect(text).toContain(asked.client.settings.clientId);
    for (const secret of [code, token, asked.client.secret, asked.verifier]) expect(text).not.toContain(secret);
  });

  it("registers the redirect URIs that each provider is given", async () => {
    const own = await startOAuth({ redirectUris: (provider) => [`http://127.0.0.1:8787/${provider}`] });
    try {
      const client = await ownClient(own, "github");
      const redirectUri = { redirect_uri: "http://127.0.0.1:8787/github" };
      expect(await own.approve((await ask(client, "github", redirectUri)).url)).toMatchObject({
        url: expect.stringContaining("http://127.0.0.1:8787/github?code="),
      });
      await expect(own.approve((await ask(client, "github")).url)).rejects.toThrow("redirect_uri_mismatch");
    } finally {
      await own.stop();
    }
  });
});
