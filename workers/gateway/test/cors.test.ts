import { describe, expect, test } from "vitest";
import { parseAllowedOrigins } from "../src/domain/cors.ts";
import { call } from "./call.ts";

const origin = "https://tickets.example";
const strangers = [
  "null",
  "https://evil.example",
  "http://tickets.example",
  "https://tickets.example.evil.example",
  "https://sub.tickets.example",
];
const preflight = (from: string) => ({
  method: "OPTIONS",
  headers: {
    origin: from,
    "access-control-request-method": "POST",
    "access-control-request-headers": "idempotency-key",
  },
});

describe("pages of an allowed origin", () => {
  test("may read answers and the headers they need, also to what they ask by cookies", async () => {
    for (const path of ["/v1/events", "/v1/unknown"]) {
      const { headers } = await call(path, { headers: { origin } });
      expect(headers.get("access-control-allow-origin")).toBe(origin);
      expect(headers.get("access-control-allow-credentials")).toBe("true");
      expect(headers.get("vary")).toContain("Origin");
      const exposed = headers.get("access-control-expose-headers")?.split(", ");
      for (const name of [
        "ETag",
        "X-Request-Id",
        "Idempotent-Replayed",
        "Retry-After",
        "RateLimit",
        "RateLimit-Policy",
      ])
        expect(exposed).toContain(name);
    }
  });

  test("are answered before they send, and may keep the answer", async () => {
    const response = await call("/v1/events/evt_1/reservations", preflight(origin));
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe(origin);
    expect(response.headers.get("access-control-allow-credentials")).toBe("true");
    expect(response.headers.get("access-control-allow-methods")).toContain("PATCH");
    expect(response.headers.get("access-control-allow-headers")).toContain("Idempotency-Key");
    expect(response.headers.get("access-control-allow-headers")).toContain("X-Event-Access");
    expect(Number(response.headers.get("access-control-max-age"))).toBeGreaterThan(0);
  });
});

describe.each(strangers)("a page of %s", (from) => {
  test("may read nothing", async () => {
    const response = await call("/v1/events", { headers: { origin: from } });
    expect(response.headers.has("access-control-allow-origin")).toBe(false);
    expect(response.headers.has("access-control-allow-credentials")).toBe(false);
    expect(response.headers.get("vary")).toContain("Origin");
  });

  test("is refused before it sends", async () => {
    const response = await call("/v1/events", preflight(from));
    expect(response.status).toBe(403);
    expect(response.headers.has("access-control-allow-origin")).toBe(false);
    expect(response.headers.has("access-control-allow-credentials")).toBe(false);
    expect(await response.json()).toMatchObject({ code: "gateway.origin_not_allowed" });
  });
});

test("neither a star nor null nor a path can be put on the list", () => {
  const list =
    "*, null, https://*.example, https://a.example/path, ftp://b.example, https://c.example/, HTTP://D.example:81";
  expect([...parseAllowedOrigins(list)]).toEqual(["https://c.example", "http://d.example:81"]);
});
