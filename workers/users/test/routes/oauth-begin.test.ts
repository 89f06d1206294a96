import type { ProviderName } from "@foyer/contracts/users/api/providers";
import { sha256Base64Url } from "@foyer/kernel/encoding";
import { newTestUser } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import { expectProblem, newPerson, newVerifiedPerson, send } from "../support/people.ts";
import { redirectUris } from "../support/provider-keys.ts";
import { begin, callsWith, comeBack, flowOf, login, planPerson, someone } from "../support/providers.ts";

describe("the list of providers", () => {
  test("says which can be used here, to everybody and for a minute", async () => {
    const response = await send("GET", "/v1/auth/oauth/providers");
    expect(response.headers.get("cache-control")).toBe("public, max-age=60, s-maxage=60");
    expect(await response.json()).toEqual({
      data: [
        { provider: "google", name: "Google" },
        { provider: "facebook", name: "Facebook" },
        { provider: "apple", name: "Apple" },
        { provider: "microsoft", name: "Microsoft" },
        { provider: "github", name: "GitHub" },
      ],
    });
  });
});

describe("beginning", () => {
  test.each<[ProviderName, string, Record<string, string>]>([
    ["google", "openid email profile", {}],
    ["facebook", "openid email public_profile", {}],
    ["apple", "name email", { response_mode: "form_post" }],
    ["microsoft", "openid profile email", {}],
    ["github", "user:email", {}],
  ])("at %s asks for what is needed and nothing else", async (provider, scope, more) => {
    const { url, state, nonce } = await begin(provider);
    expect(url.origin + url.pathname).toBe(`https://${provider}.example/authorize`);
    const parameters = Object.fromEntries(url.searchParams);
    expect(parameters).toEqual({
      response_type: "code",
      client_id: `client-of-${provider}`,
      redirect_uri: `http://localhost:8787/v1/auth/oauth/${provider}/callback`,
      scope,
      state,
      code_challenge_method: "S256",
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      ...(provider === "github" ? {} : { nonce }),
      ...more,
    });
    expect(state).toMatch(/^[\w-]{43}$/);
    if (provider !== "github") expect(nonce).toMatch(/^[\w-]{43}$/);
  });

  test("keeps neither state, nonce, verifier nor cookie, but hashes; and all of them are new each time", async () => {
    const [first, second] = [await begin("google"), await begin("google")];
    const code = await planPerson(first, someone());
    await comeBack(first, { code });
    const [call] = await callsWith(code);
    const verifier = new URLSearchParams(call?.body).get("code_verifier") ?? "";
    expect(await sha256Base64Url(verifier)).toBe(first.url.searchParams.get("code_challenge"));
    const secrets = [first.state, first.nonce, verifier, first.cookie.split("=")[1] ?? ""];
    expect(new Set(secrets).size).toBe(4);
    const row = JSON.stringify(await flowOf(first));
    for (const secret of secrets) {
      expect(secret).toMatch(/^[\w-]{43}$/);
      expect(row).not.toContain(secret);
    }
    expect(second.state).not.toBe(first.state);
    expect(second.nonce).not.toBe(first.nonce);
    expect(second.cookie).not.toBe(first.cookie);
    expect(second.url.searchParams.get("code_challenge")).not.toBe(first.url.searchParams.get("code_challenge"));
  });

  test("binds the browser by a cookie that no script reads and that comes along with Apple's form", async () => {
    const response = await login("apple");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-foyer_oauth=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=None$/),
    ]);
    expect(await response.json()).toMatchObject({ expiresIn: 600 });
  });

  test("binds a client with a challenge of its own, and leaves its browser alone", async () => {
    const response = await login("google", { codeChallenge: await sha256Base64Url("v".repeat(43)) });
    expect(response.status).toBe(200);
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  test.each(redirectUris.map((address) => [address]))("may end at %s", async (address) => {
    expect((await login("google", { redirectUri: address })).status).toBe(200);
  });

  test.each([
    ["another host", "https://evil.example/signed-in"],
    ["a host that begins alike", "https://shop.example.evil.example/signed-in"],
    ["a host that ends alike", "https://evilshop.example/signed-in"],
    ["a host in the name of a user", "https://shop.example@evil.example/signed-in"],
    ["a user", "https://user@shop.example/signed-in"],
    ["a host behind a backslash", "https://shop.example\\@evil.example/signed-in"],
    ["a longer path", "https://shop.example/signed-in/more"],
    ["a path that climbs", "https://shop.example/signed-in/../elsewhere"],
    ["the same path by a detour", "https://shop.example/x/../signed-in"],
    ["an escaped path", "https://shop.example/signed%2Din"],
    ["a slash more", "https://shop.example/signed-in/"],
    ["other case in the path", "https://shop.example/Signed-In"],
    ["other case in the host", "https://SHOP.example/signed-in"],
    ["other case in the scheme", "HTTPS://shop.example/signed-in"],
    ["plain HTTP", "http://shop.example/signed-in"],
    ["another port", "https://shop.example:8443/signed-in"],
    ["the same port, written", "https://shop.example:443/signed-in"],
    ["a query", "https://shop.example/signed-in?next=https://evil.example"],
    ["a fragment", "https://shop.example/signed-in#x"],
    ["no scheme", "//shop.example/signed-in"],
    ["no host", "/signed-in"],
    ["a space before", " https://shop.example/signed-in"],
    ["a line break", "https://shop.example/signed-in\r\nSet-Cookie: a=b"],
    ["two of them", "https://shop.example/signed-in,https://evil.example/"],
    ["another scheme", "javascript:alert(1)//https://shop.example/signed-in"],
    ["another app", "com.example.shop.evil:/signed-in"],
    ["nothing", ""],
  ])("may not end at an address with %s", async (_, address) => {
    const response = await login("google", { redirectUri: address });
    const body = await expectProblem(response, 422, "users.redirect_not_allowed");
    expect(body.errors?.map(({ path }) => path)).toEqual(["redirectUri"]);
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  test.each<[string, object, string]>([
    ["a provider that is none", { provider: "twitter" }, "provider"],
    ["no address", { redirectUri: undefined }, "redirectUri"],
    ["an address beyond its limit", { redirectUri: `https://shop.example/${"x".repeat(2_000)}` }, "redirectUri"],
    ["a plain challenge", { codeChallenge: "v".repeat(50) }, "codeChallenge"],
    ["another way of making challenges", { codeChallengeMethod: "plain" }, "codeChallengeMethod"],
    ["a state of its own", { state: "x" }, "state"],
    ["an intent that is none", { intent: "takeover" }, "intent"],
    ["a mode that is none", { mode: "url" }, "mode"],
  ])("with %s is refused with the field's path", async (_, body, path) => {
    const answer = await expectProblem(await login("google", body), 422, "request.invalid");
    expect(answer.errors?.map((fault) => fault.path)).toContain(path);
  });

  test("to link is for people themselves who are signed in, have proven it lately, and have a verified address", async () => {
    const link = (headers: Record<string, string>) => login("google", { intent: "link" }, headers);
    const person = await newVerifiedPerson();
    const { userId } = { userId: person.user.id };
    await expectProblem(await link({}), 401, "auth.required");
    await expectProblem(await link({ authorization: "Bearer nonsense" }), 401, "auth.required");
    const stale = await newTestUser({ userId, authenticatedAtMs: Date.now() - 3_600_000 });
    await expectProblem(await link({ ...stale.headers }), 401, "auth.step_up_required");
    const acting = await newTestUser({ userId, impersonatorId: "usr_00000000000000000000000000" });
    await expectProblem(await link({ ...acting.headers }), 403, "auth.impersonation_refused");
    await expectProblem(await link((await newPerson()).headers), 403, "users.email_not_verified");
    expect((await link(person.headers)).status).toBe(200);
  });

  test("to sign in looks at no credential, so an expired one that comes along does no harm", async () => {
    expect((await login("google", {}, { authorization: "Bearer expired" })).status).toBe(200);
  });
});
