import { request } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { OAuthEmulator } from "../../src/oauth/start-oauth.ts";
import { answerOf, ask, codeOf, ownClient, redeem, startProviders } from "./support.ts";

let emulator: OAuthEmulator;

beforeAll(async () => {
  emulator = await startProviders();
});
afterEach(() => emulator.reset());
afterAll(() => emulator.stop());

/** Signs in, and takes the access token. */
async function tokenOf(account?: string, scope = "read:user user:email"): Promise<string> {
  const asked = await ask(await ownClient(emulator, "github"), "github", { scope });
  const response = await redeem(asked, await codeOf(emulator, asked, account));
  const { access_token: token } = (await response.json()) as { access_token: string };
  return token;
}

function call(path: string, token: string): Promise<Response> {
  return fetch(`${emulator.url}/github/api${path}`, {
    headers: { authorization: `Bearer ${token}`, "user-agent": "foyer-tests" },
  });
}

describe("GitHub", () => {
  it("answers the token as a form, or as JSON where that is asked for", async () => {
    const client = await ownClient(emulator, "github");
    const first = await ask(client, "github");
    const form = await redeem(first, await codeOf(emulator, first), {}, { accept: "*/*" });
    expect(form.headers.get("content-type")).toContain("application/x-www-form-urlencoded");
    expect(Object.fromEntries(new URLSearchParams(await form.text()))).toMatchObject({
      access_token: expect.stringMatching(/^gho_/),
      scope: "read:user,user:email",
      token_type: "bearer",
    });
    const second = await ask(client, "github");
    const json = await redeem(second, await codeOf(emulator, second));
    expect(await json.json()).toMatchObject({ access_token: expect.stringMatching(/^gho_/), token_type: "bearer" });
  });

  it("takes the secret by HTTP Basic, and needs no grant_type", async () => {
    const client = await ownClient(emulator, "github");
    const asked = await ask(client, "github");
    const basic = Buffer.from(`${client.settings.clientId}:${client.secret}`).toString("base64");
    const changes = { client_id: null, client_secret: null, grant_type: null };
    const response = await redeem(asked, await codeOf(emulator, asked), changes, { authorization: `Basic ${basic}` });
    expect(await response.json()).toMatchObject({ access_token: expect.any(String) });
  });

  it("names its issuer in the answer", async () => {
    const client = await ownClient(emulator, "github");
    const answer = answerOf(await emulator.approve((await ask(client, "github")).url));
    expect(answer.get("iss")).toBe(client.settings.issuer);
  });

  it("says who it was and which addresses are verified", async () => {
    const token = await tokenOf();
    expect(await (await call("/user", token)).json()).toMatchObject({
      id: 9_919_001,
      login: "buyer-one",
      name: "Buyer One",
      email: "buyer.one@example.com",
    });
    expect(await (await call("/user/emails", token)).json()).toEqual([
      { email: "buyer.one@example.com", primary: true, verified: true, visibility: "public" },
      { email: "9919001+buyer-one@users.noreply.github.com", primary: false, verified: true, visibility: null },
    ]);
  });

  it("keeps a private address out of the profile, and says what is unverified", async () => {
    await emulator.addAccount("github", {
      id: "2",
      email: "guest@example.com",
      emailVerified: false,
      name: null,
      private: true,
      otherEmails: [{ email: "second@example.com", verified: true }],
    });
    const token = await tokenOf("2");
    expect(await (await call("/user", token)).json()).toMatchObject({ id: 2, email: null, name: null });
    expect(await (await call("/user/emails", token)).json()).toMatchObject([
      { email: "guest@example.com", primary: true, verified: false, visibility: "private" },
      { email: "second@example.com", primary: false, verified: true },
      { email: "2+user-2@users.noreply.github.com" },
    ]);
  });

  it("does not admit to addresses without the scope for them", async () => {
    const token = await tokenOf(undefined, "read:user");
    expect((await call("/user", token)).status).toBe(200);
    const refused = await call("/user/emails", token);
    expect(refused.status).toBe(404);
    expect(refused.headers.get("x-accepted-oauth-scopes")).toContain("user:email");
  });

  it("refuses calls without a token, with a wrong one, and without a User-Agent", async () => {
    const token = await tokenOf();
    const agent = { "user-agent": "foyer-tests" };
    const url = `${emulator.url}/github/api/user`;
    expect((await fetch(url, { headers: agent })).status).toBe(401);
    expect((await fetch(url, { headers: { ...agent, authorization: `Basic ${btoa(token)}` } })).status).toBe(401);
    expect((await call("/user", "gho_other")).status).toBe(401);
    // What Node's fetch always adds, its older client does not.
    const status = await new Promise((resolve, reject) => {
      request(url, { headers: { authorization: `Bearer ${token}` } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .once("error", reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it("has no other routes and no parameters", async () => {
    const token = await tokenOf();
    expect((await call("/user/repos", token)).status).toBe(404);
    expect((await call("/user?verified=true", token)).status).toBe(422);
    expect((await call("/user/", token)).status).toBe(404);
  });

  it("no longer knows a token whose code was shown a second time", async () => {
    const asked = await ask(await ownClient(emulator, "github"), "github");
    const code = await codeOf(emulator, asked);
    const { access_token: token } = (await (await redeem(asked, code)).json()) as { access_token: string };
    expect((await call("/user", token)).status).toBe(200);
    const replayed = await redeem(asked, code);
    expect(replayed.status).toBe(200);
    expect(await replayed.json()).toMatchObject({ error: "bad_verification_code" });
    expect((await call("/user", token)).status).toBe(401);
  });
});
