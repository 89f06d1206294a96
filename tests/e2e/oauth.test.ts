import { createHash, randomBytes } from "node:crypto";
import { providerNames } from "@foyer/emulators/oauth/provider-names";
import { type SecondOpinion, startSecondOpinion } from "@foyer/emulators/oauth/second-opinion";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signInEndsAt } from "../../scripts/platform/stack.ts";
import { freePort } from "../../scripts/platform/start.ts";
import { launchBrowser, openTab } from "./support/browser.ts";
import { expectProblem, flowCookie, type SignedIn, SignIns } from "./support/sign-ins.ts";
import { codeOf, Visitor } from "./support/visitor.ts";
import { newAddress, startWorld, type World } from "./support/world.ts";

describe("signing in at providers", () => {
  let world: World;
  let people: SignIns;

  beforeAll(async () => {
    world = await startWorld();
    people = new SignIns(world);
  });
  afterAll(() => world?.stop());

  test("the list shows all five", async () => {
    const list = await people.newVisitor().send("providers", { path: "/v1/auth/oauth/providers", method: "GET" });
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
    const person = await people.newPerson(provider);
    const first = await people.signIn(provider, person);
    expect(first.user).toMatchObject({ email: person.email, emailVerified: verified, name: "Guest Two" });
    const second = await people.signIn(provider, person);
    expect(second.user).toMatchObject({ id: first.user.id, name: "Guest Two" });
    expect(await people.identitiesOf(second)).toMatchObject([{ provider, email: person.email }]);
    const sessions = await people.newVisitor().send("sessions", {
      path: "/v1/users/profile/sessions",
      method: "GET",
      token: second.session.accessToken,
    });
    expect(sessions.document).toMatchObject({ data: [{ method: provider }, { method: provider, current: true }] });
  });

  test("in cookie mode the browser keeps the session, and gives up what bound the flow", async () => {
    const visitor = people.newVisitor();
    const answer = await people.attempt(visitor, "google", await people.newPerson("google"), { mode: "cookie" });
    expect(answer.document).toMatchObject({ session: { tokenType: "Cookie" } });
    expect(answer.text).not.toMatch(/accessToken|refreshToken/);
    expect(visitor.cookie("__Host-foyer_access")).toEqual(expect.any(String));
    expect(visitor.cookie("__Host-foyer_refresh")).toEqual(expect.any(String));
    expect(visitor.cookie(flowCookie)).toBeUndefined();
  });

  test("a client with a verifier of its own needs no cookie", async () => {
    const codeVerifier = randomBytes(32).toString("base64url");
    people.keepSecret(codeVerifier);
    const codeChallenge = createHash("sha256").update(codeVerifier).digest("base64url");
    const visitor = people.newVisitor();
    const answer = await people.goThere(visitor, "microsoft", await people.newPerson("microsoft"), { codeChallenge });
    expect(visitor.cookie(flowCookie)).toBeUndefined();
    expectProblem(await people.newVisitor().redeem({ code: codeOf(answer) }), 410, "users.oauth_code_invalid");
    expect((await people.newVisitor().redeem({ code: codeOf(answer), codeVerifier })).status).toBe(200);
  });

  test("an identity is linked by its owner, signs in to the same account, and is taken away again", async () => {
    const owner = await people.signIn("google", await people.newPerson("google"));
    const { accessToken: token } = owner.session;
    const elsewhere = await people.newPerson("facebook");
    const linked = await people.attempt(people.newVisitor(), "facebook", elsewhere, { intent: "link" }, token);
    expect(linked.document).toMatchObject({ identity: { provider: "facebook", email: elsewhere.email } });
    const back = await people.signIn("facebook", elsewhere);
    expect(back.user).toMatchObject({ id: owner.user.id, email: owner.user.email });
    const [google, facebook] = await people.identitiesOf(owner);
    const unlink = (id: string | undefined) =>
      people.newVisitor().send("unlink", { path: `/v1/users/profile/identities/${id}`, method: "DELETE", token });
    expect((await unlink(facebook?.id)).status).toBe(204);
    expectProblem(await unlink(google?.id), 409, "users.last_way_in");
    expect((await people.signIn("facebook", elsewhere)).user.id).not.toBe(owner.user.id);
  });

  test("two providers that vouch for one address are one person", async () => {
    const person = await people.newPerson("google");
    const first = await people.signIn("google", person);
    const same = await people.newPerson("github", { email: person.email });
    expect((await people.signIn("github", same)).user.id).toBe(first.user.id);
    expect((await people.identitiesOf(first)).map(({ provider }) => provider)).toEqual(["google", "github"]);
  });

  test("an account with a second factor asks for it, and is linked by its owner only", async () => {
    const known = await people.signIn("google", await people.newPerson("google"));
    const db = await world.platform.database("users");
    // The code is not asked for here, so the app's secret may be empty.
    await db
      .prepare("INSERT INTO totp (user_id, secret, confirmed_at_ms, created_at_ms) VALUES (?1, '', 1, 1)")
      .bind(known.user.id)
      .run();
    const same = await people.newPerson("apple", { email: known.user.email });
    const answer = await people.attempt(people.newVisitor(), "apple", same, { mode: "cookie" });
    expect(answer.document).toEqual({ mfa: { token: expect.any(String), methods: ["totp"], expiresIn: 300 } });
    expect(answer.headers.getSetCookie().map((cookie) => cookie.split("=")[0])).toEqual([flowCookie]);
    expect(await people.identitiesOf(known)).toHaveLength(1);
  });

  test.each(providerNames)("somebody who says no at %s is taken back with access_denied", async (provider) => {
    const visitor = people.newVisitor();
    const { authorizationUrl } = await visitor.begin(provider);
    const step = await world.emulators.oauth.approve(authorizationUrl, { deny: true });
    people.expectError(await visitor.comeBack(step), "access_denied");
    expect(visitor.cookie(flowCookie)).toBeUndefined();
  });

  test("Apple tells a name once, and one that it tells later changes nothing", async () => {
    const person = await people.newPerson("apple", { private: true, claimsAsText: true });
    const first = await people.signIn("apple", person);
    expect(first.user).toMatchObject({ name: "Guest Two", email: person.email, emailVerified: true });
    expect((await people.signIn("apple", person)).user.name).toBe("Guest Two");
    const renamed = { ...person, name: "Mallory", emailVerified: true, private: true };
    await world.emulators.oauth.addAccount("apple", renamed);
    expect((await people.signIn("apple", person)).user).toMatchObject({ id: first.user.id, name: "Guest Two" });
  });

  test("GitHub gives a private address, and none where it made the address up", async () => {
    const hidden = await people.newPerson("github", { private: true, name: null });
    expect((await people.signIn("github", hidden)).user).toMatchObject({
      email: hidden.email,
      emailVerified: true,
      name: `user-${hidden.id}`,
    });
    const madeUp = await people.newPerson("github", { email: "9+x@users.noreply.github.com" });
    expectProblem(await people.attempt(people.newVisitor(), "github", madeUp), 409, "users.provider_address_missing");
  });

  test("Facebook without an address opens no account", async () => {
    const person = await people.newPerson("facebook", { email: null });
    expectProblem(await people.attempt(people.newVisitor(), "facebook", person), 409, "users.provider_address_missing");
  });

  test.each(["apple", "facebook"] as const)(
    "a browser goes the whole way by %s, and its scripts see nothing of the session",
    async (provider) => {
      const person = await people.newPerson(provider);
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
          ["__Host-foyer_refresh", true, true, "Strict"],
        ]);
        expect(await page.evaluate("document.cookie")).toBe("");
        // The page where it ends is the client's own, and none of ours.
        expect(complaints.filter((complaint) => !complaint.includes("404"))).toEqual([]);
      } finally {
        await browser.close();
      }
    },
  );

  test("nothing of all that was a fault, and no secret is in a log, an address or an answer", () =>
    people.expectNothingLeaked());
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
