import * as oauth from "oauth4webapi";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { providerNames } from "../../src/oauth/provider-names.ts";
import type { OAuthEmulator } from "../../src/oauth/start-oauth.ts";
import {
  answerOf,
  ask,
  codeOf,
  insecure,
  ownClient,
  redeem,
  redirectUriOf,
  signIn,
  startProviders,
  targetOf,
} from "./support.ts";

let emulator: OAuthEmulator;

beforeAll(async () => {
  emulator = await startProviders();
});
afterEach(() => emulator.reset());
afterAll(() => emulator.stop());

const now = (): number => Math.floor(Date.now() / 1_000);

describe("Google", () => {
  it.each([true, false])("signs in a client of oauth4webapi (secret by HTTP Basic: %s)", async (basic) => {
    const { claims, tokens, step } = await signIn(emulator, "google", { basic });
    expect(claims).toMatchObject({
      email: "buyer.one@example.com",
      email_verified: true,
      name: "Buyer One",
      given_name: "Buyer",
      family_name: "One",
      picture: expect.stringMatching(/^https:/),
    });
    expect(claims).not.toHaveProperty("hd");
    expect(claims.exp).toBeGreaterThan(now());
    expect(tokens.scope?.split(" ")).toContain("https://www.googleapis.com/auth/userinfo.email");
    expect(targetOf(step)).toBe(redirectUriOf("google"));
    // More than was asked for, as in production: a client that refuses what it does not know would fail there.
    expect(Object.fromEntries(answerOf(step))).toMatchObject({
      iss: `${emulator.url}/google`,
      scope: expect.stringContaining("openid"),
      authuser: "0",
      prompt: "consent",
    });
  });

  it("says what the account is, and gives only what was asked for", async () => {
    await emulator.addAccount("google", {
      id: "2",
      email: "guest@example.org",
      emailVerified: false,
      name: "Guest",
      hostedDomain: "example.org",
    });
    const whole = await signIn(emulator, "google", { account: "2" });
    expect(whole.claims).toMatchObject({ sub: "2", email_verified: false, hd: "example.org", given_name: "Guest" });
    const bare = await signIn(emulator, "google", { account: "2", changes: { scope: "openid" } });
    expect(bare.claims).not.toHaveProperty("email");
    expect(bare.claims).not.toHaveProperty("name");
  });

  it("gives no ID token where openid was not asked for", async () => {
    const asked = await ask(await ownClient(emulator, "google"), "google", { scope: "email", nonce: null });
    const tokens = await (await redeem(asked, await codeOf(emulator, asked))).json();
    expect(tokens).toMatchObject({ access_token: expect.any(String), token_type: "Bearer" });
    expect(tokens).not.toHaveProperty("id_token");
  });
});

describe("Facebook", () => {
  it("signs in a client of oauth4webapi, and never says whether the address is verified", async () => {
    const { claims, step } = await signIn(emulator, "facebook");
    expect(claims).toMatchObject({ email: "buyer.one@example.com", name: "Buyer One" });
    expect(claims).not.toHaveProperty("email_verified");
    expect(step).toMatchObject({ kind: "redirect", url: expect.stringMatching(/#_=_$/) });
  });

  it("gives no address where the account has none", async () => {
    await emulator.addAccount("facebook", { id: "2", email: null, name: "Guest" });
    const { claims } = await signIn(emulator, "facebook", { account: "2" });
    expect(claims).toMatchObject({ sub: "2", name: "Guest" });
    expect(claims).not.toHaveProperty("email");
  });
});

describe("Apple", () => {
  it("signs in a client of oauth4webapi by a posted form and a signed secret", async () => {
    const { claims, step } = await signIn(emulator, "apple");
    expect(claims).toMatchObject({ email: "buyer.one@example.com", email_verified: true, nonce_supported: true });
    expect(claims).not.toHaveProperty("name");
    expect(claims).not.toHaveProperty("is_private_email");
    expect(step).toMatchObject({ kind: "form_post", action: redirectUriOf("apple") });
  });

  it("tells the name once: at the first consent of an account for a client", async () => {
    const userOf = async (account?: string) => {
      const { step } = await signIn(emulator, "apple", account === undefined ? {} : { account });
      return answerOf(step).get("user");
    };
    expect(JSON.parse((await userOf()) ?? "")).toEqual({
      name: { firstName: "Buyer", lastName: "One" },
      email: "buyer.one@example.com",
    });
    expect(await userOf()).toBeNull();

    const other = { id: "2", email: "guest@example.com", emailVerified: true, name: "Guest" };
    await emulator.addAccount("apple", other);
    expect(await userOf("2")).toContain("Guest");
    const stranger = await emulator.addClient("apple", { redirectUris: [redirectUriOf("apple")] });
    const atStranger = await emulator.approve((await ask(stranger, "apple")).url, { account: "2" });
    expect(answerOf(atStranger).get("user")).toContain("Guest");
    // Whoever withdraws consent is asked, and told of, as if for the first time.
    await emulator.addAccount("apple", other);
    expect(await userOf("2")).toContain("Guest");
  });

  it("tells in the form only what was asked for", async () => {
    const email = await signIn(emulator, "apple", { changes: { scope: "email" } });
    expect(answerOf(email.step).get("user")).toBe('{"email":"buyer.one@example.com"}');
    await emulator.reset();
    const nothing = await signIn(emulator, "apple", { changes: { scope: null, response_mode: null } });
    expect(nothing.step.kind).toBe("redirect");
    expect(answerOf(nothing.step).has("user")).toBe(false);
    expect(nothing.claims).not.toHaveProperty("email");
  });

  it("says yes and no as texts too, and marks a relayed address", async () => {
    const account = { id: "2", email: "q7@privaterelay.appleid.com", name: "Guest", private: true, claimsAsText: true };
    await emulator.addAccount("apple", { ...account, emailVerified: true });
    const verified = await signIn(emulator, "apple", { account: "2" });
    expect(verified.claims).toMatchObject({ email_verified: "true", is_private_email: "true" });
    await emulator.addAccount("apple", { ...account, emailVerified: false });
    expect((await signIn(emulator, "apple", { account: "2" })).claims).toMatchObject({ email_verified: "false" });
  });
});

describe("Microsoft", () => {
  const tenant = "3c9f5a52-7b1d-4c39-9a53-0f4f0a1b2c3d";

  it("signs in a client of oauth4webapi with the issuer of the personal tenant", async () => {
    const { claims } = await signIn(emulator, "microsoft");
    expect(claims).toMatchObject({
      iss: `${emulator.url}/microsoft/${claims.tid}/v2.0`,
      tid: "9188040d-6c67-4c5b-b112-36a304b66dad",
      oid: expect.any(String),
      preferred_username: "buyer.one@example.com",
      email: "buyer.one@example.com",
      name: "Buyer One",
      ver: "2.0",
    });
    expect(claims.sub).not.toBe(claims.oid);
    expect(claims).not.toHaveProperty("xms_edov");
    expect(claims).not.toHaveProperty("email_verified");
  });

  it("names an organization's tenant in the issuer, so that one of another tenant does not pass", async () => {
    await emulator.addAccount("microsoft", { id: "2", email: "guest@example.com", name: "Guest", tenant });
    expect((await signIn(emulator, "microsoft", { account: "2", tenant })).claims).toMatchObject({ tid: tenant });
    await expect(signIn(emulator, "microsoft", { account: "2" })).rejects.toThrow('"iss" (issuer) claim');
  });

  it.each([true, false])("says whether the domain's owner is verified where it knows (%s)", async (edov) => {
    await emulator.addAccount("microsoft", { id: "2", email: "guest@example.com", name: "Guest", tenant, edov });
    expect((await signIn(emulator, "microsoft", { account: "2", tenant })).claims).toMatchObject({ xms_edov: edov });
  });

  it("gives each client another subject for the same person", async () => {
    const { claims } = await signIn(emulator, "microsoft");
    const client = await emulator.addClient("microsoft", { redirectUris: [redirectUriOf("microsoft")] });
    const asked = await ask(client, "microsoft");
    const response = await redeem(asked, await codeOf(emulator, asked));
    const { id_token: token } = (await response.json()) as { id_token: string };
    const other = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<string, string>;
    expect(other.oid).toBe(claims.oid);
    expect(other.sub).not.toBe(claims.sub);
  });
});

describe("every provider", () => {
  it.each(["google", "facebook", "apple"] as const)(
    "describes itself so that oauth4webapi finds it (%s)",
    async (name) => {
      const { settings } = await ownClient(emulator, name);
      const issuer = new URL(settings.issuer);
      const found = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
      expect(found).toMatchObject({
        authorization_endpoint: settings.authorizationEndpoint,
        token_endpoint: settings.tokenEndpoint,
        jwks_uri: settings.jwksUri,
      });
    },
  );

  it("describes itself at Microsoft with a template, at GitHub without keys", async () => {
    const microsoft = await fetch(`${emulator.url}/microsoft/common/v2.0/.well-known/openid-configuration`);
    expect(await microsoft.json()).toMatchObject({ issuer: `${emulator.url}/microsoft/{tenantid}/v2.0` });
    const github = await fetch(`${emulator.url}/github/login/oauth/.well-known/openid-configuration`);
    const found = await github.json();
    expect(found).toMatchObject({ issuer: `${emulator.url}/github/login/oauth` });
    expect(found).not.toHaveProperty("jwks_uri");
  });

  it("hands out settings that JSON carries unchanged, with the secrets apart", async () => {
    const { providers, secrets } = await emulator.settings();
    expect(Object.keys(providers)).toEqual([...providerNames]);
    expect(Object.keys(secrets)).toEqual([...providerNames]);
    expect(new Set(Object.values(secrets)).size).toBe(providerNames.length);
    expect(secrets.apple).toContain("-----BEGIN PRIVATE KEY-----");
    for (const secret of Object.values(secrets)) expect(JSON.stringify(providers)).not.toContain(secret);
    expect(providers.apple).toMatchObject({ teamId: expect.any(String), keyId: expect.any(String) });
    expect(providers.github).toMatchObject({ apiUrl: `${emulator.url}/github/api` });
    expect(providers.github).not.toHaveProperty("jwksUri");
    expect(providers.microsoft.issuer).toBe(`${emulator.url}/microsoft/{tenantid}/v2.0`);
  });
});
