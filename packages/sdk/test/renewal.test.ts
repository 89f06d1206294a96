import { describe, expect, test } from "vitest";
import { createFoyer, FoyerProblem } from "../src/index.ts";

const baseUrl = "https://api.example";
const ended = ["auth.required", "auth.invalid_token"] as const;

interface Sent {
  readonly call: string;
  readonly credentials: string;
  readonly key: string | null;
  readonly body: string;
}

/**
 * A browser with its cookies, and a server that knows one access token at a time: `valid` says whether the browser has that one, and a renewal
 * makes it so.
 */
function newBrowser({ code = "auth.invalid_token", renewal = 200, valid = false } = {}) {
  const sent: Sent[] = [];
  const state = { valid, renewal };
  const refuse = (status: number, problemCode: string) =>
    Response.json({ code: problemCode, status }, { status, headers: { "content-type": "application/problem+json" } });
  const browser = {
    sent,
    state,
    calls: () => sent.map(({ call }) => call),
    async fetch(request: Request): Promise<Response> {
      const { method, url, headers } = request;
      const call = `${method} ${new URL(url).pathname}`;
      sent.push({
        call,
        // Workers' requests have no such member, browsers' and Node's do.
        credentials: "credentials" in request ? String(request.credentials) : "",
        key: headers.get("idempotency-key"),
        body: await request.text(),
      });
      const isValid = state.valid;
      await Promise.resolve();
      if (call === "POST /v1/auth/refresh") {
        if (state.renewal === 0) throw new TypeError("offline");
        if (state.renewal !== 200)
          return refuse(state.renewal, state.renewal === 401 ? "users.refresh_invalid" : "request.limited");
        state.valid = true;
        return Response.json({});
      }
      return isValid ? Response.json({ call }) : refuse(401, code);
    },
  };
  const foyer = createFoyer({ baseUrl, credentials: "include", fetch: browser.fetch, retry: { attemptsMax: 1 } });
  return { ...browser, foyer };
}

async function thrownBy(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
}

describe("a session in cookies", () => {
  test("goes along with every call, and is renewed only when it has ended", async () => {
    const { foyer, sent } = newBrowser({ valid: true });
    await foyer.get("/v1/users/profile");
    expect(sent).toMatchObject([{ call: "GET /v1/users/profile", credentials: "include" }]);
  });

  test.each(ended)(
    "that has ended (%s) is renewed without a body, and the call sent once more, the same",
    async (code) => {
      const { foyer, sent } = newBrowser({ code });
      const { data } = await foyer.post("/v1/organizations", { body: { name: "Opera" } });
      expect(data).toEqual({ call: "POST /v1/organizations" });
      expect(sent.map(({ call }) => call)).toEqual([
        "POST /v1/organizations",
        "POST /v1/auth/refresh",
        "POST /v1/organizations",
      ]);
      const [first, renewal, second] = sent;
      expect(renewal).toMatchObject({ body: "", key: null, credentials: "include" });
      expect(first?.body).toBe('{"name":"Opera"}');
      expect(first?.key).toMatch(/^[0-9a-f-]{36}$/);
      expect(second).toEqual(first);
    },
  );

  test("is renewed once for all calls that meet its end together", async () => {
    const { foyer, calls } = newBrowser();
    await Promise.all([foyer.get("/v1/users/profile"), foyer.get("/v1/organizations"), foyer.get("/v1/orders")]);
    expect(calls().filter((call) => call === "POST /v1/auth/refresh")).toHaveLength(1);
    expect(calls()).toHaveLength(7);
  });

  test("is not renewed again for a call that was on its way meanwhile", async () => {
    const browser = newBrowser();
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const foyer = createFoyer({
      baseUrl,
      credentials: "include",
      async fetch(request) {
        const isLate = request.url.endsWith("/v1/orders");
        const response = await browser.fetch(request);
        if (isLate) await held;
        return response;
      },
    });
    const late = foyer.get("/v1/orders");
    await foyer.get("/v1/users/profile");
    release();
    await late;
    expect(browser.calls().filter((call) => call === "POST /v1/auth/refresh")).toHaveLength(1);
  });

  test("that cannot be continued leaves the call refused, once, and is asked for again by the next call", async () => {
    const { foyer, calls, state } = newBrowser({ renewal: 401 });
    expect(await thrownBy(foyer.get("/v1/users/profile"))).toMatchObject({ code: "auth.invalid_token", status: 401 });
    expect(calls()).toEqual(["GET /v1/users/profile", "POST /v1/auth/refresh"]);
    state.renewal = 200;
    await foyer.get("/v1/users/profile");
  });

  test("is not called ended where nobody could tell: the renewal's own failure is thrown", async () => {
    expect(await thrownBy(newBrowser({ renewal: 429 }).foyer.get("/v1/users/profile"))).toMatchObject({ status: 429 });
    const offline = await thrownBy(newBrowser({ renewal: 0 }).foyer.get("/v1/users/profile"));
    expect(offline).toBeInstanceOf(TypeError);
    expect(offline).not.toBeInstanceOf(FoyerProblem);
  });

  test("that is refused again after its renewal is not renewed a second time", async () => {
    const { foyer, calls, state } = newBrowser();
    Object.defineProperty(state, "valid", { get: () => false, set: () => {} });
    expect(await thrownBy(foyer.get("/v1/users/profile"))).toMatchObject({ code: "auth.invalid_token" });
    expect(calls()).toEqual(["GET /v1/users/profile", "POST /v1/auth/refresh", "GET /v1/users/profile"]);
  });
});

test.each(["auth.step_up_required", "users.invalid_credentials", "users.factor_invalid"])(
  "a refusal for another reason (%s) renews nothing",
  async (code) => {
    const { foyer, calls } = newBrowser({ code });
    expect(await thrownBy(foyer.get("/v1/users/profile"))).toMatchObject({ code });
    expect(calls()).toEqual(["GET /v1/users/profile"]);
  },
);

test("a call with a token of its own, and a client without the option, renew nothing", async () => {
  const browser = newBrowser();
  await thrownBy(browser.foyer.get("/v1/users/profile", { headers: { authorization: "Bearer mine" } }));
  for (const credentials of ["omit", undefined] as const) {
    const options = credentials === undefined ? {} : { credentials };
    await thrownBy(createFoyer({ baseUrl, fetch: browser.fetch, ...options }).get("/v1/users/profile"));
  }
  expect(browser.calls()).toEqual(Array.from({ length: 3 }, () => "GET /v1/users/profile"));
  expect(browser.sent.map(({ credentials }) => credentials)).toEqual(["include", "omit", "same-origin"]);
});
