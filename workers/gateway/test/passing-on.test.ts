import { env } from "cloudflare:workers";
import { limits } from "@foyer/kernel/limits";
import { describe, expect, test } from "vitest";
import { answering, call, told } from "./call.ts";

describe("requests", () => {
  test("arrive at the worker of their path as they were sent", async () => {
    const seen = await told("/v1/orders?limit=3", {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": "k", authorization: "Bearer t" },
      body: "{}",
    });
    expect(seen).toMatchObject({
      worker: "bookings",
      method: "POST",
      path: "/v1/orders",
      search: "?limit=3",
      bytes: 2,
    });
    expect(seen.headers).toMatchObject({ "idempotency-key": "k", authorization: "Bearer t" });
  });

  test.each(["foyer-sold-out", "x-foyer-actor", "Foyer-Anything"])(
    "cannot carry the internal header %s",
    async (name) => {
      const seen = await told("/v1/events", { headers: { [name]: "forged", "x-kept": "1" } });
      expect(seen.headers).not.toHaveProperty(name.toLowerCase());
      expect(seen.headers).toMatchObject({ "x-kept": "1" });
    },
  );

  test("to paths that nobody owns are 404, and no worker hears of them", async () => {
    for (const path of ["/", "/v1/unknown", "/health/ready/", "/v1/admin", "/getJwks"]) {
      const response = await call(path);
      expect(response.status, path).toBe(404);
      expect(await response.json()).toMatchObject({ code: "request.not_found", status: 404 });
    }
  });

  test("cannot reach a worker's own readiness through a path that climbs", async () => {
    for (const path of ["/v1/events/../../health/ready", "/v1/events/%2e%2e/%2e%2e/health/ready"]) {
      const response = await call(path);
      expect(await response.json(), path).toHaveProperty("workers"); // the gateway's own
    }
  });
});

describe("answers", () => {
  test("keep status, body and headers, and lose internal headers", async () => {
    const response = await call("/v1/events", {
      headers: answering({
        status: 418,
        headers: { etag: '"1"', "x-foyer-cache": "hit", "foyer-sold-out": "tt_1" },
        body: "tea",
      }),
    });
    expect(response.status).toBe(418);
    expect(await response.text()).toBe("tea");
    expect(response.headers.get("etag")).toBe('"1"');
    expect([...response.headers.keys()].filter((name) => name.includes("foyer"))).toEqual([]);
  });

  test("that redirect reach the caller and are not followed", async () => {
    const response = await call("/v1/auth/oauth/google/callback", {
      headers: answering({ status: 302, headers: { location: "https://tickets.example/back" } }),
    });
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe("https://tickets.example/back");
  });

  test.each([204, 304])("without a body stay without one: %i", async (status) => {
    const response = await call("/v1/events", { headers: answering({ status }) });
    expect(response.status).toBe(status);
    expect(await response.text()).toBe("");
  });

  test("carry the headers that browsers need to be safe", async () => {
    for (const path of ["/v1/events", "/v1/unknown", "/health"]) {
      const { headers } = await call(path);
      expect(headers.get("strict-transport-security"), path).toMatch(/^max-age=\d{8}/);
      expect(headers.get("x-content-type-options"), path).toBe("nosniff");
      expect(headers.get("x-frame-options"), path).toBe("DENY");
      expect(headers.get("referrer-policy"), path).toBe("no-referrer");
      expect(headers.get("content-security-policy"), path).toBe("default-src 'none'; frame-ancestors 'none'");
      expect(headers.get("cross-origin-resource-policy"), path).toBe("same-origin");
      expect(headers.get("permissions-policy"), path).toContain("camera=()");
    }
  });

  test.each(["/v1/media/med_1", "/v1/avatars/ava_1"])(
    "with pictures (%s) may be shown by other sites",
    async (path) => {
      const { headers } = await call(path);
      expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
    },
  );

  test("of a live view are a socket that carries messages both ways", async () => {
    const response = await call("/v1/events/evt_1/availability/live", { headers: { upgrade: "websocket" } });
    expect(response.status).toBe(101);
    expect(response.headers.has("foyer-secret")).toBe(false);
    const socket = response.webSocket;
    if (socket === null) throw new Error("no socket");
    socket.accept();
    const heard = new Promise((resolve) => socket.addEventListener("message", (event) => resolve(event.data)));
    socket.send("hello");
    expect(await heard).toBe("heard hello");
    socket.close();
  });
});

describe("request ids", () => {
  test("that are well-formed are kept, passed on and returned", async () => {
    const response = await call("/v1/events", { headers: { "x-request-id": "trace-1:2.3_4" } });
    expect(response.headers.get("x-request-id")).toBe("trace-1:2.3_4");
    expect((await told("/v1/events", { headers: { "x-request-id": "trace-2" } })).headers).toMatchObject({
      "x-request-id": "trace-2",
    });
  });

  test.each(["", "with space", "<script>", "x".repeat(129)])("that are not (%j) are replaced", async (sent) => {
    const response = await call("/v1/events", { headers: { "x-request-id": sent } });
    expect(response.headers.get("x-request-id")).toMatch(/^req_[0-9a-z]{26}$/);
  });

  test("are in every refusal, body and header alike", async () => {
    const response = await call("/nowhere", { headers: { "x-request-id": "r-404" } });
    expect(response.headers.get("x-request-id")).toBe("r-404");
    expect(await response.json()).toMatchObject({ requestId: "r-404" });
  });
});

test("a worker that is down is 503 with Retry-After, and says nothing of why", async () => {
  const response = await call("/v1/search/events", { headers: answering({ fault: "throw" }) });
  expect(response.status).toBe(503);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  const problem = await response.text();
  expect(JSON.parse(problem)).toMatchObject({ code: "platform.unavailable", status: 503 });
  expect(problem).not.toContain("down");
});

test("a fault page of what runs a worker does not reach the caller", async () => {
  const headers = answering({ status: 500, headers: { "content-type": "text/html" }, body: "<h1>stack</h1>" });
  const response = await call("/v1/search/events", { headers });
  expect(response.status).toBe(503);
  expect(await response.text()).not.toContain("stack");
});

test("a worker's own fault is passed on as it is", async () => {
  const problem = { code: "platform.internal", status: 500, requestId: "r" };
  const headers = answering({ status: 500, headers: { "content-type": "application/problem+json" }, body: problem });
  const response = await call("/v1/search/events", { headers });
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual(problem);
});

describe("bodies", () => {
  const json = { "content-type": "application/json" };
  const chunked = (bytes: number) =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (let left = bytes; left > 0; left -= 65_536) controller.enqueue(new Uint8Array(Math.min(left, 65_536)));
        controller.close();
      },
    });

  test("of the limit pass, of one byte more are 413", async () => {
    const fits = await told("/v1/events", { method: "POST", headers: json, body: "x".repeat(limits.bodyBytesMax) });
    expect(fits.bytes).toBe(limits.bodyBytesMax);
    const requestId = crypto.randomUUID();
    const response = await call("/v1/orders", {
      method: "POST",
      headers: { ...json, "x-request-id": requestId },
      body: "x".repeat(limits.bodyBytesMax + 1),
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: "request.too_large" });
    expect(await env.BOOKINGS.testSeen(requestId)).toBe(0);
  });

  test("that do not say their length are counted: below, at and above the limit", async () => {
    for (const bytes of [10, limits.bodyBytesMax]) {
      const seen = await told("/v1/events", { method: "POST", headers: json, body: chunked(bytes) });
      expect(seen.bytes).toBe(bytes);
    }
    const response = await call("/v1/events", {
      method: "POST",
      headers: json,
      body: chunked(limits.bodyBytesMax + 1),
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: "request.too_large" });
  });

  test.each([
    ["/v1/events/evt_1/media", limits.videoBytesMax],
    ["/v1/users/profile/avatar", limits.imageBytesMax],
    ["/v1/events/evt_1/media/uploads/upl_1/parts/1", limits.uploadPartBytes],
  ])("of files sent to %s have a larger limit of their own", async (path, bytesMax) => {
    const headers = { "content-type": "image/png" };
    const seen = await told(path, { method: "POST", headers, body: new Uint8Array(limits.bodyBytesMax + 1) });
    expect(seen.bytes).toBe(limits.bodyBytesMax + 1);
    let left = bytesMax + 1;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left === 0) return controller.close();
        const length = Math.min(left, 1_048_576);
        left -= length;
        controller.enqueue(new Uint8Array(length));
      },
    });
    expect((await call(path, { method: "POST", headers, body })).status).toBe(413);
  });

  test.each(["gzip", "br", "deflate", "gzip, identity"])("encoded as %s are 415", async (encoding) => {
    const response = await call("/v1/events", {
      method: "POST",
      headers: { ...json, "content-encoding": encoding },
      body: "{}",
    });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ code: "request.unsupported_media_type" });
  });
});
