import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ProviderName, providerNames } from "../../src/oauth/provider-names.ts";
import type { OAuthEmulator } from "../../src/oauth/start-oauth.ts";
import { answerOf, ask, ownClient, redirectUriOf, startProviders, targetOf } from "./support.ts";

let emulator: OAuthEmulator;

beforeAll(async () => {
  emulator = await startProviders();
});
afterEach(() => emulator.reset());
afterAll(() => emulator.stop());

/** Opens an authorization request as a browser would, without following anything. */
function visit(url: string): Promise<Response> {
  return fetch(url, { redirect: "manual" });
}

/** What the page that asks for consent would post for its first account. */
async function readChoice(url: string): Promise<{ page: string; request: string; account: string }> {
  const page = await (await visit(url)).text();
  const valueIn = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(page)?.[1] ?? "";
  return { page, request: valueIn("request"), account: valueIn("account") };
}

/** Posts a choice as the page would. */
function choose(provider: ProviderName, form: Readonly<Record<string, string>>): Promise<Response> {
  const body = new URLSearchParams(form);
  return fetch(`${emulator.url}/${provider}/consent`, { method: "POST", body, redirect: "manual" });
}

/** Expects a page that says why, and no way back to the client. */
async function expectBlocked(url: string, words: string): Promise<void> {
  const response = await visit(url);
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
  expect(response.headers.get("location")).toBeNull();
  const page = await response.text();
  expect(page).toContain(words);
  expect(page).not.toContain("<form");
}

describe.each(providerNames)("the authorization endpoint of %s", (provider) => {
  /** Expects a faulty request to be answered in this provider's way: a page, or an error at the client. */
  async function expectRefused(changes: Record<string, string | null>, code: string): Promise<void> {
    const { url, state } = await ask(await ownClient(emulator, provider), provider, changes);
    if (provider === "google" || provider === "facebook" || provider === "apple") return expectBlocked(url, code);
    const step = await emulator.approve(url);
    expect(targetOf(step)).toBe(redirectUriOf(provider));
    expect(answerOf(step).get("error")).toBe(code);
    expect(answerOf(step).get("state")).toBe(state);
    expect(answerOf(step).has("code")).toBe(false);
  }

  it("knows its clients only", async () => {
    const client = await ownClient(emulator, provider);
    await expectBlocked((await ask(client, provider, { client_id: "another" })).url, "unknown_client");
    await expectBlocked((await ask(client, provider, { client_id: null })).url, "client_id");
    const foreign = await ownClient(emulator, provider === "google" ? "facebook" : "google");
    const { clientId } = foreign.settings;
    await expectBlocked((await ask(client, provider, { client_id: clientId })).url, "unknown_client");
  });

  it.each([
    ["with a slash more", (uri: string) => `${uri}/`],
    ["with a query", (uri: string) => `${uri}?next=1`],
    ["one level below", (uri: string) => `${uri}/below`],
    ["at another host", (uri: string) => uri.replace("shop.example.com", "shop.example.com.evil.example")],
    ["with a user", (uri: string) => uri.replace("https://", "https://shop.example.com@evil.example/")],
    ["over plain HTTP", (uri: string) => uri.replace("https://", "http://")],
    ["in other case", (uri: string) => uri.replace("/v1/", "/V1/")],
    ["of another provider", (uri: string) => uri.replace(`/${provider}/`, "/other/")],
  ])("never sends anybody to an address %s", async (_what, change) => {
    const changes = { redirect_uri: change(redirectUriOf(provider)) };
    const { url } = await ask(await ownClient(emulator, provider), provider, changes);
    await expectBlocked(url, "redirect_uri_mismatch");
  });

  it("guesses no redirect URI where none is sent", async () => {
    const { url } = await ask(await ownClient(emulator, provider), provider, { redirect_uri: null });
    await expectBlocked(url, "redirect_uri");
  });

  it("gives codes only", async () => {
    await expectRefused({ response_type: "token" }, "unsupported_response_type");
    await expectRefused({ response_type: "code id_token" }, "unsupported_response_type");
    await expectRefused({ response_type: null }, "invalid_request");
  });

  it("refuses a request without an S256 challenge", async () => {
    await expectRefused({ code_challenge: null, code_challenge_method: null }, "invalid_request");
    await expectRefused({ code_challenge: null }, "invalid_request");
    await expectRefused({ code_challenge_method: null }, "invalid_request");
    await expectRefused({ code_challenge_method: "plain" }, "invalid_request");
    await expectRefused({ code_challenge: "short" }, "invalid_request");
  });

  it("refuses scopes and parameters that it does not know, a misspelt one included", async () => {
    await expectRefused({ scope: "openid everything" }, "invalid_scope");
    await expectRefused({ scope: "constructor" }, "invalid_scope");
    await expectRefused({ codechallenge: "x" }, "invalid_request");
    await expectRefused({ access_type: "offline" }, "invalid_request");
  });

  it("refuses a parameter that is sent twice", async () => {
    const { url } = await ask(await ownClient(emulator, provider), provider);
    await expectBlocked(`${url}&redirect_uri=${encodeURIComponent("https://evil.example/")}`, "more than once");
    await expectBlocked(`${url}&state=other`, "more than once");
  });

  it("lets a client without PKCE in only where it is registered so", async () => {
    const redirectUris = [redirectUriOf(provider)];
    const lax = await emulator.addClient(provider, { redirectUris, pkceRequired: false });
    const bare = { code_challenge: null, code_challenge_method: null };
    const answer = answerOf(await emulator.approve((await ask(lax, provider, bare)).url));
    expect(answer.get("code")).toMatch(/^[\w-]{43}$/);
    // Even then, what is sent must be in order.
    const { url } = await ask(lax, provider, { code_challenge_method: null });
    const outcome = await emulator.approve(url).then(answerOf, (error: unknown) => String(error));
    expect(String(outcome)).toContain("invalid_request");
  });

  it("echoes the state as it was, and sends none where there was none", async () => {
    const client = await ownClient(emulator, provider);
    const state = `a b&c=d"<é>`;
    const echoed = await emulator.approve((await ask(client, provider, { state })).url);
    expect(answerOf(echoed).get("state")).toBe(state);
    const without = await emulator.approve((await ask(client, provider, { state: null })).url);
    expect(answerOf(without).has("state")).toBe(false);
  });

  it("says at the client that the person denied", async () => {
    const { url, state } = await ask(await ownClient(emulator, provider), provider);
    const step = await emulator.approve(url, { deny: true });
    const answer = answerOf(step);
    expect(targetOf(step)).toBe(redirectUriOf(provider));
    expect(answer.get("error")).toBe(provider === "apple" ? "user_cancelled_authorize" : "access_denied");
    expect(answer.get("state")).toBe(state);
    expect(answer.has("code")).toBe(false);
    expect((await emulator.state()).providers[provider].grants).toEqual([]);
  });

  it("shows people a page with its accounts, and takes one choice from it", async () => {
    const { url } = await ask(await ownClient(emulator, provider), provider);
    const { page, request, account } = await readChoice(url);
    expect(page).toContain("Buyer One");
    expect(page).toContain(">Deny</button>");
    // What nobody could choose on the page does not use it up.
    for (const form of [{ request }, { request, account: "nobody" }, { request, account, deny: "1" }, { account }]) {
      expect((await choose(provider, form)).status).toBe(400);
    }
    expect((await choose(provider, { request, account })).status).toBe(provider === "apple" ? 200 : 302);
    expect((await choose(provider, { request, account })).status).toBe(400);
    expect((await emulator.state()).providers[provider].grants).toMatchObject([{ accountId: account, code: "open" }]);
  });

  it("takes no account once the person has denied", async () => {
    const { request, account } = await readChoice((await ask(await ownClient(emulator, provider), provider)).url);
    expect((await choose(provider, { request, deny: "1" })).status).toBe(provider === "apple" ? 200 : 302);
    expect((await choose(provider, { request, account })).status).toBe(400);
    expect((await emulator.state()).providers[provider].grants).toEqual([]);
  });

  it("has no other paths and methods", async () => {
    const { authorizationEndpoint, tokenEndpoint, jwksUri } = (await ownClient(emulator, provider)).settings;
    const statusOf = async (url: string, method = "GET") => (await fetch(url, { method })).status;
    expect(await statusOf(`${emulator.url}/${provider}`)).toBe(404);
    expect(await statusOf(`${authorizationEndpoint}/`)).toBe(404);
    expect(await statusOf(`${emulator.url}/${provider}/userinfo`)).toBe(404);
    expect(await statusOf(authorizationEndpoint, "POST")).toBe(405);
    expect(await statusOf(tokenEndpoint)).toBe(405);
    if (jwksUri !== undefined) expect(await statusOf(`${jwksUri}?kid=1`)).toBe(400);
  });
});

describe("the authorization endpoint", () => {
  it("is there for known providers only", async () => {
    expect((await visit(`${emulator.url}/twitter/authorize`)).status).toBe(404);
    expect((await visit(`${emulator.url}/__proto__/authorize`)).status).toBe(404);
  });

  it("of Apple posts the answer where the name or the address is asked for, and nothing else will do", async () => {
    const client = await ownClient(emulator, "apple");
    for (const changes of [{ response_mode: null }, { response_mode: "query", scope: "email" }]) {
      const { url } = await ask(client, "apple", changes);
      await expectBlocked(url, "response_mode must be form_post when name or email scope is requested.");
    }
    await expectBlocked((await ask(client, "apple", { response_mode: "fragment" })).url, "response_mode");
  });

  it("of Apple answers by a page that posts itself, and says where it comes from", async () => {
    const { url, state } = await ask(await ownClient(emulator, "apple"), "apple");
    const { request, account } = await readChoice(url);
    const answer = await choose("apple", { request, account });
    expect(answer.headers.get("referrer-policy")).toBe("origin");
    expect(answer.headers.get("content-security-policy")).toContain("script-src 'sha256-");
    const posting = await answer.text();
    expect(posting).toContain(`<form method="post" action="${redirectUriOf("apple")}">`);
    expect(posting).toContain(`name="state" value="${state}"`);
    expect(posting).toContain("document.forms[0].submit()");
  });

  it("refuses a nonce where no ID token would carry it", async () => {
    for (const provider of ["google", "facebook"] as const) {
      const client = await ownClient(emulator, provider);
      await expectBlocked((await ask(client, provider, { scope: "email" })).url, "nonce");
    }
    for (const [provider, changes] of [
      ["microsoft", { scope: "email" }],
      ["github", { nonce: "n" }],
    ] as const) {
      const answer = answerOf(
        await emulator.approve((await ask(await ownClient(emulator, provider), provider, changes)).url),
      );
      expect(answer.get("error_description")).toContain("nonce");
    }
  });

  it("takes the prompts that its provider knows", async () => {
    for (const provider of ["google", "microsoft", "github"] as const) {
      const client = await ownClient(emulator, provider);
      const chosen = await emulator.approve((await ask(client, provider, { prompt: "select_account" })).url);
      expect(answerOf(chosen).has("code")).toBe(true);
    }
    const none = await ask(await ownClient(emulator, "google"), "google", { prompt: "none" });
    await expectBlocked(none.url, "prompt");
  });
});
