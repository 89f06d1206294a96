import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";

test("liveness answers without asking any worker", async () => {
  const response = await exports.default.fetch("https://api.example/health");
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: "ok" });
});

test("the reference page's renderer is served from the worker's own files", async () => {
  const response = await exports.default.fetch("https://api.example/docs/swagger-ui-bundle.js");
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toContain("javascript");
  expect((await response.text()).length).toBeGreaterThan(1_000_000);
});
