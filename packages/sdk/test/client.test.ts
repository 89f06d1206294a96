import { describe, expect, expectTypeOf, test } from "vitest";
import { createFoyer, FoyerProblem, type Schema } from "../src/index.ts";
import { startServer } from "./server.ts";

const retry = { pauseMs: 1 };
const busy = { status: 503, headers: { "retry-after": "0" }, body: { code: "platform.unavailable" } };
const invalid = {
  type: "https://foyer.dev/problems/request.invalid",
  title: "The request has invalid fields",
  status: 422,
  detail: "Some fields are not valid; see errors.",
  code: "request.invalid",
  requestId: "req_1",
  errors: [{ path: "slug", code: "too_small", message: "Too short" }],
  hint: "more",
};
const organization = { name: "Opera", slug: "opera" };

async function problemOf(call: Promise<unknown>): Promise<FoyerProblem> {
  const thrown = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(thrown instanceof FoyerProblem)) throw new Error("not refused");
  return thrown;
}

describe("a call", () => {
  test("sends what its operation takes and returns the body and the response", async () => {
    await using server = await startServer({ status: 200, body: { id: "org_1" }, headers: { etag: '"1"' } });
    const foyer = createFoyer({ baseUrl: `${server.url}/`, accessToken: "secret" });
    const { data, response } = await foyer.patch("/v1/organizations/{id}", {
      params: { path: { id: "org_1" } },
      body: { name: "Opera" },
      headers: { "if-match": '"0"' },
    });
    expectTypeOf(data).toEqualTypeOf<Schema<"Organization">>();
    expect(data).toEqual({ id: "org_1" });
    expect(response.headers.get("etag")).toBe('"1"');
    expect(server.received).toMatchObject([
      {
        method: "PATCH",
        url: "/v1/organizations/org_1",
        body: '{"name":"Opera"}',
        headers: { authorization: "Bearer secret", "if-match": '"0"', "content-type": "application/json" },
      },
    ]);
    expect(server.received[0]?.headers).not.toHaveProperty("idempotency-key");
  });

  test("without a body in its answer returns none", async () => {
    await using server = await startServer({ status: 204 });
    const { response } = await createFoyer({ baseUrl: server.url }).post("/v1/auth/logout", {
      body: { refreshToken: "r" },
    });
    expect(response.status).toBe(204);
  });

  test("gets the current token before each request, and none where there is none", async () => {
    await using server = await startServer({ status: 200, body: {} });
    const tokens = ["first", null];
    const foyer = createFoyer({ baseUrl: server.url, accessToken: async () => tokens.shift() ?? null });
    await foyer.get("/v1/users/profile");
    await foyer.get("/v1/users/profile");
    expect(server.received.map(({ headers }) => headers.authorization)).toEqual(["Bearer first", undefined]);
  });

  test("carries the secrets of who holds a reservation or an order, and a grant to an event", async () => {
    await using server = await startServer({ status: 200, body: {} });
    await createFoyer({ baseUrl: server.url }).get("/v1/users/profile", {
      reservationSecret: "a",
      orderSecret: "b",
      eventAccess: "c",
    });
    expect(server.received[0]?.headers).toMatchObject({
      "x-reservation-secret": "a",
      "x-order-secret": "b",
      "x-event-access": "c",
    });
  });
});

describe("a refusal", () => {
  test("is thrown with everything that the problem document says", async () => {
    await using server = await startServer({ status: 422, body: invalid });
    const problem = await problemOf(
      createFoyer({ baseUrl: server.url }).post("/v1/organizations", { body: organization }),
    );
    expect(problem).toMatchObject({
      name: "FoyerProblem",
      code: "request.invalid",
      status: 422,
      title: invalid.title,
      detail: invalid.detail,
      requestId: "req_1",
      errors: invalid.errors,
      retryAfterSeconds: null,
    });
    expect(problem.document.hint).toBe("more");
    expect(server.received).toHaveLength(1);
  });

  test.each(["<html>Bad gateway</html>", "", "null", "[]", '"text"'])(
    "whose body is %j still has status and code",
    async (body) => {
      await using server = await startServer({ status: 500, body, headers: { "x-request-id": "req_9" } });
      const problem = await problemOf(createFoyer({ baseUrl: server.url }).get("/health"));
      expect(problem).toMatchObject({ code: "client.unexpected_answer", status: 500, requestId: "req_9", errors: [] });
    },
  );
});

describe("repeating", () => {
  test("a read that fails for a moment succeeds in the end", async () => {
    await using server = await startServer("hang up", busy, { status: 200, body: { status: "ok" } });
    const { data } = await createFoyer({ baseUrl: server.url, retry }).get("/health");
    expect(data).toEqual({ status: "ok" });
    expect(server.received).toHaveLength(3);
  });

  test("a POST is sent again with the same key and body", async () => {
    await using server = await startServer("hang up", busy, { status: 201, body: { id: "org_1" } });
    await createFoyer({ baseUrl: server.url, retry }).post("/v1/organizations", { body: organization });
    const keys = server.received.map(({ headers }) => headers["idempotency-key"]);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(keys).size).toBe(1);
    expect(server.received.map(({ body }) => JSON.parse(body))).toEqual([organization, organization, organization]);
  });

  test("two calls never share a key, and a given key is used as it is", async () => {
    await using server = await startServer({ status: 201, body: {} });
    const foyer = createFoyer({ baseUrl: server.url });
    await foyer.post("/v1/organizations", { body: organization });
    await foyer.post("/v1/organizations", { body: organization });
    await foyer.post("/v1/organizations", { body: organization, idempotencyKey: "mine" });
    const keys = server.received.map(({ headers }) => headers["idempotency-key"]);
    expect(new Set(keys).size).toBe(3);
    expect(keys[2]).toBe("mine");
  });

  test("a POST without a key and a PATCH are sent once", async () => {
    await using server = await startServer(busy);
    const foyer = createFoyer({ baseUrl: server.url, retry });
    await problemOf(foyer.post("/v1/organizations", { body: organization, idempotencyKey: null }));
    await problemOf(foyer.patch("/v1/users/profile", { body: { name: "Buyer One" } }));
    expect(server.received.map(({ method }) => method)).toEqual(["POST", "PATCH"]);
  });

  test("ends after so many attempts with the last refusal", async () => {
    await using server = await startServer({
      status: 429,
      headers: { "retry-after": "0" },
      body: { code: "request.limited" },
    });
    const problem = await problemOf(
      createFoyer({ baseUrl: server.url, retry: { ...retry, attemptsMax: 2 } }).get("/health"),
    );
    expect(problem).toMatchObject({ code: "request.limited", status: 429, retryAfterSeconds: 0 });
    expect(server.received).toHaveLength(2);
  });

  test("waits for a request with the same key that still runs, but not on any other conflict", async () => {
    const inFlight = { status: 409, headers: { "retry-after": "0" }, body: { code: "idempotency.in_flight" } };
    await using running = await startServer(inFlight, { status: 201, body: {} });
    await createFoyer({ baseUrl: running.url, retry }).post("/v1/organizations", { body: organization });
    expect(running.received).toHaveLength(2);
    await using soldOut = await startServer({ status: 409, body: { code: "bookings.sold_out" } });
    const problem = await problemOf(
      createFoyer({ baseUrl: soldOut.url, retry }).post("/v1/organizations", { body: organization }),
    );
    expect(problem.code).toBe("bookings.sold_out");
    expect(soldOut.received).toHaveLength(1);
  });

  test("does not wait where the server asks for minutes", async () => {
    await using server = await startServer({ status: 503, headers: { "retry-after": "600" }, body: {} });
    const problem = await problemOf(createFoyer({ baseUrl: server.url, retry }).get("/health"));
    expect(problem.retryAfterSeconds).toBe(600);
    expect(server.received).toHaveLength(1);
  });

  test("stops when the caller gives up", async () => {
    await using server = await startServer({ status: 503, headers: { "retry-after": "10" }, body: {} });
    const controller = new AbortController();
    const call = createFoyer({ baseUrl: server.url, retry }).get("/health", { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
  });

  test("a network that stays down is the network's own error", async () => {
    const foyer = createFoyer({
      baseUrl: "http://127.0.0.1:9",
      retry,
      fetch: () => Promise.reject(new TypeError("unreachable")),
    });
    await expect(foyer.get("/health")).rejects.toThrow("unreachable");
  });
});

describe("lists", () => {
  test("are read page after page, with the filters of the first", async () => {
    await using server = await startServer(
      { status: 200, body: { data: [{ id: 1 }, { id: 2 }], nextCursor: "c 1" } },
      { status: 200, body: { data: [{ id: 3 }], nextCursor: null } },
    );
    const seen: unknown[] = [];
    const foyer = createFoyer({ baseUrl: server.url });
    for await (const item of foyer.paginate("/v1/search/events", { params: { query: { q: "opera", limit: 2 } } })) {
      expectTypeOf(item).toEqualTypeOf<Schema<"SearchHit">>();
      seen.push(item);
    }
    expect(seen).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    expect(server.received.map(({ url }) => url)).toEqual([
      "/v1/search/events?q=opera&limit=2",
      "/v1/search/events?q=opera&limit=2&cursor=c%201",
    ]);
  });

  test("are fetched no further than they are read", async () => {
    await using server = await startServer({ status: 200, body: { data: [{ id: 1 }], nextCursor: "more" } });
    for await (const _ of createFoyer({ baseUrl: server.url }).paginate("/v1/search/events")) break;
    expect(server.received).toHaveLength(1);
  });
});
