import type { ErrorCatalog } from "@foyer/contracts/shared/errors";
import { pageQuerySchema } from "@foyer/contracts/shared/schemas";
import { isId, newId } from "@foyer/kernel/ids";
import { fail, ok } from "@foyer/kernel/result";
import { createLogger } from "@foyer/telemetry/logger";
import { createRoute } from "@hono/zod-openapi";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import * as z from "zod";
import { createApp, respond } from "../src/app.ts";
import { bearerAuth, emptyResponse, jsonBody, responses } from "../src/responses.ts";

/** Any UTF-16 code unit, lone surrogates and controls among them. */
const codeUnit = fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit));

const errors = {
  "shop.closed": { kind: "conflict", title: "Closed" },
  "shop.busy": { kind: "limited", title: "Busy" },
} as const satisfies ErrorCatalog;

interface Deps {
  readonly drained: () => void;
}

const bodySchema = z.strictObject({
  name: z.string().min(1),
  items: z.array(z.strictObject({ quantity: z.int().min(1) })).optional(),
});
const create = createRoute({
  method: "post",
  path: "/things",
  security: bearerAuth,
  request: jsonBody(bodySchema),
  responses: responses(201, "Made", bodySchema),
});
const list = createRoute({
  method: "get",
  path: "/things",
  request: { query: pageQuerySchema },
  responses: responses(200, "A page", z.object({ limit: z.number() })),
});
const subscribe = createRoute({
  method: "post",
  path: "/form",
  request: {
    body: {
      required: true,
      content: { "application/x-www-form-urlencoded": { schema: z.object({ name: z.string() }) } },
    },
  },
  responses: responses(200, "Taken", z.object({ name: z.string() })),
});
const remove = createRoute({
  method: "delete",
  path: "/things/{id}",
  request: { params: z.object({ id: z.string().regex(/^\d+$/) }) },
  responses: emptyResponse(204, "Gone"),
});

function newApp() {
  const lines: string[] = [];
  const drained = vi.fn(() => {});
  const app = createApp<Deps>({
    errors,
    provide: () => ({ drained }),
    logger: createLogger("test", { write: (line) => void lines.push(line) }),
    afterWrite: async (deps) => deps.drained(),
    rawBodies: [/^\/(?:upload|form)$/],
  });
  app.openapi(create, (c) => respond(c, errors, ok(c.req.valid("json")), 201, (value) => value));
  app.openapi(list, (c) => c.json({ limit: c.req.valid("query").limit }, 200));
  app.openapi(subscribe, (c) => c.json(c.req.valid("form"), 200));
  app.openapi(remove, (c) => c.body(null, 204));
  app.post("/closed", (c) => respond(c, errors, fail("shop.closed", "Come back."), 200, () => ({})));
  app.get("/busy", (c) => respond(c, errors, fail("shop.busy", "Wait."), 200, () => ({})));
  app.get("/busy-long", (c) =>
    respond(
      c,
      errors,
      fail("shop.busy", "Wait.", { retryAfterSeconds: 40, extra: { left: 3, status: 1 } }),
      200,
      () => ({}),
    ),
  );
  app.get("/undeclared", (c) => respond(c, errors, fail("shop.unheard_of", "?"), 200, () => ({})));
  app.get("/broken", () => {
    throw new Error("the database password is hunter2 at person@example.com");
  });
  app.post("/upload", async (c) => c.text(await c.req.text()));
  app.get("/actor", (c) => c.json(c.get("actor")));
  const waiting: Promise<unknown>[] = [];
  const context = {
    waitUntil: (work: Promise<unknown>) => void waiting.push(work),
    passThroughOnException() {},
    props: {},
  };
  return {
    lines,
    drained,
    settle: () => Promise.all(waiting),
    app,
    send: (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
      app.request(
        `https://test${path}`,
        {
          method,
          ...(body === undefined ? {} : { body }),
          headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
        },
        {},
        context,
      ),
  };
}

interface Problem {
  status: number;
  code: string;
  errors?: { path: string; code: string; message: string }[];
  requestId: string;
}

async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("cache-control")).toBe("no-store");
  const body = await response.json<Problem>();
  expect(body.status).toBe(response.status);
  expect(body.requestId).toBe(response.headers.get("x-request-id"));
  return body;
}

test("a failure is a problem document with its code, title and request id", async () => {
  const { send } = newApp();
  const response = await send("POST", "/closed", undefined, { "x-request-id": "req_abc" });
  expect(response.status).toBe(409);
  expect(await problemOf(response)).toEqual({
    type: "https://foyer.dev/problems/shop.closed",
    title: "Closed",
    status: 409,
    detail: "Come back.",
    code: "shop.closed",
    requestId: "req_abc",
  });
});

test("a limit says when to come back, and further members never hide the standard ones", async () => {
  const { send } = newApp();
  expect((await send("GET", "/busy")).headers.get("retry-after")).toBe("2");
  const response = await send("GET", "/busy-long");
  expect(response.headers.get("retry-after")).toBe("40");
  expect(await problemOf(response)).toMatchObject({ left: 3, status: 429 });
});

test("a bug answers a request id and nothing else; the log has the rest, redacted", async () => {
  const { send, lines } = newApp();
  const response = await send("GET", "/broken");
  expect(response.status).toBe(500);
  const text = await response.clone().text();
  expect(text).not.toContain("hunter2");
  expect((await problemOf(response)).code).toBe("platform.internal");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("unhandled");
  expect(lines[0]).not.toContain("person@example.com");
});

test("a code that no catalog declares is a bug", async () => {
  expect((await newApp().send("GET", "/undeclared")).status).toBe(500);
});

test("an unknown path is a problem document", async () => {
  const { send } = newApp();
  expect(await problemOf(await send("GET", "/nowhere"))).toMatchObject({ status: 404, code: "request.not_found" });
});

test.each(["{", "[1,", '{"name":}', "\u0000", "{'name':'x'}"])("the body %j is malformed", async (body) => {
  const response = await newApp().send("POST", "/things", body, { "content-type": "application/json" });
  expect(await problemOf(response)).toMatchObject({ status: 400, code: "request.malformed_json" });
});

test.each([
  ["{}", [["name", "invalid_type"]]],
  ['{"name":1}', [["name", "invalid_type"]]],
  ['{"name":""}', [["name", "too_small"]]],
  ['{"name":"a","items":[{"quantity":1},{"quantity":0}]}', [["items.1.quantity", "too_small"]]],
  ['{"name":"a","items":[{"quantity":1e400}]}', [["items.0.quantity", "invalid_type"]]],
  [
    '{"name":"a","role":"x","admin":1}',
    [
      ["role", "unrecognized_key"],
      ["admin", "unrecognized_key"],
    ],
  ],
  ['{"name":"a","items":[{"quantity":1,"price":0}]}', [["items.0.price", "unrecognized_key"]]],
  ['{"name":"a","__proto__":{"x":1}}', [["__proto__", "unrecognized_key"]]],
  ["[]", [["body", "invalid_type"]]],
  ["null", [["body", "invalid_type"]]],
])("the body %s names each fault by its path", async (body, faults) => {
  const response = await newApp().send("POST", "/things", body);
  const problem = await problemOf(response);
  expect({ status: problem.status, code: problem.code }).toEqual({ status: 422, code: "request.invalid" });
  expect(problem.errors?.map(({ path, code }) => [path, code])).toEqual(faults);
});

test("faults past the fiftieth are not listed", async () => {
  const items = Array.from({ length: 200 }, () => ({ quantity: 0 }));
  const problem = await problemOf(await newApp().send("POST", "/things", JSON.stringify({ name: "a", items })));
  expect(problem.errors).toHaveLength(50);
});

test.each([
  ["text/plain", 415],
  ["application/x-www-form-urlencoded", 415],
  ["multipart/form-data; boundary=x", 415],
  ["application/jsonp", 415],
  ["application/json", 201],
  ["application/json; charset=utf-8", 201],
  ["application/merge-patch+json", 201],
])("a body of type %s is answered %d", async (type, status) => {
  const response = await newApp().send("POST", "/things", '{"name":"a"}', { "content-type": type });
  expect(response.status).toBe(status);
});

test("paths that take raw bodies take any type", async () => {
  const response = await newApp().send("POST", "/upload", "bytes", { "content-type": "image/png" });
  expect(await response.text()).toBe("bytes");
});

test("where a form is due, nothing else is a body, and no field comes twice", async () => {
  const { send, lines } = newApp();
  const post = (body: string, type: string) => send("POST", "/form", body, { "content-type": type });
  const form = "application/x-www-form-urlencoded";
  expect(await (await post("name=a&more=b", form)).json()).toEqual({ name: "a" });
  for (const type of ["text/plain", "application/json", "application/x-www-form-urlencodedx"]) {
    expect(await problemOf(await post("name=a", type))).toMatchObject({
      status: 415,
      code: "request.unsupported_media_type",
    });
  }
  expect(await problemOf(await post("name=a&name=b", form))).toMatchObject({ status: 422, code: "request.invalid" });
  expect(lines).toEqual([]);
});

test("query parameters are named with their place", async () => {
  const { send } = newApp();
  expect(await (await send("GET", "/things?limit=7")).json()).toEqual({ limit: 7 });
  const problem = await problemOf(await send("GET", "/things?limit=0&sort=x"));
  expect(problem.errors?.map((fault) => fault.path).sort()).toEqual(["query.limit", "query.sort"]);
});

test("an id in a path that cannot exist is absent", async () => {
  const { send } = newApp();
  expect(await problemOf(await send("DELETE", "/things/x"))).toMatchObject({ status: 404, code: "request.not_found" });
  expect((await send("DELETE", "/things/1")).status).toBe(204);
});

test("the outbox is drained behind every request that may have written, and behind no other", async () => {
  const { send, drained, settle } = newApp();
  await send("GET", "/things");
  expect(drained).not.toHaveBeenCalled();
  await send("POST", "/things", '{"name":"a"}');
  await settle();
  expect(drained).toHaveBeenCalledTimes(1);
});

test.each(["", "a b", "x".repeat(129), "<script>", "a;b"])(
  "the request id %j is replaced by a new one",
  async (sent) => {
    const response = await newApp().send("GET", "/things", undefined, { "x-request-id": sent });
    const given = response.headers.get("x-request-id") ?? "";
    expect(isId("message", given.replace("req_", "msg_"))).toBe(true);
  },
);

test("a well-formed request id is kept", async () => {
  const id = newId("message", 1);
  const response = await newApp().send("GET", "/things", undefined, { "x-request-id": id });
  expect(response.headers.get("x-request-id")).toBe(id);
});

test("a call without a credential is anonymous", async () => {
  expect(await (await newApp().send("GET", "/actor")).json()).toEqual({ kind: "anonymous" });
});

test("no JSON value makes the app answer 500", async () => {
  const { send } = newApp();
  await fc.assert(
    fc.asyncProperty(fc.json(), async (body) => {
      const response = await send("POST", "/things", body);
      expect([201, 422]).toContain(response.status);
    }),
    { numRuns: 200 },
  );
});

test("no text makes the app answer 500", async () => {
  const { send } = newApp();
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: codeUnit, minLength: 1 }), async (body) => {
      expect([201, 400, 422]).toContain((await send("POST", "/things", body)).status);
    }),
    { numRuns: 200 },
  );
});

test("a POST without a body passes, though it arrives as a stream of nothing", async () => {
  const app = createApp<Deps>({
    errors,
    provide: () => ({ drained: () => {} }),
    logger: createLogger("test", { write: () => {} }),
  });
  app.post("/act", (c) => c.json({ done: true }));
  const nothing = () => new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
  for (const headers of [{}, { "content-length": "0" }]) {
    // Node asks for `duplex` with a stream; the runtime that serves this does not.
    const init = { method: "POST", headers, body: nothing(), duplex: "half" };
    const response = await app.fetch(new Request("https://test/act", init), {});
    expect(response.status).toBe(200);
  }
});

test.each([
  [new Error("D1_ERROR: Network connection lost."), 503],
  [new Error("D1_ERROR: D1 DB is overloaded. Requests queued for too long."), 503],
  [new Error("Internal error in D1 DB storage caused object to be reset."), 503],
  [Object.assign(new Error("the object moved"), { retryable: true }), 503],
  [Object.assign(new Error("too many"), { overloaded: true }), 503],
  [new Error("D1_ERROR: no such column: nickname: SQLITE_ERROR"), 500],
  [new TypeError("x is not a function"), 500],
])("%s is answered with %i, and with nothing of the fault", async (thrown, status) => {
  const app = createApp<Deps>({
    errors,
    provide: () => ({ drained: () => {} }),
    logger: createLogger("test", { write: () => {} }),
  });
  app.get("/", () => {
    throw thrown;
  });
  const response = await app.fetch(new Request("https://test/"), {});
  expect(response.status).toBe(status);
  expect(response.headers.get("retry-after")).toBe(status === 503 ? "2" : null);
  expect(await response.text()).not.toContain(thrown.message);
});
