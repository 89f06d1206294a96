import type { BrowserStep } from "@foyer/emulators/oauth/browser";
import type { TokenEffect } from "@foyer/emulators/oauth/control/faults";
import { idTokenProviderNames, providerNames } from "@foyer/emulators/oauth/provider-names";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { signInEndsAt } from "../../scripts/platform/stack.ts";
import { countRows } from "./support/shop.ts";
import { expectProblem, SignIns } from "./support/sign-ins.ts";
import { codeOf } from "./support/visitor.ts";
import { startWorld, type World } from "./support/world.ts";

const foreignTenant = "3c9f5a52-7b1d-4c39-9a53-0f4f0a1b2c3d";

describe("an attacker who knows the protocol gets nowhere", () => {
  let world: World;
  let people: SignIns;

  beforeAll(async () => {
    world = await startWorld();
    people = new SignIns(world);
  });
  afterEach(() => world.emulators.oauth.faults.clear());
  afterAll(() => world?.stop());

  const usersWith = (email: string) => countRows(world, "users", "users WHERE email = ?1", email);

  test("with a state that was used", async () => {
    const visitor = people.newVisitor();
    const step = await people.approve(await visitor.begin("google"), await people.newPerson("google"));
    expect((await visitor.comeBack(step)).status).toBe(303);
    expectProblem(await visitor.comeBack(step), 400, "users.oauth_state_invalid");
  });

  test.each(providerNames)("with %s's code in a flow of their own", async (provider) => {
    const victim = await people.newPerson(provider);
    const stolen = await people.approve(await people.newVisitor().begin(provider), victim);
    const attacker = people.newVisitor();
    const { state } = await attacker.begin(provider);
    const injected: BrowserStep =
      stolen.kind === "redirect"
        ? { kind: "redirect", url: withParameter(stolen.url, "state", state) }
        : { ...stolen, fields: { ...stolen.fields, state } };
    people.expectError(await attacker.comeBack(injected), "provider_refused");
    expect(await usersWith(victim.email)).toBe(0);
  });

  test("with our code after it was used", async () => {
    const visitor = people.newVisitor();
    const code = codeOf(await people.goThere(visitor, "google", await people.newPerson("google")));
    expect((await visitor.redeem({ code })).status).toBe(200);
    expectProblem(await visitor.redeem({ code }), 410, "users.oauth_code_invalid");
  });

  test("with our code in another browser, where it is worth nothing; in its own it still is", async () => {
    const victim = people.newVisitor();
    const code = codeOf(await people.goThere(victim, "apple", await people.newPerson("apple")));
    const attacker = people.newVisitor();
    await attacker.begin("apple");
    const thefts = [{ code }, { code, codeVerifier: "v".repeat(43) }];
    for (const theft of thefts) {
      expectProblem(await attacker.redeem(theft), 410, "users.oauth_code_invalid");
    }
    expect((await victim.redeem({ code })).status).toBe(200);
  });

  test("with their own sign-in in the victim's browser, on the way back or at its end", async () => {
    const person = await people.newPerson("google");
    const [attacker, victim] = [people.newVisitor(), people.newVisitor()];
    const step = await people.approve(await attacker.begin("google"), person);
    expectProblem(await victim.comeBack(step), 400, "users.oauth_state_invalid");
    await victim.begin("google");
    expectProblem(await victim.comeBack(step), 400, "users.oauth_state_invalid");
    const code = codeOf(await attacker.comeBack(step));
    expectProblem(await victim.redeem({ code }), 410, "users.oauth_code_invalid");
  });

  test("with their own identity on the victim's account", async () => {
    const victim = await people.signIn("google", await people.newPerson("google"));
    const attacker = await people.signIn("google", await people.newPerson("google"));
    const browser = people.newVisitor();
    const elsewhere = await people.newPerson("facebook");
    const body = { intent: "link" };
    const code = codeOf(await people.goThere(browser, "facebook", elsewhere, body, attacker.session.accessToken));
    expectProblem(
      await people.newVisitor().redeem({ code }, victim.session.accessToken),
      410,
      "users.oauth_code_invalid",
    );
    expectProblem(await browser.redeem({ code }, victim.session.accessToken), 410, "users.oauth_code_invalid");
    expect(await people.identitiesOf(victim)).toHaveLength(1);
  });

  test.each(providerNames)("by taking PKCE out of a request to %s: there is no code then", async (provider) => {
    const { authorizationUrl } = await people.newVisitor().begin(provider);
    const url = new URL(authorizationUrl);
    expect(url.searchParams.get("code_challenge_method")).toBe("S256");
    url.searchParams.delete("code_challenge");
    url.searchParams.delete("code_challenge_method");
    // Said on a page, or to us as an error.
    const answer = world.emulators.oauth.approve(url.href).then(JSON.stringify, String);
    expect(await answer).toMatch(/invalid_request.*code_challenge/);
  });

  test("by mixing providers up: an answer of one fits no flow of another, and no other issuer", async () => {
    const person = await people.newPerson("google");
    const visitor = people.newVisitor();
    const step = await people.approve(await visitor.begin("google"), person);
    if (step.kind !== "redirect") throw new Error("Google redirects");
    const { state } = await people.newVisitor().begin("github");
    for (const url of [
      step.url.replace("/google/callback", "/github/callback"),
      step.url.replace("/google/callback", "/microsoft/callback"),
      withParameter(step.url, "state", state),
      withParameter(step.url, "iss", `${world.emulators.oauth.url}/github/login/oauth`),
      withParameter(step.url, "iss", `${world.emulators.oauth.url}/google/`),
    ]) {
      expectProblem(await visitor.comeBack({ kind: "redirect", url }), 400, "users.oauth_state_invalid");
    }
    expect(codeOf(await visitor.comeBack(step))).toMatch(/^[\w-]{43}$/);
  });

  const spoilt: readonly TokenEffect[] = [
    "wrong_nonce",
    "wrong_audience",
    "wrong_issuer",
    "expired",
    "alg_none",
    "hs256_public_key",
    "foreign_key",
    "foreign_signature",
    "missing_id_token",
  ];
  test.each(idTokenProviderNames.flatMap((provider) => spoilt.map((effect) => [provider, effect] as const)))(
    "with an ID token of %s: %s",
    async (provider, effect) => {
      const person = await people.newPerson(provider);
      await world.emulators.oauth.faults.token(provider, effect);
      people.expectError(await people.goThere(people.newVisitor(), provider, person), "provider_refused");
      expect(await usersWith(person.email)).toBe(0);
    },
  );

  test.each(["500", "timeout"] as const)(
    "nor does anybody else, and nothing is held, while a provider answers with %s",
    async (effect) => {
      const person = await people.newPerson("github");
      const visitor = people.newVisitor();
      await world.emulators.oauth.faults.token("github", effect, { delayMs: 200 });
      people.expectError(await people.goThere(visitor, "github", person), "provider_unavailable");
      expect(await usersWith(person.email)).toBe(0);
      expect((await people.signIn("github", person, visitor)).user.email).toBe(person.email);
    },
  );

  test("but a slow provider is waited for", async () => {
    const person = await people.newPerson("google");
    await world.emulators.oauth.faults.token("google", "slow", { delayMs: 500 });
    expect((await people.signIn("google", person)).user.email).toBe(person.email);
  });

  test.each([
    ["another host", (own: URL) => `http://evil.example${own.pathname}`],
    ["our host in front of another", (own: URL) => `${own.origin}.evil.example${own.pathname}`],
    ["our host for a user's name", (own: URL) => `http://${own.host}@evil.example${own.pathname}`],
    ["another port", (own: URL) => `http://${own.hostname}:1${own.pathname}`],
    ["more behind it", (own: URL) => `${own.href}/more`],
    ["a way up", (own: URL) => `${own.href}/../elsewhere`],
    ["other case", (own: URL) => `${own.origin}/Signed-In`],
    ["a fragment", (own: URL) => `${own.href}#x`],
    ["no scheme", () => "//evil.example/signed-in"],
    ["a script", () => "javascript:alert(1)"],
  ])("by an address to end at with %s", async (_, of) => {
    const redirectUri = of(new URL(signInEndsAt(world.url)));
    const answer = await people.newVisitor().send("begin", {
      path: "/v1/auth/oauth/login",
      body: { provider: "google", redirectUri },
    });
    expectProblem(answer, 422, "users.redirect_not_allowed");
    expect(answer.document?.errors).toMatchObject([{ path: "redirectUri" }]);
  });

  test("with an address that nobody vouches for, when the victim has an account", async () => {
    const victim = await people.signIn("google", await people.newPerson("google"));
    const { email } = victim.user;
    for (const [provider, claims] of [
      ["facebook", {}],
      ["google", { emailVerified: false }],
      ["apple", { emailVerified: false, claimsAsText: true }],
      ["github", { emailVerified: false }],
      ["microsoft", { tenant: foreignTenant }],
      ["microsoft", { tenant: foreignTenant, edov: false }],
    ] as const) {
      const attacker = await people.newPerson(provider, { email, ...claims });
      expectProblem(await people.attempt(people.newVisitor(), provider, attacker), 409, "users.identity_not_linked");
    }
    expect(await people.identitiesOf(victim)).toHaveLength(1);
  });

  test("with an account that they opened before, under an address that is the victim's", async () => {
    const attacker = await people.newPerson("facebook");
    const opened = await people.signIn("facebook", attacker);
    expect(opened.user.emailVerified).toBe(false);
    const victim = await people.newPerson("google", { email: attacker.email });
    expectProblem(await people.attempt(people.newVisitor(), "google", victim), 409, "users.identity_not_linked");
    expect(await people.identitiesOf(opened)).toHaveLength(1);
  });

  test("but an organization whose domain Microsoft has verified is believed", async () => {
    const person = await people.newPerson("google");
    const known = await people.signIn("google", person);
    const same = await people.newPerson("microsoft", { email: person.email, tenant: foreignTenant, edov: true });
    expect((await people.signIn("microsoft", same)).user.id).toBe(known.user.id);
  });

  test("with a name that would be a header, a page or a log line", async () => {
    const name = "Guest\r\nSet-Cookie: admin=1\u0000<script>alert(1)</script>";
    const visitor = people.newVisitor();
    const answer = await people.attempt(visitor, "google", await people.newPerson("google", { name }));
    expect(answer.document).toMatchObject({
      user: { name: "Guest Set-Cookie: admin=1 <script>alert(1)</script>" },
    });
    expect(visitor.cookie("admin")).toBeUndefined();
    expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
  });

  test("with words of their own in a provider's answer", async () => {
    const visitor = people.newVisitor();
    const { state } = await visitor.begin("google");
    const words = "Your account is locked, call +1";
    const query = new URLSearchParams({
      state,
      error: words,
      error_description: words,
      error_uri: "https://evil.example",
    });
    const url = `${world.url}/v1/auth/oauth/google/callback?${query}#${words}`;
    people.expectError(await visitor.comeBack({ kind: "redirect", url }), "provider_refused");
  });

  test("by racing: of two ends of one person's first sign-in there is one account", async () => {
    const person = await people.newPerson("apple");
    const ends = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const visitor = people.newVisitor();
        return { visitor, code: codeOf(await people.goThere(visitor, "apple", person)) };
      }),
    );
    const answers = await Promise.all(ends.map(({ visitor, code }) => visitor.redeem({ code })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await usersWith(person.email)).toBe(1);
  });

  test("and leaves with no secret of a log, an address or an answer; nor was any of that a fault", async () => {
    await people.expectNothingLeaked();
    expect(world.logs.map(({ text }) => text).join("\n")).toContain("ID token refused");
  });
});

function withParameter(address: string, name: string, value: string): string {
  const url = new URL(address);
  url.searchParams.set(name, value);
  return url.href;
}
