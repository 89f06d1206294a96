import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { createDeps } from "../src/deps.ts";
import { html, prose } from "../src/reference/html.ts";
import { renderReference } from "../src/reference/page.ts";
import { exampleOf } from "../src/reference/schemas.ts";
import { checkReadiness } from "../src/service/check-readiness.ts";
import { call } from "./call.ts";

describe("health", () => {
  test("of the gateway alone needs no worker", async () => {
    const response = await call("/health");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: "ok" });
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("of everything names each worker, its checks and how long they took", async () => {
    const response = await call("/health/ready");
    expect(response.status).toBe(200);
    const { status, workers } = await response.json<Awaited<ReturnType<typeof checkReadiness>>>();
    expect(status).toBe("ok");
    expect(Object.keys(workers)).toEqual([
      "users",
      "events",
      "bookings",
      "payments",
      "notifications",
      "search",
      "analytics",
    ]);
    for (const worker of Object.values(workers)) {
      expect(worker).toEqual({
        status: "ok",
        durationMs: expect.any(Number),
        checks: [{ name: "database", ok: true, durationMs: 1 }],
      });
    }
  });

  test("is 503 while one worker fails, and says which", async () => {
    await env.SEARCH.testFailReadiness(true);
    try {
      const response = await call("/health/ready");
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBe("5");
      expect(await response.json()).toMatchObject({
        status: "failing",
        workers: { search: { status: "failing", checks: [{ name: "database", ok: false }] }, users: { status: "ok" } },
      });
    } finally {
      await env.SEARCH.testFailReadiness(false);
    }
  });

  test("counts a worker that is down, silent or speaks nonsense as failing, and does not wait for it", async () => {
    const write = vi.spyOn(console, "warn").mockImplementation(() => {});
    vi.useFakeTimers();
    try {
      const deps = createDeps(env);
      const answer = checkReadiness(
        {
          ...deps,
          workers: {
            ...deps.workers,
            USERS: { fetch: () => Promise.reject(new Error("down")) },
            EVENTS: { fetch: () => new Promise<Response>(() => {}) },
            BOOKINGS: { fetch: async () => Response.json({ status: "ok" }) },
            PAYMENTS: { fetch: async () => new Response("<html>") },
            NOTIFICATIONS: { fetch: async () => Response.json({ checks: [] }) },
            SEARCH: { fetch: async () => Response.json({ checks: [] }) },
            ANALYTICS: { fetch: async () => Response.json({ checks: [] }) },
          },
        },
        "r",
      );
      await vi.advanceTimersByTimeAsync(5_000);
      const { status, workers } = await answer;
      expect(status).toBe("failing");
      expect(Object.entries(workers).map(([name, worker]) => [name, worker.status])).toEqual([
        ["users", "failing"],
        ["events", "failing"],
        ["bookings", "failing"],
        ["payments", "failing"],
        ["notifications", "ok"],
        ["search", "ok"],
        ["analytics", "ok"],
      ]);
    } finally {
      vi.useRealTimers();
      write.mockRestore();
    }
  });
});

describe("the reference", () => {
  test("is OpenAPI 3.1 that names the gateway's own paths", async () => {
    const response = await call("/openapi.json");
    expect(response.headers.get("content-type")).toBe("application/json");
    const document = await response.json<{ openapi: string; paths: object }>();
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toContain("/health/ready");
  });

  test("as a page shows every operation and needs neither script nor another server", async () => {
    const response = await call("/docs");
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'; style-src 'self'");
    const page = await response.text();
    const { paths } = await (await call("/openapi.json")).json<{
      paths: Record<string, Record<string, { operationId: string }>>;
    }>();
    for (const { operationId } of Object.values(paths).flatMap((item) => Object.values(item)))
      expect(page).toContain(`<article id="${operationId}">`);
    expect(page).not.toMatch(/<script|<style|(?:src|href)="(?:https?:)?\/\//);
    const style = await call("/docs/style.css");
    expect(style.headers.get("content-type")).toBe("text/css; charset=utf-8");
  });

  test("links only to what is on it", async () => {
    const page = await (await call("/docs")).text();
    const anchors = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const missing = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id).filter((id) => !anchors.has(id));
    expect(missing).toEqual([]);
  });

  test("shows markup in descriptions as text", () => {
    const evil = `<script>alert("1")</script> & 'x'`;
    expect(html`${evil}`.markup).toBe("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;");
    expect(prose("a `<b>` **c**").markup).toBe("a <code>&lt;b&gt;</code> <strong>c</strong>");
    const page = renderReference({
      info: { title: evil, version: "1" },
      paths: {
        "/x": { get: { summary: evil, tags: [evil], parameters: [{ name: evil, in: "query", description: evil }] } },
      },
    });
    expect(page).not.toContain("<script");
  });

  test("gives examples that have what is required, and ends for schemas that contain themselves", () => {
    const schema = { $ref: "#/components/schemas/Node" };
    const document = {
      info: { title: "t", version: "1" },
      paths: {},
      components: {
        schemas: {
          Node: {
            type: "object",
            required: ["id", "count", "child"],
            properties: {
              id: { type: "string", pattern: "^tt_[a-z]{26}$" },
              count: { type: "integer", minimum: 3 },
              note: { type: "string" },
              child: schema,
            },
          },
        },
      },
    };
    expect(exampleOf(schema, document)).toMatchObject({ id: "tt_...", count: 3, child: { id: "tt_..." } });
    expect(exampleOf(schema, document)).not.toHaveProperty("note");
  });
});

test("what the gateway answers itself is for reading only", async () => {
  for (const path of ["/health", "/openapi.json", "/docs"]) {
    expect((await call(path, { method: "HEAD" })).status, path).toBe(200);
    expect((await call(path, { method: "POST" })).status, path).toBe(404);
  }
});
