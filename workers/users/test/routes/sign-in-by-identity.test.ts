import { env } from "cloudflare:workers";
import type { ProviderName } from "@foyer/contracts/users/api/providers";
import { sha256Base64Url } from "@foyer/kernel/encoding";
import { describe, expect, test } from "vitest";
import { deployment } from "../support/deployment.ts";
import { auditOf, headersOf, identitiesOf, link, organization } from "../support/identities.ts";
import {
  expectProblem,
  freshEmail,
  letterIds,
  newestLinkSecret,
  newPerson,
  newVerifiedPerson,
  noticesTo,
  send,
} from "../support/people.ts";
import {
  begin,
  countRows,
  fresh,
  locationOf,
  oneTimeCode,
  personalTenant,
  planPerson,
  postBack,
  redeem,
  type SignedInBody,
  signedIn,
  signIn,
  someone,
} from "../support/providers.ts";

describe("somebody new", () => {
  test("gets an account that is verified, where the provider vouches for the address", async () => {
    const who = someone();
    const { user } = await signedIn("google", who);
    expect(user).toMatchObject({
      email: who.email,
      emailVerified: true,
      name: who.name,
      hasPassword: false,
      platformAdmin: false,
    });
    expect(await letterIds(who.email, "verify_email")).toEqual([]);
    expect(await noticesTo(who.email)).toEqual([]);
    expect(await auditOf(user.id)).toEqual([
      ["user.registered", { hasPassword: false, emailVerified: true }],
      ["identity.linked", { provider: "google", by: "registration" }],
      ["session.started", { method: "google", mode: "bearer", device: expect.any(String) }],
    ]);
  });

  test.each<[string, ProviderName, object]>([
    ["Facebook", "facebook", {}],
    ["Google, which does not vouch", "google", { email_verified: false }],
    ["an organization at Microsoft", "microsoft", { tid: organization }],
  ])("gets an account that is to be verified by a letter, from %s", async (_, provider, more) => {
    const who = { ...someone(), ...more };
    const body = await signedIn(provider, who);
    expect(body.user).toMatchObject({ email: who.email, emailVerified: false });
    const token = await newestLinkSecret(who.email);
    const verified = await send("POST", "/v1/auth/email/verify", { token }, headersOf(body));
    expect(await verified.json()).toMatchObject({ user: { emailVerified: true } });
  });

  test("without an address gets none, and is told what is missing", async () => {
    const before = await countRows("users");
    for (const [provider, claims] of [
      ["facebook", { sub: fresh("subject") }],
      ["google", { sub: fresh("subject"), email: "none", email_verified: true }],
      ["github", { id: 11, emails: [{ email: "11+x@users.noreply.github.com", primary: true, verified: true }] }],
    ] as const) {
      await expectProblem(await signIn(provider, claims), 409, "users.provider_address_missing");
    }
    expect(await countRows("users")).toBe(before);
  });

  test("of whom ten sign-ins end at once gets one account", async () => {
    const who = someone();
    const flows = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const begun = await begin("google");
        return { code: await oneTimeCode(begun, who), cookie: begun.cookie };
      }),
    );
    const answers = await Promise.all(flows.map(({ code, cookie }) => redeem(code, cookie)));
    const users = await Promise.all(answers.map(async (answer) => (await answer.json<SignedInBody>()).user?.id));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(new Set(users).size).toBe(1);
    expect(await countRows("users WHERE email = ?1", who.email)).toBe(1);
    expect(await countRows("identities WHERE subject = ?1", who.sub)).toBe(1);
  });

  test("of two providers at once, which both vouch for one address, gets one account with both", async () => {
    const email = freshEmail();
    const flows = await Promise.all(
      (["google", "apple"] as const).map(async (provider) => {
        const begun = await begin(provider);
        return { code: await oneTimeCode(begun, { ...someone(), email }), cookie: begun.cookie };
      }),
    );
    const answers = await Promise.all(flows.map(({ code, cookie }) => redeem(code, cookie)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const [first] = await Promise.all(answers.map((answer) => answer.json<SignedInBody>()));
    const linked = first === undefined ? [] : await identitiesOf(headersOf(first));
    expect(linked.map(({ provider }) => provider).sort()).toEqual(["apple", "google"]);
  });
});

describe("somebody known", () => {
  test("comes in again by the provider's name for them, whatever became of address and name", async () => {
    const who = someone();
    const first = await signedIn("google", who);
    const email = freshEmail();
    const second = await signedIn("google", { sub: who.sub, email, email_verified: false, name: "Renamed" });
    expect(second.user).toMatchObject({ id: first.user.id, email: who.email, name: who.name });
    const third = await signedIn("google", { sub: who.sub });
    expect(third.user.id).toBe(first.user.id);
    expect(await identitiesOf(headersOf(third))).toMatchObject([{ provider: "google", email }]);
  });

  test("is named by Apple once; later names and the form's address count for nothing", async () => {
    const { name: _none, ...who } = someone();
    const post = async (user?: string) => {
      const begun = await begin("apple");
      const answer = { code: await planPerson(begun, who), ...(user === undefined ? {} : { user }) };
      const code = locationOf(await postBack(begun, answer)).searchParams.get("code") ?? "";
      return (await redeem(code, begun.cookie)).json<SignedInBody>();
    };
    const form = (firstName: string) =>
      JSON.stringify({ name: { firstName, lastName: "Two" }, email: "victim@example.com" });
    const first = await post(form("Guest"));
    expect(first.user).toMatchObject({ name: "Guest Two", email: who.email });
    expect((await post()).user).toMatchObject({ id: first.user.id, name: "Guest Two" });
    expect((await post(form("Mallory"))).user).toMatchObject({
      id: first.user.id,
      name: "Guest Two",
      email: who.email,
    });
  });

  test("with the same name at another provider, or in another tenant, is somebody else", async () => {
    const sub = fresh("subject");
    const google = await signedIn("google", { ...someone(), sub });
    const facebook = await signedIn("facebook", { ...someone(), sub });
    const personal = await signedIn("microsoft", { ...someone(), sub, tid: personalTenant });
    const tenant = await signedIn("microsoft", { ...someone(), sub, tid: organization });
    expect(new Set([google, facebook, personal, tenant].map(({ user }) => user.id)).size).toBe(4);
  });

  test("is shut out while suspended, and nothing is linked to such an account", async () => {
    const who = someone();
    const { user } = await signedIn("google", who);
    await env.USERS_DB.prepare("UPDATE users SET suspended_at_ms = 1 WHERE id = ?1").bind(user.id).run();
    await expectProblem(await signIn("google", who), 403, "users.suspended");
    await expectProblem(await signIn("apple", { ...someone(), email: who.email }), 403, "users.suspended");
    expect(await countRows("identities WHERE user_id = ?1", user.id)).toBe(1);
  });

  test("with a second factor is asked for it, and nothing is linked by address before it is shown", async () => {
    const person = await newVerifiedPerson();
    const secondFactor = "INSERT INTO totp (user_id, secret, confirmed_at_ms, created_at_ms) VALUES (?1, '', 1, 0)";
    await env.USERS_DB.prepare(secondFactor).bind(person.user.id).run();
    const response = await signIn("google", { ...someone(), email: person.email });
    expect(response.status).toBe(200);
    const body = await response.json();
    expect(body).toEqual({ mfa: { token: expect.any(String), methods: ["totp"], expiresIn: 300 } });
    expect(await countRows("identities WHERE user_id = ?1", person.user.id)).toBe(0);
    expect(await countRows("challenges WHERE user_id = ?1 AND method = 'google'", person.user.id)).toBe(1);

    const who = someone();
    expect((await link(person.headers, "google", who)).status).toBe(200);
    expect(await (await signIn("google", who)).json()).toHaveProperty("mfa");
  });
});

describe("an account that has the address", () => {
  test("is linked where it and the provider have proven the address, and its owner is told", async () => {
    const person = await newVerifiedPerson();
    const { user } = await signedIn("google", { ...someone(), email: person.email.toUpperCase() });
    expect(user.id).toBe(person.user.id);
    expect(await noticesTo(person.email)).toEqual(["identity_linked"]);
    expect(await auditOf(user.id)).toContainEqual(["identity.linked", { provider: "google", by: "address" }]);
  });

  test.each<[string, ProviderName, object]>([
    ["Google says that it is not verified", "google", { email_verified: false }],
    ["Google says nothing of it", "google", { email_verified: undefined }],
    ["Apple says that it is not verified", "apple", { email_verified: "false" }],
    ["it is Facebook's word", "facebook", { email_verified: true }],
    ["the administrator of a tenant wrote it there", "microsoft", { tid: organization }],
    ["such an administrator denies the domain", "microsoft", { tid: organization, xms_edov: false }],
    ["such an administrator calls it verified", "microsoft", { tid: organization, email_verified: true }],
  ])("is not taken over where %s", async (_, provider, more) => {
    const victim = await newVerifiedPerson();
    const response = await signIn(provider, { ...someone(), email: victim.email, ...more });
    await expectProblem(response, 409, "users.identity_not_linked");
    expect(await countRows("identities WHERE user_id = ?1", victim.user.id)).toBe(0);
    expect(await countRows("sessions WHERE user_id = ?1", victim.user.id)).toBe(1);
    expect(await noticesTo(victim.email)).toEqual([]);
  });

  test("is not joined by its true owner where a stranger registered it and never proved it", async () => {
    const stranger = await newPerson();
    const owner = { ...someone(), email: stranger.email };
    await expectProblem(await signIn("google", owner), 409, "users.identity_not_linked");
    expect(await countRows("identities WHERE user_id = ?1", stranger.user.id)).toBe(0);
    // By mail the owner gets the account, the stranger's ways in go, and then the provider's word is good.
    await send("POST", "/v1/auth/password/forgot", { email: stranger.email });
    const token = await newestLinkSecret(stranger.email, "reset_password");
    await send("POST", "/v1/auth/password/reset", { token, password: "another good password" });
    expect((await signedIn("google", owner)).user.id).toBe(stranger.user.id);
  });

  test("and was opened by a stranger at a provider that vouches for nobody, is the true owner's once they prove it", async () => {
    const attacker = { ...someone() };
    const { user } = await signedIn("facebook", attacker);
    expect(user.emailVerified).toBe(false);
    await expectProblem(
      await signIn("google", { ...someone(), email: attacker.email }),
      409,
      "users.identity_not_linked",
    );
    await send("POST", "/v1/auth/password/forgot", { email: attacker.email });
    const token = await newestLinkSecret(attacker.email, "reset_password");
    await send("POST", "/v1/auth/password/reset", { token, password: "another good password" });
    // The stranger's identity went with the reset, and cannot come back by the address.
    await expectProblem(await signIn("facebook", attacker), 409, "users.identity_not_linked");
  });

  test.each(["google", "microsoft", "apple"] as const)(
    "is not found by an address that only folds into it (%s)",
    async (provider) => {
      const victim = await newVerifiedPerson(`k-${crypto.randomUUID()}@example.com`);
      const claims = { ...someone(), email: victim.email.replace("k-", "\u212A-"), tid: personalTenant };
      await expectProblem(await signIn(provider, claims), 409, "users.provider_address_missing");
    },
  );
});

describe("where addresses are nobody's business", () => {
  const closed = deployment({ REVEAL_EMAIL_TAKEN: "false" });
  const redeemThere = async (provider: ProviderName, claims: Record<string, unknown>) => {
    const codeVerifier = "v".repeat(43);
    const begun = await begin(provider, { codeChallenge: await sha256Base64Url(codeVerifier) });
    const code = await oneTimeCode(begun, claims);
    return closed.post("/v1/auth/oauth/token", { code, codeVerifier });
  };

  test("an unproven address gets one and the same answer, whether it has an account or not", async () => {
    const verified = await newVerifiedPerson();
    const unverified = await newPerson();
    const addresses = [verified.email, unverified.email, freshEmail()];
    const answers = await Promise.all(
      addresses.map(async (email) => {
        const response = await redeemThere("facebook", { ...someone(), email });
        const { requestId: _own, ...body } = await response.json<Record<string, unknown>>();
        return { status: response.status, body };
      }),
    );
    expect(answers[0]).toMatchObject({ status: 409, body: { code: "users.identity_not_linked" } });
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await countRows("users WHERE email = ?1", addresses[2])).toBe(0);
  });

  test("a proven one opens an account, and an unverified account stays shut", async () => {
    expect((await redeemThere("google", someone())).status).toBe(200);
    const who = someone();
    await signedIn("facebook", who);
    await expectProblem(await redeemThere("facebook", who), 403, "users.email_not_verified");
  });
});
