import { createHash, randomBytes } from "node:crypto";
import type { AccountInput } from "@foyer/emulators/oauth/accounts";
import type { BrowserStep } from "@foyer/emulators/oauth/browser";
import type { TokenEffect } from "@foyer/emulators/oauth/control/faults";
import { idTokenProviderNames, type ProviderName, providerNames } from "@foyer/emulators/oauth/provider-names";
import { type SecondOpinion, startSecondOpinion } from "@foyer/emulators/oauth/second-opinion";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { signInEndsAt } from "../../scripts/platform/stack.ts";
import { freePort } from "../../scripts/platform/start.ts";
import { launchBrowser, openTab } from "./support/browser.ts";
import type { Answer } from "./support/http.ts";
import { countRows } from "./support/shop.ts";
import { codeOf, locationOf, type UnderWay, Visitor } from "./support/visitor.ts";
import { newAddress, startWorld, type World } from "./support/world.ts";

const foreignTenant = "3c9f5a52-7b1d-4c39-9a53-0f4f0a1b2c3d";
const flowCookie = "__Host-foyer_oauth";

/** An account at a provider, as far as these tests look at it. */
interface Person {
  readonly id: string;
  readonly email: string;
}

interface SignedIn {
  readonly user: {
    readonly id: string;
    readonly email: string;
    readonly emailVerified: boolean;
    readonly name: string;
  };
  readonly session: { readonly accessToken: string };
}

describe("signing in at providers", () => {
  let world: World;
  const visitors: Visitor[] = [];
  /** What nobody may read in a log or an answer: states, codes and verifiers of all that happens here. */
  const confidential = new Set<string>();

  beforeAll(async () => {
    world = await startWorld();
  });
  afterEach(() => world.emulators.oauth.faults.clear());
  afterAll(() => world?.stop());

  function newVisitor(): Visitor {
    const visitor = new Visitor(world);
    visitors.push(visitor);
    return visitor;
  }

  /** An account that each provider vouches for as far as it vouches at all. */
  async function newPerson<P extends ProviderName>(provider: P, more: Partial<AccountInput<P>> = {}): Promise<Person> {
    const person = { id: String(1e9 + Math.floor(Math.random() * 1e9)), email: newAddress("guest") };
    const verified = provider === "microsoft" || provider === "facebook" ? {} : { emailVerified: true };
    const account = { ...person, name: "Guest Two", ...verified, ...more };
    // What the provider's own schema does not take, it refuses.
    await world.emulators.oauth.addAccount(provider, account as AccountInput<P>);
    return { ...person, ...("email" in more && typeof more.email === "string" ? { email: more.email } : {}) };
  }

  async function approve(underWay: UnderWay, person: Person): Promise<BrowserStep> {
    confidential.add(underWay.state);
    const step = await world.emulators.oauth.approve(underWay.authorizationUrl, { account: person.id });
    const answer = step.kind === "redirect" ? new URL(step.url).searchParams : new URLSearchParams(step.fields);
    confidential.add(answer.get("code") ?? "no code");
    return step;
  }

  /** The whole way there and back, to the answer of the callback. */
  async function goThere(visitor: Visitor, provider: ProviderName, person: Person, body: object = {}, token?: string) {
    const underWay = await visitor.begin(provider, body, token);
    return visitor.comeBack(await approve(underWay, person));
  }

  /** The whole sign-in, to the answer of redeeming the code. */
  async function attempt(visitor: Visitor, provider: ProviderName, person: Person, body: object = {}, token?: string) {
    const code = codeOf(await goThere(visitor, provider, person, body, token));
    confidential.add(code);
    return visitor.redeem({ code }, token);
  }

  async function signIn(provider: ProviderName, person: Person, visitor = newVisitor()): Promise<SignedIn> {
    const answer = await attempt(visitor, provider, person);
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
    // The answer of a sign-in, which the tests below look into.
    return answer.document as unknown as SignedIn;
  }

  async function identitiesOf({ session }: SignedIn): Promise<{ id: string; provider: string; email: string }[]> {
    const path = "/v1/users/profile/identities";
    const answer = await newVisitor().send("identities", { path, method: "GET", token: session.accessToken });
    return answer.document?.data as { id: string; provider: string; email: string }[];
  }

  function expectProblem(answer: Answer, status: number, code: string): void {
    expect([answer.status, answer.document?.code]).toEqual([status, code]);
    expect(answer.headers.get("location")).toBeNull();
  }

  /** Expects that the client is told of a failure, and of nothing else. */
  function expectError(answer: Answer, error: string): void {
    expect(locationOf(answer).href).toBe(`${signInEndsAt(world.url)}?error=${error}#`);
    expect(answer.text).toBe("");
  }

  const usersWith = (email: string) => countRows(world, "users", "users WHERE email = ?1", email);

  describe("the whole way", () => {
    test("the list shows all five", async () => {
      const list = await newVisitor().send("providers", { path: "/v1/auth/oauth/providers", method: "GET" });
      expect(list.document).toEqual({
        data: ["google", "facebook", "apple", "microsoft", "github"].map((provider) => ({
          provider,
          name: expect.any(String),
        })),
      });
    });

    test.each([
      ["google", true],
      ["facebook", false],
      ["apple", true],
      ["microsoft", true],
      ["github", true],
    ] as const)("%s signs somebody up, verified: %s, and in again", async (provider, verified) => {
      const person = await newPerson(provider);
      const first = await signIn(provider, person);
      expect(first.user).toMatchObject({ email: person.email, emailVerified: verified, name: "Guest Two" });
      const second = await signIn(provider, person);
      expect(second.user).toMatchObject({ id: first.user.id, name: "Guest Two" });
      expect(await identitiesOf(second)).toMatchObject([{ provider, email: person.email }]);
      const sessions = await newVisitor().send("sessions", {
        path: "/v1/users/profile/sessions",
        method: "GET",
        token: second.session.accessToken,
      });
      expect(sessions.document).toMatchObject({ data: [{ method: provider }, { method: provider, current: true }] });
    });

    test("in cookie mode the browser keeps the session, and gives up what bound the flow", async () => {
      const visitor = newVisitor();
      const answer = await attempt(visitor, "google", await newPerson("google"), { mode: "cookie" });
      expect(answer.document).toMatchObject({ session: { tokenType: "Cookie" } });
      expect(answer.text).not.toMatch(/accessToken|refreshToken/);
      expect(visitor.cookie("__Host-foyer_access")).toEqual(expect.any(String));
      expect(visitor.cookie("__Secure-foyer_refresh")).toEqual(expect.any(String));
      expect(visitor.cookie(flowCookie)).toBeUndefined();
    });

    test("a client with a verifier of its own needs no cookie", async () => {
      const codeVerifier = randomBytes(32).toString("base64url");
      confidential.add(codeVerifier);
      const codeChallenge = createHash("sha256").update(codeVerifier).digest("base64url");
      const visitor = newVisitor();
      const answer = await goThere(visitor, "microsoft", await newPerson("microsoft"), { codeChallenge });
      expect(visitor.cookie(flowCookie)).toBeUndefined();
      expectProblem(await newVisitor().redeem({ code: codeOf(answer) }), 410, "users.oauth_code_invalid");
      expect((await newVisitor().redeem({ code: codeOf(answer), codeVerifier })).status).toBe(200);
    });

    test("an identity is linked by its owner, signs in to the same account, and is taken away again", async () => {
      const owner = await signIn("google", await newPerson("google"));
      const { accessToken: token } = owner.session;
      const elsewhere = await newPerson("facebook");
      const linked = await attempt(newVisitor(), "facebook", elsewhere, { intent: "link" }, token);
      expect(linked.document).toMatchObject({ identity: { provider: "facebook", email: elsewhere.email } });
      const back = await signIn("facebook", elsewhere);
      expect(back.user).toMatchObject({ id: owner.user.id, email: owner.user.email });
      const [google, facebook] = await identitiesOf(owner);
      const unlink = (id: string | undefined) =>
        newVisitor().send("unlink", { path: `/v1/users/profile/identities/${id}`, method: "DELETE", token });
      expect((await unlink(facebook?.id)).status).toBe(204);
      expectProblem(await unlink(google?.id), 409, "users.last_way_in");
      expect((await signIn("facebook", elsewhere)).user.id).not.toBe(owner.user.id);
    });

    test("two providers that vouch for one address are one person", async () => {
      const person = await newPerson("google");
      const first = await signIn("google", person);
      const same = await newPerson("github", { email: person.email });
      expect((await signIn("github", same)).user.id).toBe(first.user.id);
      expect((await identitiesOf(first)).map(({ provider }) => provider)).toEqual(["google", "github"]);
    });

    test("an account with a second factor asks for it, and is linked by its owner only", async () => {
      const known = await signIn("google", await newPerson("google"));
      const db = await world.platform.database("users");
      // The code is not asked for here, so the app's secret may be empty.
      await db
        .prepare("INSERT INTO totp (user_id, secret, confirmed_at_ms, created_at_ms) VALUES (?1, '', 1, 1)")
        .bind(known.user.id)
        .run();
      const same = await newPerson("apple", { email: known.user.email });
      const answer = await attempt(newVisitor(), "apple", same, { mode: "cookie" });
      expect(answer.document).toEqual({ mfa: { token: expect.any(String), methods: ["totp"], expiresIn: 300 } });
      expect(answer.headers.getSetCookie().map((cookie) => cookie.split("=")[0])).toEqual([flowCookie]);
      expect(await identitiesOf(known)).toHaveLength(1);
    });

    test.each(providerNames)("somebody who says no at %s is taken back with access_denied", async (provider) => {
      const visitor = newVisitor();
      const { authorizationUrl } = await visitor.begin(provider);
      const step = await world.emulators.oauth.approve(authorizationUrl, { deny: true });
      expectError(await visitor.comeBack(step), "access_denied");
      expect(visitor.cookie(flowCookie)).toBeUndefined();
    });

    test("Apple tells a name once, and one that it tells later changes nothing", async () => {
      const person = await newPerson("apple", { private: true, claimsAsText: true });
      const first = await signIn("apple", person);
      expect(first.user).toMatchObject({ name: "Guest Two", email: person.email, emailVerified: true });
      expect((await signIn("apple", person)).user.name).toBe("Guest Two");
      const renamed = { ...person, name: "Mallory", emailVerified: true, private: true };
      await world.emulators.oauth.addAccount("apple", renamed);
      expect((await signIn("apple", person)).user).toMatchObject({ id: first.user.id, name: "Guest Two" });
    });

    test("GitHub gives a private address, and none where it made the address up", async () => {
      const hidden = await newPerson("github", { private: true, name: null });
      expect((await signIn("github", hidden)).user).toMatchObject({
        email: hidden.email,
        emailVerified: true,
        name: `user-${hidden.id}`,
      });
      const madeUp = await newPerson("github", { email: "9+x@users.noreply.github.com" });
      expectProblem(await attempt(newVisitor(), "github", madeUp), 409, "users.provider_address_missing");
    });

    test("Facebook without an address opens no account", async () => {
      const person = await newPerson("facebook", { email: null });
      expectProblem(await attempt(newVisitor(), "facebook", person), 409, "users.provider_address_missing");
    });
  });

  describe("an attacker gets nowhere", () => {
    test("with a state that was used", async () => {
      const visitor = newVisitor();
      const step = await approve(await visitor.begin("google"), await newPerson("google"));
      expect((await visitor.comeBack(step)).status).toBe(303);
      expectProblem(await visitor.comeBack(step), 400, "users.oauth_state_invalid");
    });

    test.each(providerNames)("with %s's code in a flow of their own", async (provider) => {
      const victim = await newPerson(provider);
      const stolen = await approve(await newVisitor().begin(provider), victim);
      const attacker = newVisitor();
      const { state } = await attacker.begin(provider);
      const injected: BrowserStep =
        stolen.kind === "redirect"
          ? { kind: "redirect", url: withParameter(stolen.url, "state", state) }
          : { ...stolen, fields: { ...stolen.fields, state } };
      expectError(await attacker.comeBack(injected), "provider_refused");
      expect(await usersWith(victim.email)).toBe(0);
    });

    test("with our code after it was used", async () => {
      const visitor = newVisitor();
      const code = codeOf(await goThere(visitor, "google", await newPerson("google")));
      expect((await visitor.redeem({ code })).status).toBe(200);
      expectProblem(await visitor.redeem({ code }), 410, "users.oauth_code_invalid");
    });

    test("with our code in another browser, where it is worth nothing; in its own it still is", async () => {
      const victim = newVisitor();
      const code = codeOf(await goThere(victim, "apple", await newPerson("apple")));
      const attacker = newVisitor();
      await attacker.begin("apple");
      const thefts = [{ code }, { code, codeVerifier: "v".repeat(43) }];
      for (const theft of thefts) {
        expectProblem(await attacker.redeem(theft), 410, "users.oauth_code_invalid");
      }
      expect((await victim.redeem({ code })).status).toBe(200);
    });

    test("with their own sign-in in the victim's browser, on the way back or at its end", async () => {
      const person = await newPerson("google");
      const [attacker, victim] = [newVisitor(), newVisitor()];
      const step = await approve(await attacker.begin("google"), person);
      expectProblem(await victim.comeBack(step), 400, "users.oauth_state_invalid");
      await victim.begin("google");
      expectProblem(await victim.comeBack(step), 400, "users.oauth_state_invalid");
      const code = codeOf(await attacker.comeBack(step));
      expectProblem(await victim.redeem({ code }), 410, "users.oauth_code_invalid");
    });

    test("with their own identity on the victim's account", async () => {
      const victim = await signIn("google", await newPerson("google"));
      const attacker = await signIn("google", await newPerson("google"));
      const browser = newVisitor();
      const elsewhere = await newPerson("facebook");
      const body = { intent: "link" };
      const code = codeOf(await goThere(browser, "facebook", elsewhere, body, attacker.session.accessToken));
      expectProblem(await newVisitor().redeem({ code }, victim.session.accessToken), 410, "users.oauth_code_invalid");
      expectProblem(await browser.redeem({ code }, victim.session.accessToken), 410, "users.oauth_code_invalid");
      expect(await identitiesOf(victim)).toHaveLength(1);
    });

    test.each(providerNames)("by taking PKCE out of a request to %s: there is no code then", async (provider) => {
      const { authorizationUrl } = await newVisitor().begin(provider);
      const url = new URL(authorizationUrl);
      expect(url.searchParams.get("code_challenge_method")).toBe("S256");
      url.searchParams.delete("code_challenge");
      url.searchParams.delete("code_challenge_method");
      // Said on a page, or to us as an error.
      const answer = world.emulators.oauth.approve(url.href).then(JSON.stringify, String);
      expect(await answer).toMatch(/invalid_request.*code_challenge/);
    });

    test("by mixing providers up: an answer of one fits no flow of another, and no other issuer", async () => {
      const person = await newPerson("google");
      const visitor = newVisitor();
      const step = await approve(await visitor.begin("google"), person);
      if (step.kind !== "redirect") throw new Error("Google redirects");
      const { state } = await newVisitor().begin("github");
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
        const person = await newPerson(provider);
        await world.emulators.oauth.faults.token(provider, effect);
        expectError(await goThere(newVisitor(), provider, person), "provider_refused");
        expect(await usersWith(person.email)).toBe(0);
      },
    );

    test.each(["500", "timeout"] as const)(
      "nor does anybody else, and nothing is held, while a provider answers with %s",
      async (effect) => {
        const person = await newPerson("github");
        const visitor = newVisitor();
        await world.emulators.oauth.faults.token("github", effect, { delayMs: 200 });
        expectError(await goThere(visitor, "github", person), "provider_unavailable");
        expect(await usersWith(person.email)).toBe(0);
        expect((await signIn("github", person, visitor)).user.email).toBe(person.email);
      },
    );

    test("but a slow provider is waited for", async () => {
      const person = await newPerson("google");
      await world.emulators.oauth.faults.token("google", "slow", { delayMs: 500 });
      expect((await signIn("google", person)).user.email).toBe(person.email);
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
      const answer = await newVisitor().send("begin", {
        path: "/v1/auth/oauth/login",
        body: { provider: "google", redirectUri },
      });
      expectProblem(answer, 422, "users.redirect_not_allowed");
      expect(answer.document?.errors).toMatchObject([{ path: "redirectUri" }]);
    });

    test("with an address that nobody vouches for, when the victim has an account", async () => {
      const victim = await signIn("google", await newPerson("google"));
      const { email } = victim.user;
      for (const [provider, claims] of [
        ["facebook", {}],
        ["google", { emailVerified: false }],
        ["apple", { emailVerified: false, claimsAsText: true }],
        ["github", { emailVerified: false }],
        ["microsoft", { tenant: foreignTenant }],
        ["microsoft", { tenant: foreignTenant, edov: false }],
      ] as const) {
        const attacker = await newPerson(provider, { email, ...claims });
        expectProblem(await attempt(newVisitor(), provider, attacker), 409, "users.identity_not_linked");
      }
      expect(await identitiesOf(victim)).toHaveLength(1);
    });

    test("with an account that they opened before, under an address that is the victim's", async () => {
      const attacker = await newPerson("facebook");
      const opened = await signIn("facebook", attacker);
      expect(opened.user.emailVerified).toBe(false);
      const victim = await newPerson("google", { email: attacker.email });
      expectProblem(await attempt(newVisitor(), "google", victim), 409, "users.identity_not_linked");
      expect(await identitiesOf(opened)).toHaveLength(1);
    });

    test("but an organization whose domain Microsoft has verified is believed", async () => {
      const person = await newPerson("google");
      const known = await signIn("google", person);
      const same = await newPerson("microsoft", { email: person.email, tenant: foreignTenant, edov: true });
      expect((await signIn("microsoft", same)).user.id).toBe(known.user.id);
    });

    test("with a name that would be a header, a page or a log line", async () => {
      const name = "Guest\r\nSet-Cookie: admin=1\u0000<script>alert(1)</script>";
      const visitor = newVisitor();
      const answer = await attempt(visitor, "google", await newPerson("google", { name }));
      expect(answer.document).toMatchObject({
        user: { name: "Guest Set-Cookie: admin=1 <script>alert(1)</script>" },
      });
      expect(visitor.cookie("admin")).toBeUndefined();
      expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
    });

    test("with words of their own in a provider's answer", async () => {
      const visitor = newVisitor();
      const { state } = await visitor.begin("google");
      const words = "Your account is locked, call +1";
      const query = new URLSearchParams({
        state,
        error: words,
        error_description: words,
        error_uri: "https://evil.example",
      });
      const url = `${world.url}/v1/auth/oauth/google/callback?${query}#${words}`;
      expectError(await visitor.comeBack({ kind: "redirect", url }), "provider_refused");
    });

    test("by racing: of two ends of one person's first sign-in there is one account", async () => {
      const person = await newPerson("apple");
      const ends = await Promise.all(
        Array.from({ length: 4 }, async () => {
          const visitor = newVisitor();
          return { visitor, code: codeOf(await goThere(visitor, "apple", person)) };
        }),
      );
      const answers = await Promise.all(ends.map(({ visitor, code }) => visitor.redeem({ code })));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect(await usersWith(person.email)).toBe(1);
    });
  });

  test.each(["apple", "facebook"] as const)(
    "a browser goes the whole way by %s, and its scripts see nothing of the session",
    async (provider) => {
      const person = await newPerson(provider);
      const browser = await launchBrowser();
      try {
        const { page, complaints } = await openTab(await browser.newContext());
        /** What a page of ours sends, in the page. */
        const post = (path: string, body: object) =>
          page.evaluate(
            async ([address, text]) => {
              const headers = { "content-type": "application/json" };
              const response = await fetch(address, { method: "POST", headers, body: text });
              return { status: response.status, document: (await response.json()) as Record<string, unknown> };
            },
            [path, JSON.stringify(body)] as const,
          );
        const aPage = `${world.url}/verify-email`;
        await page.goto(aPage);
        const redirectUri = signInEndsAt(world.url);
        const begun = await post("/v1/auth/oauth/login", { provider, redirectUri, mode: "cookie" });
        await page.goto(String(begun.document.authorizationUrl));
        await page.getByRole("button", { name: person.email }).click();
        await page.waitForURL((url) => url.href.startsWith(redirectUri));
        const end = new URL(page.url());
        expect(end.hash).toBe("");
        expect([...end.searchParams.keys()]).toEqual(["code"]);
        await page.goto(aPage);
        const done = await post("/v1/auth/oauth/token", { code: end.searchParams.get("code") });
        expect(done).toMatchObject({ status: 200, document: { user: { email: person.email } } });
        const cookies = await page.context().cookies();
        expect(
          cookies.map(({ name, httpOnly, secure, sameSite }) => [name, httpOnly, secure, sameSite]).sort(),
        ).toEqual([
          ["__Host-foyer_access", true, true, "Strict"],
          ["__Secure-foyer_refresh", true, true, "Strict"],
        ]);
        expect(await page.evaluate("document.cookie")).toBe("");
        // The page where it ends is the client's own, and none of ours.
        expect(complaints.filter((complaint) => !complaint.includes("404"))).toEqual([]);
      } finally {
        await browser.close();
      }
    },
  );

  test("nothing of all that was a fault, and no secret is in a log, an address or an answer", async () => {
    const { secrets } = await world.emulators.oauth.settings();
    const answers = visitors.flatMap(({ caller }) => caller.answers);
    expect(answers.length).toBeGreaterThan(300);
    expect(answers.filter(({ status }) => status >= 500).map(({ what }) => what)).toEqual([]);
    const logged = world.logs.map(({ text }) => text).join("\n");
    expect(logged).toContain("ID token refused");
    for (const secret of confidential) expect(logged).not.toContain(secret);
    const said = answers.map(({ text, headers }) => text + JSON.stringify([...headers])).join("\n");
    for (const secret of [...Object.values(secrets), ...Object.values(world.secrets.users ?? {})]) {
      expect(logged + said).not.toContain(secret);
      expect(logged + said).not.toContain(JSON.stringify(secret).slice(1, -1));
    }
    // Access tokens and ID tokens of the providers never reach a client.
    expect(said).not.toMatch(/ya29\.|gho_|EAA[0-9a-f]{20}|id_token/);
  });
});

describe("providers that somebody else has made", () => {
  const account = { email: newAddress("guest"), name: "Guest Two" };
  let opinion: SecondOpinion;
  let world: World;

  beforeAll(async () => {
    const port = await freePort();
    opinion = await startSecondOpinion({ callbackBaseUrl: `http://127.0.0.1:${port}`, account });
    world = await startWorld({ port, identityProviders: opinion.settings });
  });
  afterAll(async () => {
    await world?.stop();
    await opinion?.stop();
  });

  test("are understood as well: Google signs a person up, and GitHub signs the same one in", async () => {
    const ids: unknown[] = [];
    for (const provider of ["google", "github"] as const) {
      const visitor = new Visitor(world);
      const { authorizationUrl } = await visitor.begin(provider);
      const url = await opinion.approve(authorizationUrl, account.email);
      const answer = await visitor.redeem({ code: codeOf(await visitor.comeBack({ kind: "redirect", url })) });
      expect(answer.document).toMatchObject({ user: { ...account, emailVerified: true } });
      ids.push((answer.document as unknown as SignedIn).user.id);
    }
    expect(new Set(ids).size).toBe(1);
    const list = await new Visitor(world).send("providers", { path: "/v1/auth/oauth/providers", method: "GET" });
    expect(list.document).toMatchObject({ data: [{ provider: "google" }, { provider: "github" }] });
  });
});

function withParameter(address: string, name: string, value: string): string {
  const url = new URL(address);
  url.searchParams.set(name, value);
  return url.href;
}
