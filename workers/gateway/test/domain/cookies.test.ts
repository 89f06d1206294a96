import { limits } from "@foyer/kernel/limits";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { credentialsOf, mayHoldOurs } from "../../src/domain/cookies.ts";

const allowedOrigins: ReadonlySet<string> = new Set(["https://tickets.example"]);
const token = "aaa.bbb.ccc";
const access = `__Host-foyer_access=${token}`;
const refresh = "__Host-foyer_refresh=rrr";
const flow = "__Host-foyer_oauth=fff";

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
}

function credentials(cookie: string, { method = "GET", path = "/v1/orders", headers = {} }: Asked = {}) {
  const request = { method, url: `https://api.example${path}?a=b`, headers: new Headers(headers) };
  const result = credentialsOf(request, path, cookie, allowedOrigins);
  return result.ok ? result.value : result.error.code;
}

const onlyToken = { authorization: `Bearer ${token}`, cookie: null };
const nothing = { authorization: null, cookie: null };

describe("a Cookie header", () => {
  test.each([
    ["the access cookie alone", access],
    ["among others", `a=b; ${access}; _ga=GA1.2.3`],
    ["without a space", `a=b;${access};c=d`],
    ["with more spaces", `a=b; \t ${access}`],
    ["beside a cookie of a similar name", `${access}; __Host-foyer_access2=other; x__Host-foyer_access=other`],
  ])("with %s is its token", (_, cookie) => {
    expect(credentials(cookie)).toEqual(onlyToken);
  });

  test.each([
    ["nothing", ""],
    ["others' cookies", "a=b; session=1; foyer_access=x"],
    ["our name in another's value", `a=__Host-foyer_access; b="${access}`],
    ["our name in other letters", `__host-foyer_access=${token}; __HOST-FOYER_ACCESS=${token}`],
    ["our name behind a space that only some see", `\u00a0${access}; \u2003${access}; \ufeff${access}`],
    ["our cookie without a name", `=${access}; __Host-foyer_access`],
    ["our name without the promise of its prefix", `foyer_access=${token}; __Other-foyer_access=${token}`],
  ])("with %s vouches for nobody", (_, cookie) => {
    expect(credentials(cookie)).toEqual(nothing);
    expect(credentials(cookie, { method: "POST" })).toEqual(nothing);
  });

  test.each([
    ["two access cookies", `${access}; ${access}`],
    ["two access cookies, one empty", `${access}; __Host-foyer_access=`],
    ["an empty token", "__Host-foyer_access="],
    ["what is no JWT", "__Host-foyer_access=abc"],
    ["an API key", "__Host-foyer_access=fk_1_secret"],
    ["a quoted token", `__Host-foyer_access="${token}"`],
    ["a token with a comma", `${access}, ${access}`],
    ["a token with a space behind it", `${access} ; a=b`],
    ["a control character", `${access}\u0001`],
    ["a letter beyond ASCII", `${access}é`],
    ["a token that is too long", `__Host-foyer_access=${"a".repeat(limits.cookieCharsMax - 3)}.b.c`],
  ])("with %s is a bad credential, not an anonymous caller", (_, cookie) => {
    expect(credentials(cookie)).toEqual({ authorization: "Bearer", cookie: null });
  });

  test("takes the longest cookie that browsers keep", () => {
    const longest = `${"a".repeat(limits.cookieCharsMax - 4)}.b.c`;
    expect(credentials(`__Host-foyer_access=${longest}`)).toEqual({ authorization: `Bearer ${longest}`, cookie: null });
  });

  test("of any text gives at most a well-formed bearer token and our own cookies, and is read in one pass", () => {
    const piece = fc.oneof(
      fc.constantFrom(access, refresh, flow, "; ", ";", "=", " ", "\t", ",", '"', "__Host-foyer_", "a=b"),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const result = credentials(pieces.join(""), { path: "/v1/auth/refresh" });
        if (typeof result === "string") throw new Error(result);
        expect(result.authorization ?? "Bearer").toMatch(/^Bearer( [\w-]+\.[\w-]+\.[\w-]+)?$/);
        expect(result.cookie ?? "").toMatch(/^(?:__(?:Host|Secure)-foyer_[\w-]+=[!-~]+(?:; |$))*$/);
        expect(result.cookie ?? "").not.toMatch(/(^|; )__Host-foyer_access=/);
      }),
    );
    // Anything but one pass over a megabyte would not end within the test's time.
    for (const many of ["; __Host-foyer_access=", " ", ";", "__Host-foyer_", ";\t"]) {
      const long = `${access};${many.repeat(1_000_000 / many.length)};${access}`;
      expect(credentials(long)).toEqual({ authorization: "Bearer", cookie: null });
    }
  });
});

describe("routes of signing in", () => {
  const all = `a=b; ${access}; ${refresh}; ${flow}`;
  const here = { "sec-fetch-site": "same-origin" };

  test("are shown our cookies and no other's, the access cookie as a token", () => {
    const seen = credentials(all, { method: "POST", path: "/v1/auth/refresh", headers: here });
    expect(seen).toEqual({ authorization: `Bearer ${token}`, cookie: `${refresh}; ${flow}` });
  });

  test.each(["/v1/auth", "/v1/authx/refresh", "/v1/users/profile", "/v1/organizations"])(
    "alone are: %s is not",
    (path) => {
      expect(credentials(all, { path })).toEqual(onlyToken);
    },
  );

  test("are shown none of two cookies of one name, and none that is out of shape", () => {
    for (const bad of [`${refresh}; __Host-foyer_refresh=other`, "__Host-foyer_refresh=a b", `${refresh}\u0007`]) {
      const seen = credentials(`${bad}; ${flow}`, { path: "/v1/auth/refresh", method: "POST", headers: here });
      expect(seen).toEqual({ authorization: null, cookie: flow });
    }
  });

  test("see nothing of the session where a provider sends the browser back, and of nobody else", () => {
    const path = "/v1/auth/oauth/apple/callback";
    for (const method of ["POST", "GET"]) {
      const headers = { origin: "https://appleid.apple.com", "sec-fetch-site": "cross-site" };
      expect(credentials(all, { method, path, headers })).toEqual({ authorization: null, cookie: flow });
    }
    for (const other of [`${path}/`, `${path}x`, "/v1/auth/oauth/callback", "/v1/auth/oauth/a/b/callback"]) {
      expect(credentials(all, { method: "POST", path: other })).toBe("gateway.cross_site");
    }
  });

  test.each(["Bearer other", "Basic abc", ""])("see nothing of the session where Authorization is %j", (value) => {
    const headers = { authorization: value, "sec-fetch-site": "cross-site" };
    const asked = { method: "POST", headers };
    expect(credentials(all, { ...asked, path: "/v1/auth/refresh" })).toEqual({ authorization: null, cookie: flow });
    expect(credentials(all, { ...asked, path: "/v1/orders" })).toEqual(nothing);
  });
});

describe("where a request comes from", () => {
  const trusted: Record<string, string>[] = [
    { "sec-fetch-site": "same-origin" },
    { origin: "https://api.example" },
    { origin: "https://tickets.example" },
    { origin: "https://tickets.example", "sec-fetch-site": "same-site" },
    { origin: "https://tickets.example", "sec-fetch-site": "cross-site" },
  ];
  const refused: Record<string, string>[] = [
    {},
    { "sec-fetch-site": "none" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-origin, cross-site" },
    { origin: "null" },
    { origin: "null", "sec-fetch-site": "cross-site" },
    { origin: "" },
    { origin: "https:" },
    { origin: "http://api.example" },
    { origin: "https://api.example:8443" },
    { origin: "https://api.example/" },
    { origin: "https://api.example.evil.example" },
    { origin: "https://sub.api.example", "sec-fetch-site": "same-site" },
    { origin: "https://evil.example, https://tickets.example" },
    { referer: "https://api.example/" },
  ];
  const cookies = [access, refresh, flow, "__Host-foyer_access=", `${refresh}; ${refresh}`];

  test.each(trusted)("%j is ours, for every method", (headers) => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      expect(credentials(access, { method, headers })).toEqual(onlyToken);
    }
  });

  test.each(refused)("%j is not, for any cookie of ours and anything but reading", (headers) => {
    for (const cookie of cookies) {
      for (const method of ["POST", "PUT", "PATCH", "DELETE", "PROPFIND", "post"]) {
        expect(credentials(cookie, { method, headers })).toBe("gateway.cross_site");
      }
      const opening = { ...headers, upgrade: "websocket" };
      expect(credentials(cookie, { method: "GET", headers: opening })).toBe("gateway.cross_site");
    }
  });

  test.each(refused)("%j may read: what it gets, its page cannot see", (headers) => {
    for (const method of ["GET", "HEAD", "OPTIONS"]) {
      expect(credentials(access, { method, headers })).toEqual(onlyToken);
    }
  });
});

test("a header that holds none of ours is never taken for one that may", () => {
  for (const cookie of [access, refresh, flow, `a=b;${access}`]) expect(mayHoldOurs(cookie)).toBe(true);
  for (const cookie of ["", "a=b", "_ga=GA1.2.3; foyer_access=x"]) expect(mayHoldOurs(cookie)).toBe(false);
});
