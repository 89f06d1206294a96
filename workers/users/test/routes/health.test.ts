import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";

test("readiness names each store and how long it took", async () => {
  const response = await exports.default.fetch("https://users/health/ready");
  expect(response.status).toBe(200);
  const report = await response.json();
  expect(report).toMatchObject({
    status: "ok",
    checks: [
      { name: "database", ok: true },
      { name: "signingKeys", ok: true },
      { name: "identityProviders", ok: true },
    ],
  });
});
