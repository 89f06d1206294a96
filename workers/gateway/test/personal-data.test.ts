import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { call } from "./call.ts";

const path = "/v1/users/profile/export";
const workers = ["users", "events", "bookings", "payments", "notifications"] as const;
const bindings = {
  users: env.USERS,
  events: env.EVENTS,
  bookings: env.BOOKINGS,
  payments: env.PAYMENTS,
  notifications: env.NOTIFICATIONS,
};

/** How the stub of each worker answers; its own part where nothing is said. */
type Answers = Partial<Record<(typeof workers)[number], { status: number; body?: unknown } | { fault: "throw" }>>;

function ask(answers: Answers = {}, init: RequestInit = {}): Promise<Response> {
  const told = Object.fromEntries(
    workers.map((worker) => [
      worker,
      answers[worker] ?? {
        status: 200,
        body: { generatedAt: "2026-11-23T19:00:00.000Z", parts: { [worker]: { of: worker } } },
      },
    ]),
  );
  return call(path, {
    ...init,
    headers: { authorization: "Bearer t", "test-answers": JSON.stringify(told), ...init.headers },
  });
}

describe("what the platform keeps about a person", () => {
  test("is one document of every worker's part, to be saved and kept by nobody else", async () => {
    const response = await ask();
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      generatedAt: "2026-11-23T19:00:00.000Z",
      parts: Object.fromEntries(workers.map((worker) => [worker, { of: worker }])),
    });
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="personal-data.json"');
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("is asked of each worker once, under the caller's own credential and the request's id", async () => {
    const requestId = crypto.randomUUID();
    await ask({}, { headers: { "x-request-id": requestId } });
    for (const worker of workers) expect([worker, await bindings[worker].testSeen(requestId)]).toEqual([worker, 1]);
  });

  test.each(workers)("is refused whole where %s does not answer", async (worker) => {
    const broken = [
      { fault: "throw" } as const,
      { status: 500, body: { code: "platform.internal" } },
      { status: 200, body: { generatedAt: "x", parts: {} } },
      { status: 200, body: { generatedAt: "x", parts: { [worker]: {}, another: {} } } },
      { status: 200, body: "<h1>not a part</h1>" },
      { status: 204 },
    ];
    for (const answer of broken) {
      const response = await ask({ [worker]: answer });
      expect([worker, answer, response.status]).toEqual([worker, answer, 503]);
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
      const text = await response.text();
      expect(JSON.parse(text)).toMatchObject({ code: "platform.unavailable" });
      expect(text).not.toContain('"of"');
    }
  });

  test.each(workers)("is refused as %s refuses it", async (worker) => {
    const body = { code: "auth.step_up_required", status: 401 };
    const response = await ask({ [worker]: { status: 401, body } });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual(body);
  });

  test("is asked of nobody else where users refuses", async () => {
    const requestId = crypto.randomUUID();
    await ask({ users: { status: 401, body: {} } }, { headers: { "x-request-id": requestId } });
    expect(await env.BOOKINGS.testSeen(requestId)).toBe(0);
  });

  test("is read, and nothing else, at this address", async () => {
    const head = await ask({}, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const requestId = crypto.randomUUID();
    await ask({}, { method: "DELETE", headers: { "x-request-id": requestId } });
    expect(await env.USERS.testSeen(requestId)).toBe(1);
    expect(await env.BOOKINGS.testSeen(requestId)).toBe(0);
  });
});
