import { describe, expect, test } from "vitest";
import {
  accountName,
  claimsOfGitHub,
  claimsOfToken,
  type IdTokenProvider,
  nameInAppleUser,
} from "../../src/domain/providers.ts";
import { personalTenant } from "../support/providers.ts";

const organization = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";
const email = "buyer@example.com";
const vouched = (provider: IdTokenProvider, claims: object) =>
  claimsOfToken(provider, { sub: "1", email, ...claims }, null)?.emailVerified;

describe("who vouches for an address", () => {
  test.each<[string, IdTokenProvider, object, boolean]>([
    ["Google that says so", "google", { email_verified: true }, true],
    ["Google that denies it", "google", { email_verified: false }, false],
    ["Google that says nothing", "google", {}, false],
    ["Apple that says so", "apple", { email_verified: true }, true],
    ["Apple that says so as a text", "apple", { email_verified: "true" }, true],
    ["Apple that denies it as a text", "apple", { email_verified: "false" }, false],
    ["Apple, of an address that it relays", "apple", { email_verified: "true", is_private_email: "true" }, true],
    ["Microsoft, of a personal account", "microsoft", { tid: personalTenant }, true],
    ["Microsoft, of an organization's account", "microsoft", { tid: organization }, false],
    ["Microsoft, of a domain that it has verified", "microsoft", { tid: organization, xms_edov: true }, true],
    ["Microsoft, of such a domain, in digits", "microsoft", { tid: organization, xms_edov: "1" }, true],
    ["Microsoft, of another domain", "microsoft", { tid: organization, xms_edov: "0" }, false],
    [
      "Microsoft, whatever else an organization writes",
      "microsoft",
      { tid: organization, email_verified: true },
      false,
    ],
    ["Facebook, whatever it says", "facebook", { email_verified: true }, false],
  ])("%s", (_, provider, claims, expected) => expect(vouched(provider, claims)).toBe(expected));

  test("nobody for an address that is not there", () => {
    expect(claimsOfToken("google", { sub: "1", email_verified: true }, null)).toMatchObject({
      email: null,
      emailVerified: false,
    });
  });
});

describe("whose account it is", () => {
  test("Microsoft's subject is one of its tenant, so that no other tenant has the same", () => {
    const subjectOf = (tid: string) => claimsOfToken("microsoft", { sub: "abc", tid }, null)?.subject;
    expect(subjectOf(personalTenant)).toBe(`${personalTenant}/abc`);
    expect(subjectOf(organization)).not.toBe(subjectOf(personalTenant));
  });

  test.each<[string, IdTokenProvider, object]>([
    ["no subject", "google", {}],
    ["an empty one", "google", { sub: "" }],
    ["a number", "google", { sub: 7 }],
    ["one beyond its limit", "google", { sub: "x".repeat(256) }],
    ["no tenant", "microsoft", { sub: "1" }],
  ])("a token with %s names nobody", (_, provider, claims) => {
    expect(claimsOfToken(provider, { email, email_verified: true, ...claims }, null)).toBeNull();
  });
});

describe("addresses", () => {
  const addressOf = (value: unknown) => claimsOfToken("google", { sub: "1", email: value, email_verified: true }, null);

  test("are taken in lower case", () => expect(addressOf("Buyer@Example.COM")?.email).toBe(email));

  test.each([
    ["with a letter that folds into another's", "\u212Aevin@example.com"],
    ["with a dotless i", "b\u0131ll@example.com"],
    ["with a header", "buyer@example.com\r\nBcc: all@example.com"],
    ["with spaces around", " buyer@example.com"],
    ["that are two", "buyer@example.com,other@example.com"],
    ["that are none", "buyer"],
    ["that are a list", ["buyer@example.com"]],
    ["beyond their limit", `${"x".repeat(250)}@example.com`],
  ])("%s are none, and nobody vouches for them", (_, value) => {
    expect(addressOf(value)).toMatchObject({ email: null, emailVerified: false });
  });
});

describe("names", () => {
  const nameOf = (name: unknown) => claimsOfToken("google", { sub: "1", name }, null)?.name;

  test.each([
    ["a line break", "Buyer\r\nOne", "Buyer One"],
    ["control characters", "Buyer\u0000\u001b[2JOne", "Buyer [2JOne"],
    ["line separators", "Buyer\u2028One", "Buyer One"],
    ["half of a pair", "Buyer \ud83d", "Buyer"],
    ["spaces", "  Buyer   One ", "Buyer One"],
    ["decomposed letters", "Cafe\u0301", "Café"],
    ["markup, which is text", "<b>Buyer</b>", "<b>Buyer</b>"],
  ])("%s become one plain line", (_, given, expected) => expect(nameOf(given)).toBe(expected));

  test("are cut at their limit, and not through a character", () => {
    expect(nameOf("n".repeat(120))).toBe("n".repeat(120));
    expect(nameOf("n".repeat(121))).toBe("n".repeat(120));
    expect(nameOf(`${"n".repeat(119)}🎫`)).toBe("n".repeat(119));
  });

  test.each([undefined, null, 7, {}, "", " \n "])("that are none (%j) are none", (given) => {
    expect(nameOf(given)).toBeNull();
  });

  test("come at Apple in a form, of which nothing but the name counts", () => {
    const user = JSON.stringify({ name: { firstName: "Guest", lastName: "Two" }, email: "victim@example.com" });
    expect(nameInAppleUser(user)).toBe("Guest Two");
    expect(claimsOfToken("apple", { sub: "1" }, nameInAppleUser(user))).toEqual({
      provider: "apple",
      subject: "1",
      email: null,
      emailVerified: false,
      name: "Guest Two",
    });
  });

  test.each([
    undefined,
    "",
    "{",
    "null",
    "[]",
    '"text"',
    '{"name":null}',
    '{"name":"Guest"}',
    '{"name":{"firstName":{"x":1}}}',
    '{"__proto__":{"name":{"firstName":"Guest"}}}',
  ])("in a form that is none (%j) are none", (user) => expect(nameInAppleUser(user)).toBeNull());

  test("of new accounts are the mailbox's where the provider gives none", () => {
    const claims = { provider: "apple", subject: "1", email, emailVerified: true, name: null } as const;
    expect(accountName(claims, email)).toBe("buyer");
    expect(accountName({ ...claims, name: "Guest" }, email)).toBe("Guest");
  });
});

describe("GitHub", () => {
  const user = { id: 7, login: "buyer-one", name: "Buyer One" };
  const primary = { email: "Buyer@example.com", primary: true, verified: true };
  const other = { email: "other@example.com", primary: false, verified: true };

  test("vouches for the primary address if it is verified, and for no other", () => {
    expect(claimsOfGitHub(user, [other, primary])).toEqual({
      provider: "github",
      subject: "7",
      email,
      emailVerified: true,
      name: "Buyer One",
    });
    expect(claimsOfGitHub(user, [{ ...primary, verified: false }, other])).toMatchObject({
      email,
      emailVerified: false,
    });
    expect(claimsOfGitHub(user, [other])).toMatchObject({ email: null, emailVerified: false });
  });

  test.each(["7+buyer-one@users.noreply.github.com", "buyer-one@USERS.noreply.GitHub.com", "x@noreply.github.com"])(
    "has no address where the primary one is made up (%s)",
    (made) => {
      expect(claimsOfGitHub(user, [{ ...primary, email: made }])).toMatchObject({ email: null, emailVerified: false });
    },
  );

  test("is not fooled by an address that only ends alike", () => {
    const alike = "x@evilnoreply.github.com";
    expect(claimsOfGitHub(user, [{ ...primary, email: alike }])?.email).toBe(alike);
  });

  test("names somebody without a name by their login", () => {
    expect(claimsOfGitHub({ ...user, name: null }, [])?.name).toBe("buyer-one");
    expect(claimsOfGitHub({ ...user, name: " " }, [])?.name).toBe("buyer-one");
  });
});
