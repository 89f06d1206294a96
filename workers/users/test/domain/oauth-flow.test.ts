import { describe, expect, test } from "vitest";
import { decideIdentity } from "../../src/domain/identity-decision.ts";
import { mayRedeem, mayReturn, type OAuthFlow, returnAddress, returnErrorOf } from "../../src/domain/oauth-flow.ts";
import { parseRedirectAddresses } from "../../src/domain/redirect-addresses.ts";
import { isLastWayIn } from "../../src/domain/ways-in.ts";

const bound: OAuthFlow = {
  stateHash: "s",
  provider: "google",
  intent: "sign_in",
  userId: null,
  redirectUri: "https://shop.example/signed-in",
  mode: "bearer",
  browserHash: "b".repeat(64),
  codeChallenge: null,
  expiresAtMs: 0,
};
const challenged: OAuthFlow = { ...bound, browserHash: "", codeChallenge: "c".repeat(43) };
const own = { browserHash: bound.browserHash, challenge: null };

describe("what binds a flow", () => {
  test("its browser, on the way back and at the end", () => {
    expect([mayReturn(bound, own.browserHash), mayRedeem(bound, own)]).toEqual([true, true]);
    for (const browserHash of [null, "", "a".repeat(64)]) {
      expect([mayReturn(bound, browserHash), mayRedeem(bound, { browserHash, challenge: null })]).toEqual([
        false,
        false,
      ]);
    }
  });

  test("or its client's verifier, at the end", () => {
    expect(mayReturn(challenged, null)).toBe(true);
    expect(mayRedeem(challenged, { browserHash: null, challenge: challenged.codeChallenge })).toBe(true);
    for (const challenge of [null, "", "d".repeat(43)]) {
      expect(mayRedeem(challenged, { browserHash: "", challenge })).toBe(false);
    }
  });

  test("and a verifier that was never announced is refused, whatever the browser is", () => {
    expect(mayRedeem(bound, { ...own, challenge: "c".repeat(43) })).toBe(false);
  });
});

describe("where a flow ends", () => {
  test("at the client's address, with its query, the outcome and an empty fragment", () => {
    const at = (address: string) => returnAddress(address, { code: "x" });
    expect(at("https://shop.example/signed-in")).toBe("https://shop.example/signed-in?code=x#");
    expect(at("https://shop.example/in?next=%2Fa&b")).toBe("https://shop.example/in?next=%2Fa&b=&code=x#");
    expect(at("com.example.shop:/signed-in")).toBe("com.example.shop:/signed-in?code=x#");
    expect(returnAddress("https://shop.example/?error=no&code=1", { error: "access_denied" })).toContain(
      "error=access_denied",
    );
  });

  test.each([
    ["access_denied", "access_denied"],
    ["user_cancelled_authorize", "access_denied"],
    ["server_error", "provider_unavailable"],
    ["temporarily_unavailable", "provider_unavailable"],
    ["invalid_scope", "provider_refused"],
    ["<script>\r\nSet-Cookie: a=b", "provider_refused"],
    ["", "provider_refused"],
  ])("a provider's %j is told as %s", (error, expected) => expect(returnErrorOf(error)).toBe(expected));

  test("addresses are pages by HTTPS, pages of the same machine, or an app's own scheme", () => {
    const list = "https://shop.example/in, http://127.0.0.1:8080/in ,http://localhost/in,com.example.shop:/in,";
    expect([...parseRedirectAddresses(list)]).toEqual([
      "https://shop.example/in",
      "http://127.0.0.1:8080/in",
      "http://localhost/in",
      "com.example.shop:/in",
    ]);
    expect(parseRedirectAddresses("").size).toBe(0);
  });

  test.each([
    "http://shop.example/in",
    "http://127.0.0.1.evil.example/in",
    "https://shop.example/in#here",
    "https://shop.example/*",
    "https://user@shop.example/in",
    "//shop.example/in",
    "/in",
    "javascript:alert(1)",
    "data:text/html,x",
    "shop:/in",
    "in",
  ])("%s is none", (address) => {
    expect(() => parseRedirectAddresses(`https://shop.example/in,${address}`)).toThrow(/^entry 2 /);
  });
});

describe("what becomes of an identity", () => {
  const claims = { email: "buyer@example.com", emailVerified: true };
  const unproven = { ...claims, emailVerified: false };
  const verified = { user: { emailVerifiedAtMs: 1 } };
  const unverified = { user: { emailVerifiedAtMs: null } };
  const nobody = { owner: null, namesake: null, isOpenDeployment: true };
  const decide = (
    said: typeof claims | { email: null; emailVerified: boolean },
    known: Partial<typeof nobody> | object,
  ) => decideIdentity<{ user: { emailVerifiedAtMs: number | null } }>(said, { ...nobody, ...known });
  const refusal = (code: string) => ({ kind: "refuse", code });

  test("a known one signs in, whatever the provider says of its address now", () => {
    for (const said of [claims, unproven, { email: null, emailVerified: false }]) {
      for (const namesake of [null, unverified]) {
        const known = { owner: verified, namesake };
        expect(decide(said, known)).toEqual({ kind: "sign_in", account: verified });
      }
    }
  });

  test("a new one joins an account only where both sides have proven the address", () => {
    expect(decide(claims, { namesake: verified })).toEqual({ kind: "link_by_address", account: verified });
    expect(decide(unproven, { namesake: verified })).toEqual(refusal("users.identity_not_linked"));
    expect(decide(claims, { namesake: unverified })).toEqual(refusal("users.identity_not_linked"));
    expect(decide(unproven, { namesake: unverified })).toEqual(refusal("users.identity_not_linked"));
  });

  test("a new one with an address that nobody has opens an account, and without one none", () => {
    expect(decide(claims, {})).toEqual({ kind: "register", email: claims.email });
    expect(decide(unproven, {})).toEqual({ kind: "register", email: claims.email });
    expect(decide({ email: null, emailVerified: false }, {})).toEqual(refusal("users.provider_address_missing"));
  });

  test("where addresses are nobody's business, an unproven one meets one answer, and an unverified account stays shut", () => {
    const closed = { isOpenDeployment: false };
    const answers = [null, unverified, verified].map((namesake) => decide(unproven, { ...closed, namesake }));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toEqual(refusal("users.identity_not_linked"));
    expect(decide(claims, closed)).toEqual({ kind: "register", email: claims.email });
    expect(decide(claims, { ...closed, owner: unverified })).toEqual(refusal("users.email_not_verified"));
    expect(decide(claims, { ...closed, owner: verified })).toEqual({ kind: "sign_in", account: verified });
  });
});

test("a way in is the last where no other remains, and a password is not taken away by it", () => {
  const none = { hasPassword: false, passkeys: 0, identities: 0 };
  for (const only of [{ passkeys: 1 }, { identities: 1 }]) expect(isLastWayIn({ ...none, ...only })).toBe(true);
  for (const more of [
    { hasPassword: true, identities: 1 },
    { passkeys: 1, identities: 1 },
    { identities: 2 },
    { passkeys: 2 },
  ]) {
    expect(isLastWayIn({ ...none, ...more })).toBe(false);
  }
});
