import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { answerRequest } from "../src/app.ts";
import { createDeps, type Deps } from "../src/deps.ts";

afterEach(() => vi.restoreAllMocks());

/** The gateway with limits on, each of so many requests a client. */
function limited(quota: { readonly default: number; readonly auth: number }): Deps {
  const limiter = (max: number) => {
    const counts = new Map<string, number>();
    return {
      async limit({ key }: { key: string }) {
        const count = (counts.get(key) ?? 0) + 1;
        counts.set(key, count);
        return { success: count <= max };
      },
    };
  };
  const policy = `"default";q=${quota.default};w=60, "auth";q=${quota.auth};w=60`;
  return {
    ...createDeps({ ...env, RATE_LIMITS: policy }),
    limiters: { default: limiter(quota.default), auth: limiter(quota.auth) },
  };
}

const request = (path: string, address: string, init: RequestInit = {}) =>
  new Request(`https://api.example${path}`, { ...init, headers: { "cf-connecting-ip": address, ...init.headers } });

test("a client past its share is refused with the policy, others are not", async () => {
  const deps = limited({ default: 2, auth: 1 });
  const statuses = [];
  for (let index = 0; index < 3; index += 1)
    statuses.push((await answerRequest(deps, request("/v1/events", "203.0.113.1"))).status);
  expect(statuses).toEqual([200, 200, 429]);
  const refused = await answerRequest(deps, request("/v1/events", "203.0.113.1"));
  expect(await refused.json()).toMatchObject({ code: "request.limited", status: 429 });
  expect(refused.headers.get("retry-after")).toBe("60");
  expect(refused.headers.get("ratelimit")).toBe('"default";r=0;t=60');
  expect(refused.headers.get("ratelimit-policy")).toBe('"default";q=2;w=60, "auth";q=1;w=60');
  expect((await answerRequest(deps, request("/v1/events", "203.0.113.2"))).status).toBe(200);
});

test("a credential does not widen the share", async () => {
  const deps = limited({ default: 1, auth: 1 });
  await answerRequest(deps, request("/v1/events", "203.0.113.1"));
  const headers = { authorization: "Bearer anything" };
  expect((await answerRequest(deps, request("/v1/events", "203.0.113.1", { headers }))).status).toBe(429);
});

test("signing in has a share of its own, the stricter one", async () => {
  const deps = limited({ default: 100, auth: 1 });
  const login = () => answerRequest(deps, request("/v1/auth/login", "203.0.113.1", { method: "POST", body: "{}" }));
  expect((await login()).status).toBe(200);
  expect((await login()).status).toBe(429);
  expect((await answerRequest(deps, request("/v1/events", "203.0.113.1"))).status).toBe(200);
});

test("liveness is never refused", async () => {
  const deps = limited({ default: 0, auth: 0 });
  expect((await answerRequest(deps, request("/health", "203.0.113.1"))).status).toBe(200);
  expect((await answerRequest(deps, request("/health/ready", "203.0.113.1"))).status).toBe(429);
});

test("when the counter is down nobody is refused by it", async () => {
  const write = vi.spyOn(console, "warn").mockImplementation(() => {});
  const broken = { limit: async () => Promise.reject(new Error("counter down")) };
  const deps: Deps = { ...limited({ default: 1, auth: 1 }), limiters: { default: broken, auth: broken } };
  expect((await answerRequest(deps, request("/v1/events", "203.0.113.1"))).status).toBe(200);
  expect(String(write.mock.calls[0]?.[0])).toContain("rate limiter unavailable");
});

test("a fault of the gateway's own is a 500 with an id to ask about and nothing else", async () => {
  const write = vi.spyOn(console, "error").mockImplementation(() => {});
  const deps: Deps = {
    ...limited({ default: 1, auth: 1 }),
    clock: {
      nowMs: () => {
        throw new Error("clock broke");
      },
    },
  };
  const response = await answerRequest(
    deps,
    request("/health/ready", "203.0.113.9", { headers: { "x-request-id": "r-500" } }),
  );
  expect(response.status).toBe(500);
  const body = await response.text();
  expect(JSON.parse(body)).toMatchObject({ code: "platform.internal", requestId: "r-500" });
  expect(body).not.toContain("clock");
  expect(response.headers.get("x-request-id")).toBe("r-500");
  expect(String(write.mock.calls[0]?.[0])).toContain("clock broke");
});
