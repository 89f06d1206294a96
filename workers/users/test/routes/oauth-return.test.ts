import { env } from "cloudflare:workers";
import { sha256Base64Url, sha256Hex } from "@foyer/kernel/encoding";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createDeps } from "../../src/deps.ts";
import { expectProblem, freshEmail, send } from "../support/people.ts";
import { redirectUris } from "../support/provider-keys.ts";
import {
  begin,
  callsWith,
  comeBack,
  countRows,
  flowCookieOf,
  flowOf,
  fresh,
  locationOf,
  oneTimeCode,
  plan,
  planPerson,
  postBack,
  redeem,
  redirectUri,
  type SignedInBody,
  someone,
} from "../support/providers.ts";

afterEach(() => void vi.restoreAllMocks());

const later = (seconds: number): void => {
  const nowMs = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(nowMs + seconds * 1_000);
};
describe("coming back", () => {
  test("leads to the client's address with a code and nothing else, by a request without a body", async () => {
    const begun = await begin("google", { redirectUri: redirectUris[1] });
    const more = { iss: "https://google.example", scope: "email", authuser: "0", hd: "x", prompt: "consent" };
    const response = await comeBack(begun, { code: await planPerson(begun, someone()), ...more });
    expect(response.headers.get("location")).toMatch(/^https:\/\/shop\.example\/signed-in\?from=a\+b&code=[\w-]{43}#$/);
    expect(response.status).toBe(303);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.text()).toBe("");
    // The browser keeps its cookie: it is what makes the code good in it, and nowhere else.
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  test("signs nobody in yet", async () => {
    const who = someone();
    const begun = await begin("google");
    await comeBack(begun, { code: await planPerson(begun, who) });
    expect(await countRows("users WHERE email = ?1", who.email)).toBe(0);
    expect(await countRows("identities WHERE subject = ?1", who.sub)).toBe(0);
  });

  test("works by a form as well, from whichever site it is posted", async () => {
    const begun = await begin("apple");
    const user = JSON.stringify({ name: { firstName: "Guest", lastName: "Two" } });
    const { name: _inTheForm, ...who } = someone();
    const response = await postBack(begun, { code: await planPerson(begun, who), user });
    const code = locationOf(response).searchParams.get("code") ?? "";
    const body = await (await redeem(code, begun.cookie)).json<SignedInBody>();
    expect(body.user).toMatchObject({ name: "Guest Two", email: who.email, emailVerified: true });
  });

  test("needs a state of this flow, unused, of this provider, in this browser, and an issuer that fits", async () => {
    const begun = await begin("google");
    const stranger = await begin("google");
    const code = await planPerson(begun, someone());
    const attempts = {
      "no state": send("GET", `/v1/auth/oauth/google/callback?code=${code}`, undefined, { cookie: begun.cookie }),
      "an unknown state": comeBack({ ...begun, state: "x".repeat(43) }, { code }),
      "the state's hash": comeBack({ ...begun, state: await sha256Hex(begun.state) }, { code }),
      "another provider": comeBack({ ...begun, provider: "facebook" }, { code }),
      "no cookie": comeBack(begun, { code }, ""),
      "another browser's cookie": comeBack(begun, { code }, stranger.cookie),
      "the cookie's hash": comeBack(
        begun,
        { code },
        `__Host-foyer_oauth=${await sha256Hex(begun.cookie.split("=")[1] ?? "")}`,
      ),
      "an empty cookie": comeBack(begun, { code }, "__Host-foyer_oauth="),
      "another issuer": comeBack(begun, { code, iss: "https://facebook.example" }),
      "another flow's error": comeBack({ ...begun, provider: "github" }, { error: "access_denied" }),
    };
    for (const [what, attempt] of Object.entries(attempts)) {
      const response = await attempt;
      expect([what, response.headers.get("location"), response.headers.getSetCookie()]).toEqual([what, null, []]);
      await expectProblem(response, 400, "users.oauth_state_invalid");
    }
    expect(await callsWith(code)).toEqual([]);
    // None of that has cost its owner anything.
    expect(locationOf(await comeBack(begun, { code })).searchParams.get("code")).toMatch(/^[\w-]{43}$/);
  });

  test("is over once it was done, whatever came of it", async () => {
    const begun = await begin("google");
    const code = await planPerson(begun, someone());
    await comeBack(begun, { code });
    await expectProblem(await comeBack(begun, { code }), 400, "users.oauth_state_invalid");
    const denied = await begin("google");
    await comeBack(denied, { error: "access_denied" });
    await expectProblem(await comeBack(denied, { code }), 400, "users.oauth_state_invalid");
    expect(await callsWith(code)).toHaveLength(1);
  });

  test("ten times at once asks the provider once", async () => {
    const begun = await begin("google");
    const code = await planPerson(begun, someone());
    const answers = await Promise.all(Array.from({ length: 10 }, () => comeBack(begun, { code })));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array(9).fill(400)]);
    expect(await callsWith(code)).toHaveLength(1);
  });

  test("is too late after ten minutes", async () => {
    const begun = await begin("google");
    const code = await planPerson(begun, someone());
    later(601);
    await expectProblem(await comeBack(begun, { code }), 400, "users.oauth_state_invalid");
    expect(await callsWith(code)).toEqual([]);
  });

  test.each<[string, Record<string, string>, string]>([
    ["that the person said no", { error: "access_denied" }, "access_denied"],
    ["that the person said no, as Apple says it", { error: "user_cancelled_authorize" }, "access_denied"],
    ["that it is out of order", { error: "temporarily_unavailable" }, "provider_unavailable"],
    ["something else", { error: "invalid_scope", error_description: "<b>secret</b>" }, "provider_refused"],
    ["an error and a code", { error: "server_error", code: "c" }, "provider_unavailable"],
    ["nothing", {}, "provider_refused"],
    ["words that would be headers", { error: "x\r\nSet-Cookie: a=b" }, "provider_refused"],
    ["words that would be a parameter", { error: "x&code=stolen#frag" }, "provider_refused"],
  ])("with %s tells the client so, in our words, and takes the cookie", async (_, answer, error) => {
    const begun = await begin("google");
    const response = await comeBack(begun, { ...answer, error_uri: "https://evil.example", x: "y" });
    expect(response.headers.get("location")).toBe(`${redirectUri}?error=${error}#`);
    expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-foyer_oauth=; Max-Age=0/)]);
    expect(await response.text()).toBe("");
  });

  test("from a provider that does not answer, or whose answer is no proof, tells the client so, and holds nothing", async () => {
    for (const [answer, error] of [
      [{ status: 500, body: "<h1>secret words</h1>" }, "provider_unavailable"],
      [{ body: "x".repeat(70_000) }, "provider_unavailable"],
      [{ status: 400, body: '{"error":"invalid_grant","error_description":"secret words"}' }, "provider_refused"],
      [{ body: '{"access_token":"a"}' }, "provider_refused"],
    ] as const) {
      const begun = await begin("google");
      const code = fresh("code");
      await plan(code, answer);
      const response = await comeBack(begun, { code });
      expect(response.headers.get("location")).toBe(`${redirectUri}?error=${error}#`);
      expect(await flowOf(begun)).toMatchObject({ claims: null, code_hash: null });
    }
  });

  test.each<[string, string]>([
    ["a state beyond its limit", `state=${"x".repeat(257)}`],
    ["a code beyond its limit", `state=x&code=${"x".repeat(4_097)}`],
    ["two states", "state=x&state=y&code=z"],
    ["two codes", "state=x&code=y&code=z"],
    ["two issuers", "state=x&code=y&iss=a&iss=b"],
  ])("with %s is refused", async (_, query) => {
    for (const response of [
      await send("GET", `/v1/auth/oauth/google/callback?${query}`),
      await send("POST", "/v1/auth/oauth/google/callback", query, {
        "content-type": "application/x-www-form-urlencoded",
      }),
    ]) {
      await expectProblem(response, 422, "request.invalid");
    }
  });

  test("with a body that is no form is refused, and a form is nowhere else a body", async () => {
    const text = await send("POST", "/v1/auth/oauth/google/callback", "state=x", { "content-type": "text/plain" });
    await expectProblem(text, 415, "request.unsupported_media_type");
    await expectProblem(
      await send("POST", "/v1/auth/oauth/google/callback", "{}", { "content-type": "application/json" }),
      415,
      "request.unsupported_media_type",
    );
    for (const path of ["/v1/auth/oauth/token", "/v1/auth/oauth/login", "/v1/auth/login"]) {
      const form = await send("POST", path, "code=x", { "content-type": "application/x-www-form-urlencoded" });
      await expectProblem(form, 415, "request.unsupported_media_type");
    }
  });

  test("to a provider that is none finds nothing", async () => {
    await expectProblem(await send("GET", "/v1/auth/oauth/twitter/callback?state=x"), 404, "request.not_found");
    await expectProblem(await send("GET", "/v1/auth/oauth/constructor/callback?state=x"), 404, "request.not_found");
  });
});

describe("redeeming the code", () => {
  test("is for the browser that began, once, within a minute", async () => {
    const begun = await begin("google");
    const stranger = await begin("google");
    const code = await oneTimeCode(begun, someone());
    const gone = (response: Response) => expectProblem(response, 410, "users.oauth_code_invalid");
    await gone(await redeem(code, ""));
    await gone(await redeem(code, stranger.cookie));
    await gone(await redeem(code, begun.cookie, { codeVerifier: "v".repeat(43) }));
    await gone(await redeem(await sha256Hex(code), begun.cookie));
    await gone(await redeem(begun.state, begun.cookie));
    const response = await redeem(code, begun.cookie);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(flowCookieOf(response)).toBe("");
    expect(response.headers.getSetCookie()).toEqual([
      "__Host-foyer_oauth=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=None",
    ]);
    await gone(await redeem(code, begun.cookie));
    expect(await flowOf(begun)).toMatchObject({ claims: null });
  });

  test("takes the cookie once the flow is over, and not before, whatever came of it", async () => {
    const begun = await begin("facebook");
    const code = await oneTimeCode(begun, { sub: fresh("subject") });
    const stolen = await redeem(code, "");
    await expectProblem(stolen, 410, "users.oauth_code_invalid");
    expect(stolen.headers.getSetCookie()).toEqual([]);
    const refused = await redeem(code, begun.cookie);
    await expectProblem(refused, 409, "users.provider_address_missing");
    expect(refused.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-foyer_oauth=; Max-Age=0/)]);
    await expectProblem(await redeem(code, begun.cookie), 410, "users.oauth_code_invalid");
  });

  test("is too late after a minute, and what the provider said is forgotten then", async () => {
    const begun = await begin("google");
    const code = await oneTimeCode(begun, someone());
    later(61);
    await expectProblem(await redeem(code, begun.cookie), 410, "users.oauth_code_invalid");
    const row = await flowOf(begun);
    expect(Number(row?.expires_at_ms)).toBeLessThanOrEqual(Date.now());
  });

  test("ten times at once signs in once", async () => {
    const begun = await begin("google");
    const who = someone();
    const code = await oneTimeCode(begun, who);
    const answers = await Promise.all(Array.from({ length: 10 }, () => redeem(code, begun.cookie)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(410)]);
    expect(await countRows("sessions s JOIN users u ON u.id = s.user_id WHERE u.email = ?1", who.email)).toBe(1);
  });

  test("is for the client that has the verifier, in whichever browser, where one was announced", async () => {
    const verifier = "a.verifier~of_the-client".padEnd(43, "v");
    const challenge = { codeChallenge: await sha256Base64Url(verifier) };
    const begun = await begin("google", challenge);
    expect(begun.cookie).toBe("");
    const stranger = await begin("google");
    const code = await oneTimeCode(begun, someone());
    const gone = (response: Response) => expectProblem(response, 410, "users.oauth_code_invalid");
    await gone(await redeem(code, ""));
    await gone(await redeem(code, stranger.cookie));
    await gone(await redeem(code, "", { codeVerifier: "v".repeat(43) }));
    await gone(await redeem(code, "", { codeVerifier: challenge.codeChallenge }));
    const response = await redeem(code, stranger.cookie, { codeVerifier: verifier });
    expect(response.status).toBe(200);
    // Another sign-in of the same browser goes on.
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  test("in cookie mode keeps the session out of scripts' reach", async () => {
    const begun = await begin("google", { mode: "cookie" });
    const response = await redeem(await oneTimeCode(begun, someone()), begun.cookie);
    expect(await response.json()).toMatchObject({ session: { tokenType: "Cookie", expiresIn: 900 } });
    expect(response.headers.getSetCookie().map((cookie) => cookie.split("=")[0])).toEqual(
      expect.arrayContaining(["__Host-foyer_access", "__Host-foyer_refresh", "__Host-foyer_oauth"]),
    );
  });

  test("leaves a session that says how it was signed in, and is a fresh proof", async () => {
    const begun = await begin("github");
    const person = {
      id: 1_000 + Math.floor(Math.random() * 1e9),
      emails: [{ email: freshEmail(), primary: true, verified: true }],
    };
    const { session } = await (await redeem(await oneTimeCode(begun, person), begun.cookie)).json<SignedInBody>();
    const headers = { authorization: `Bearer ${session.accessToken}` };
    const sessions = await (await send("GET", "/v1/users/profile/sessions", undefined, headers)).json();
    expect(sessions).toMatchObject({ data: [{ method: "github", mode: "bearer", current: true }] });
    // A first password is set by whoever has just proven themselves.
    const set = await send("POST", "/v1/auth/password/change", { password: "another good password" }, headers);
    expect(set.status).toBe(204);
  });

  test.each<[string, object, string]>([
    ["no code", { code: undefined }, "code"],
    ["a code that is none", { code: 7 }, "code"],
    ["a code beyond its limit", { code: "x".repeat(257) }, "code"],
    ["a verifier that is too short", { codeVerifier: "v".repeat(42) }, "codeVerifier"],
    ["a verifier with other characters", { codeVerifier: `${"v".repeat(43)}!` }, "codeVerifier"],
    ["an identity of its own", { subject: "x" }, "subject"],
  ])("with %s is refused with the field's path", async (_, more, path) => {
    const answer = await expectProblem(await redeem("x", "", more), 422, "request.invalid");
    expect(answer.errors?.map((fault) => fault.path)).toContain(path);
  });
});

test("flows are forgotten once they are over", async () => {
  const begun = await begin("google");
  await oneTimeCode(begun, someone());
  later(61);
  await createDeps(env).tidy();
  expect(await flowOf(begun)).toBeNull();
});
