import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createDeps } from "../../src/deps.ts";

test("readiness names each store and whether mail is configured", async () => {
  const response = await exports.default.fetch("https://notifications/health/ready");
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    status: "ok",
    checks: [
      { name: "database", ok: true },
      { name: "mail", ok: true },
    ],
  });
});

test.each([
  ["an unknown provider", { MAIL_PROVIDER: "pigeon" }],
  ["a sender that is no mailbox", { MAIL_FROM: "Foyer" }],
  ["a sender with a line break", { MAIL_FROM: "Foyer\r\nBcc: all@example.com <tickets@foyer.example>" }],
  ["Resend without a key", { MAIL_PROVIDER: "resend" }],
  ["Resend without an address", { MAIL_PROVIDER: "resend", RESEND_API_KEY: "re_test_key", RESEND_API_URL: "api" }],
])("readiness fails with %s", async (_, over) => {
  const report = await createDeps({ ...env, ...over }).health();
  expect(report.status).toBe("failing");
  expect(report.checks.find((check) => check.name === "mail")?.ok).toBe(false);
});
