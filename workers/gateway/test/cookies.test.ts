import { env } from "cloudflare:workers";
import { limits } from "@foyer/kernel/limits";
import { describe, expect, test } from "vitest";
import { answerRequest } from "../src/app.ts";
import { createDeps } from "../src/deps.ts";
import { answering, call, type Told, told } from "./call.ts";

/** What a signed-in browser sends along, whoever made it ask. */
const token = "head.claims.signature";
const access = `__Host-foyer_access=${token}`;
const refresh = "__Host-foyer_refresh=r-1";
const flow = "__Host-foyer_oauth=f-1";
const fromOurPage = { origin: "https://api.example", "sec-fetch-site": "same-origin" };
const json = { "content-type": "application/json" };

/** Sends what an attack makes a browser send, and expects that it is refused and reaches no worker. */
async function expectRefused(path: string, method: string, headers: Record<string, string>, body?: string) {
  const requestId = crypto.randomUUID();
  const response = await call(path, {
    method,
    headers: { cookie: `${access}; ${refresh}`, ...headers, "x-request-id": requestId },
    ...(body === undefined ? {} : { body }),
  });
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({ code: "gateway.cross_site", requestId });
  expect(response.headers.get("set-cookie")).toBeNull();
  for (const worker of [env.USERS, env.BOOKINGS]) expect(await worker.testSeen(requestId)).toBe(0);
}

describe("a session in cookies", () => {
  test("is the bearer token that every worker understands, and no worker sees a cookie", async () => {
    for (const path of ["/v1/orders", "/v1/users/profile", "/v1/search/events", "/v1/payments"]) {
      const { headers } = await told(path, { headers: { cookie: `a=b; ${access}; ${refresh}; ${flow}` } });
      expect(headers.authorization).toBe(`Bearer ${token}`);
      expect(headers).not.toHaveProperty("cookie");
    }
  });

  test("acts from a page of the deployment, and from a page of its list", async () => {
    for (const headers of [fromOurPage, { origin: "https://tickets.example", "sec-fetch-site": "same-site" }]) {
      const seen = await told("/v1/orders", {
        method: "POST",
        headers: { ...json, ...headers, cookie: access },
        body: "{}",
      });
      expect(seen).toMatchObject({ worker: "bookings", bytes: 2, headers: { authorization: `Bearer ${token}` } });
    }
  });

  test("opens a live view for our page", async () => {
    const response = await call("/v1/events/evt_1/availability/live", {
      headers: { upgrade: "websocket", origin: "https://api.example", cookie: access },
    });
    expect(response.status).toBe(101);
    response.webSocket?.accept();
    response.webSocket?.close();
  });

  test("gives the routes of signing in what is theirs, and nothing of anybody else's", async () => {
    const { headers } = await told("/v1/auth/refresh", {
      method: "POST",
      headers: { ...fromOurPage, cookie: `a=b; ${access}; ${refresh}; ${flow}; __Host-other=x` },
    });
    expect(headers.cookie).toBe(`${refresh}; ${flow}`);
  });

  test("sets every cookie of an answer, each in its own header", async () => {
    const set: [string, string][] = [
      ["set-cookie", `${access}; Path=/; Secure; HttpOnly; SameSite=Strict`],
      [
        "set-cookie",
        `${refresh}; Path=/v1/auth; Secure; HttpOnly; SameSite=Strict; Expires=Wed, 21 Oct 2026 07:28:00 GMT`,
      ],
      ["set-cookie", "__Host-foyer_oauth=; Max-Age=0; Path=/; Secure"],
    ];
    const response = await call("/v1/auth/login", {
      method: "POST",
      headers: { ...json, ...answering({ headers: set, body: {} }) },
      body: "{}",
    });
    expect(response.headers.getSetCookie()).toEqual(set.map(([, cookie]) => cookie));
  });

  test("yields to Authorization, which needs no page of ours", async () => {
    const headers = { ...json, authorization: "Bearer mine", cookie: `${access}; ${refresh}; ${flow}` };
    const seen = await told("/v1/orders", { method: "POST", headers, body: "{}" });
    expect(seen.headers.authorization).toBe("Bearer mine");
    expect(seen.headers).not.toHaveProperty("cookie");
    const signIn = await told("/v1/auth/oauth/token", { method: "POST", headers, body: "{}" });
    expect(signIn.headers).toMatchObject({ authorization: "Bearer mine", cookie: flow });
  });

  test("does not come back by what a browser puts into Authorization from an address with a password", async () => {
    const authorization = "Basic dXNlcjpwYXNz";
    const headers = { "sec-fetch-site": "cross-site", authorization, cookie: `${access}; ${refresh}` };
    const seen = await told("/v1/auth/refresh", { method: "POST", headers });
    expect(seen.headers.authorization).toBe(authorization);
    expect(seen.headers).not.toHaveProperty("cookie");
  });

  test("does not act for another site beside an empty Authorization, whether or not the runtime keeps that", async () => {
    // Of a request that comes from outside the runtime drops the empty header: the cookie counts, and so does where it is from.
    await expectRefused("/v1/auth/refresh", "POST", { "sec-fetch-site": "cross-site", authorization: "" });
    // One that has it has a credential of its own.
    const request = new Request("https://api.example/v1/auth/refresh", {
      method: "POST",
      headers: { "sec-fetch-site": "cross-site", authorization: "", cookie: `${access}; ${refresh}` },
    });
    expect(request.headers.has("authorization")).toBe(true);
    const { headers } = await (await answerRequest(createDeps(env), request)).json<Told>();
    expect(headers.authorization ?? "").toBe("");
    expect(headers).not.toHaveProperty("cookie");
  });
});

describe("cross-site request forgery", () => {
  const cases: [string, string, string, Record<string, string>, string?][] = [
    [
      "by a form",
      "POST",
      "/v1/orders",
      {
        origin: "https://evil.example",
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
        "content-type": "application/x-www-form-urlencoded",
      },
      "a=b",
    ],
    [
      "by a form whose text is JSON",
      "POST",
      "/v1/orders",
      { origin: "https://evil.example", "sec-fetch-site": "cross-site", "content-type": "text/plain" },
      '{"a":"="}',
    ],
    [
      "by fetch without CORS",
      "POST",
      "/v1/orders",
      { origin: "https://evil.example", "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
      "{}",
    ],
    [
      "by a beacon without a body",
      "POST",
      "/v1/auth/logout",
      { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    ],
    [
      "from a neighbouring host",
      "POST",
      "/v1/auth/refresh",
      { origin: "https://evil.api.example", "sec-fetch-site": "same-site" },
    ],
    [
      "from another port of this host",
      "DELETE",
      "/v1/users/profile",
      { origin: "https://api.example:8443", "sec-fetch-site": "same-site" },
    ],
    [
      "from this host without TLS",
      "PATCH",
      "/v1/users/profile",
      { origin: "http://api.example", "sec-fetch-site": "cross-site", ...json },
      "{}",
    ],
    ["from a sandboxed frame", "POST", "/v1/orders", { origin: "null", "sec-fetch-site": "cross-site" }, "{}"],
    ["from a sandboxed frame of our own page", "POST", "/v1/orders", { origin: "null" }, "{}"],
    [
      "from a page that sends no Origin",
      "POST",
      "/v1/orders",
      { "sec-fetch-site": "same-site", referer: "https://api.example/" },
      "{}",
    ],
    ["without a word of where it is from", "POST", "/v1/orders", {}, "{}"],
    ["typed into the address bar", "POST", "/v1/orders", { "sec-fetch-site": "none" }, "{}"],
    [
      "as a method that overrides another",
      "POST",
      "/v1/orders",
      { origin: "https://evil.example", "x-http-method-override": "GET", "x-method-override": "GET" },
      "_method=GET",
    ],
    ["as a method that nobody knows", "PROPFIND", "/v1/orders", { origin: "https://evil.example" }],
    [
      "with a body that says its own type",
      "PUT",
      "/v1/users/profile",
      { origin: "https://evil.example", ...json },
      "{}",
    ],
  ];

  test.each(cases)("%s is refused", async (_, method, path, headers, body) => {
    await expectRefused(path, method, headers, body);
  });

  test("by reading under another name stays a read", async () => {
    const seen = await told("/v1/orders?_method=DELETE", {
      headers: { cookie: access, origin: "https://evil.example", "x-http-method-override": "DELETE" },
    });
    expect(seen.method).toBe("GET");
  });

  test("by a socket that another site's page opens is refused", async () => {
    for (const origin of ["https://evil.example", "https://evil.api.example", "null"]) {
      await expectRefused("/v1/events/evt_1/availability/live", "GET", { upgrade: "websocket", origin });
    }
    await expectRefused("/v1/events/evt_1/availability/live", "GET", { upgrade: "websocket" });
  });

  test("by the refresh cookie alone, or by that of a flow, is refused", async () => {
    for (const cookie of [refresh, flow]) {
      await expectRefused("/v1/auth/refresh", "POST", { cookie, origin: "https://evil.example" });
    }
  });

  test("by a provider's answer has no session to act with", async () => {
    const { worker, headers } = await told("/v1/auth/oauth/apple/callback", {
      method: "POST",
      headers: {
        origin: "https://appleid.apple.com",
        "sec-fetch-site": "cross-site",
        "content-type": "application/x-www-form-urlencoded",
        cookie: `${access}; ${refresh}; ${flow}; a=b`,
      },
      body: "state=s&code=c",
    });
    expect(worker).toBe("users");
    expect(headers.cookie).toBe(flow);
    expect(headers).not.toHaveProperty("authorization");
  });

  test("concerns only who has a cookie of ours: programs and strangers' cookies pass as ever", async () => {
    for (const headers of [{}, { cookie: "a=b" }, { origin: "https://evil.example" }]) {
      const seen = await told("/v1/events/evt_1/reservations", {
        method: "POST",
        headers: { ...json, ...headers },
        body: "{}",
      });
      expect(seen.headers).not.toHaveProperty("cookie");
      expect(seen.headers).not.toHaveProperty("authorization");
    }
  });

  test("is refused so that only pages of the list learn why", async () => {
    const ask = (origin: string) =>
      call("/v1/orders", { method: "POST", headers: { origin, cookie: access, ...json }, body: "{}" });
    const { headers } = await ask("https://evil.example");
    expect(headers.has("access-control-allow-origin")).toBe(false);
    expect(headers.has("access-control-allow-credentials")).toBe(false);
    expect(headers.get("vary")).toContain("Origin");
  });
});

describe("a cookie that an attacker set", () => {
  test("beside ours makes neither count", async () => {
    const { headers } = await told("/v1/auth/refresh", {
      method: "POST",
      headers: {
        ...fromOurPage,
        cookie: `${refresh}; __Host-foyer_refresh=theirs; ${access}; __Host-foyer_access=x.y.z`,
      },
    });
    expect(headers).not.toHaveProperty("cookie");
    expect(headers.authorization).toBe("Bearer");
  });

  test.each([
    ["oversized", `__Host-foyer_access=${"a".repeat(limits.cookieCharsMax)}.b.c`],
    ["with a control character", `__Host-foyer_access=a.b.c\u0001`],
    ["with a tab", "__Host-foyer_access=a.b\t.c"],
    ["that ends a header in escapes", "__Host-foyer_access=a.b.c%0d%0aX-Admin: 1"],
    ["with an API key", "__Host-foyer_access=fk_1_secret"],
  ])("%s is a bad credential, never an anonymous caller", async (_, cookie) => {
    const { headers } = await told("/v1/orders", { headers: { cookie } });
    expect(headers.authorization).toBe("Bearer");
    expect(headers).not.toHaveProperty("cookie");
  });

  test("cannot smuggle the gateway's own word to a worker", async () => {
    const { headers } = await told("/v1/orders", {
      headers: { cookie: "foyer-place=Berlin; x-foyer-actor=admin", "foyer-place": "Berlin" },
    });
    expect(headers).not.toHaveProperty("foyer-place");
    expect(headers).not.toHaveProperty("cookie");
  });
});

describe("where a caller is", () => {
  const cf = { city: "São Paulo", country: "BR" };

  test("is told to users, in place of what the caller says", async () => {
    const { headers } = await told("/v1/users/profile", { headers: { "foyer-place": "Berlin%2C%20DE" }, cf });
    expect(headers["foyer-place"]).toBe("S%C3%A3o%20Paulo%2C%20BR");
  });

  test("is absent where the platform does not know it, and told to nobody else", async () => {
    const forged = { "foyer-place": "Berlin%2C%20DE" };
    const unknown = await told("/v1/users/profile", { headers: forged, cf: {} });
    expect(unknown.headers).not.toHaveProperty("foyer-place");
    const elsewhere = await told("/v1/orders", { headers: forged, cf });
    expect(elsewhere.headers).not.toHaveProperty("foyer-place");
  });
});
