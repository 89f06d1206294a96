import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import configuration from "../../../../wrangler.toml?raw";
import { clientKeyOf } from "../../src/domain/clients.ts";
import { parseRateLimits, rateLimitOf, refusalHeaders } from "../../src/domain/rate-limits.ts";

test("what the configuration publishes is what its bindings count", () => {
  const published = /^RATE_LIMITS = '(.+)'$/m.exec(configuration)?.[1] ?? "";
  const policies = parseRateLimits(published);
  const bound = [...configuration.matchAll(/name = "(\w*RATE_LIMIT)"[^[]*?limit = (\d+), period = (\d+)/g)].map(
    ([, name, quota, windowSeconds]) => [name, Number(quota), Number(windowSeconds)],
  );
  const entry = (name: string, policy: { quota: number; windowSeconds: number } | undefined) => [
    name,
    policy?.quota,
    policy?.windowSeconds,
  ];
  expect(bound).toEqual([
    entry("RATE_LIMIT", policies?.byName.default),
    entry("AUTH_RATE_LIMIT", policies?.byName.auth),
  ]);
  expect(env.RATE_LIMITS).toBe("off");
});

test.each(["", "on", '"default";q=1;w=1'])(
  "the setting %j is refused, so that a mistake does not switch limits off",
  (text) => {
    expect(() => parseRateLimits(text)).toThrow(TypeError);
  },
);

test.each([
  ["POST", "/v1/auth/login", "auth"],
  ["POST", "/v1/auth/register", "auth"],
  ["POST", "/v1/auth/password/forgot", "auth"],
  ["POST", "/v1/auth/email/resend", "auth"],
  ["POST", "/v1/auth/password/reset", "auth"],
  ["POST", "/v1/auth/password/change", "auth"],
  ["POST", "/v1/auth/email/verify", "auth"],
  ["POST", "/v1/auth/email/change", "auth"],
  ["POST", "/v1/auth/email/confirm-change", "auth"],
  ["POST", "/v1/auth/mfa/verify", "auth"],
  ["POST", "/v1/auth/mfa/totp/confirm", "auth"],
  ["POST", "/v1/auth/passkeys/login/options", "auth"],
  ["POST", "/v1/auth/passkeys/login/verify", "auth"],
  ["POST", "/v1/auth/step-up", "auth"],
  ["POST", "/v1/auth/oauth/login", "auth"],
  ["POST", "/v1/auth/oauth/token", "auth"],
  ["POST", "/v1/events/evt_1/access", "auth"],
  ["POST", "/v1/events/evt_1/acc%65ss", "auth"],
  ["POST", "/v1/events/evt%5F1/access", "auth"],
  ["POST", "/v1/events/evt_1/access/else", "default"],
  ["POST", "/v1/events/evt_1/reservations", "default"],
  ["POST", "/v1/invitations/preview", "auth"],
  ["POST", "/v1/invitations/accept", "auth"],
  ["POST", "/v1/invitations/acc%65pt", "auth"],
  ["POST", "/v1/organizations/org_1/invitations", "default"],
  // Written otherwise, and the same to the worker that answers: paths are decoded there.
  ["POST", "/v1/auth/log%69n", "auth"],
  ["POST", "/v1/auth/%65mail/resend", "auth"],
  ["POST", "/v1/auth/oauth/l%6Fgin", "auth"],
  ["POST", "/v1/invitations/%61ccept", "auth"],
  ["POST", "/v1/auth/refresh", "default"],
  ["POST", "/v1/auth/loginx", "default"],
  ["POST", "/v1/auth/logout", "default"],
  ["POST", "/v1/auth/step-upx", "default"],
  ["POST", "/v1/auth/oauth/apple/callback", "default"],
  ["POST", "/v1/auth/passkeys/register/options", "default"],
  ["GET", "/v1/auth/oauth/providers", "default"],
  ["POST", "/v1/invitationsx/accept", "default"],
  ["POST", "/v1/organizations/org_1/invitations", "default"],
  ["GET", "/v1/auth/login", "default"],
  ["POST", "/v1/events/evt_1/reservations", "default"],
] as const)("%s %s falls under the limit %j", (method, path, name) => {
  expect(rateLimitOf(method, path)).toBe(name);
});

test("a refusal says the policy and when to come back", () => {
  const policies = parseRateLimits('"default";q=600;w=60, "auth";q=30;w=10');
  if (policies === null) throw new Error("limits are on");
  expect(refusalHeaders(policies, "auth")).toEqual({
    "retry-after": "10",
    "ratelimit-policy": '"default";q=600;w=60, "auth";q=30;w=10',
    ratelimit: '"auth";r=0;t=10',
  });
});

test.each([
  [null, "unknown"],
  ["203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::6", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
])("a client at %s is counted as %s", (address, key) => {
  expect(clientKeyOf(address)).toBe(key);
});
