import type { Actor, UserActor } from "@foyer/contracts/shared/actor";
import { permissions, rolePermissions, roles } from "@foyer/contracts/shared/permissions";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { expect, test } from "vitest";
import {
  requireFresh,
  requireIdentity,
  requirePlatformAdmin,
  requireSelf,
  requireSystem,
  requireUser,
  roleAllows,
} from "../src/guards.ts";

const user: UserActor = {
  kind: "user",
  userId: newId("user", 1),
  sessionId: "ses_1",
  emailVerified: true,
  platformAdmin: false,
  authenticatedAtMs: 1_000_000,
  impersonatorId: null,
};
const actors = {
  anonymous: { kind: "anonymous" },
  user,
  administrator: { ...user, platformAdmin: true },
  key: { kind: "api_key", keyId: "key_1", organizationId: newId("organization", 1), scopes: [] },
  system: { kind: "system", name: "bookings" },
} as const satisfies Record<string, Actor>;

const answers = {
  requireUser: {
    anonymous: "auth.required",
    user: "ok",
    administrator: "ok",
    key: "auth.required",
    system: "auth.required",
  },
  requireIdentity: {
    anonymous: "auth.required",
    user: "ok",
    administrator: "ok",
    key: "ok",
    system: "auth.required",
  },
  requirePlatformAdmin: {
    anonymous: "auth.required",
    user: "auth.forbidden",
    administrator: "ok",
    key: "auth.required",
    system: "auth.required",
  },
  requireSystem: {
    anonymous: "auth.forbidden",
    user: "auth.forbidden",
    administrator: "auth.forbidden",
    key: "auth.forbidden",
    system: "ok",
  },
} as const;
const guards = { requireUser, requireIdentity, requirePlatformAdmin, requireSystem };

test.each(
  Object.entries(answers).flatMap(([guard, row]) =>
    Object.entries(row).map(([actor, answer]) => [guard, actor, answer] as const),
  ),
)("%s answers %s with %s", (guard, actor, answer) => {
  const result = guards[guard as keyof typeof guards](actors[actor as keyof typeof actors]);
  expect(result.ok ? "ok" : result.error.code).toBe(answer);
  if (result.ok) expect(result.value).toEqual(actors[actor as keyof typeof actors]);
});

test("a role allows what its row of the table lists, and nothing else", () => {
  for (const role of roles) {
    const allowed = permissions.filter((permission) => roleAllows(role, permission));
    expect(allowed).toEqual(permissions.filter((permission) => rolePermissions[role].has(permission)));
  }
});

test("only owners may delete an organization, and no role below admin may manage its members", () => {
  expect(roles.filter((role) => roleAllows(role, "organization.delete"))).toEqual(["owner"]);
  expect(roles.filter((role) => roleAllows(role, "members.write"))).toEqual(["owner", "admin"]);
});

test("only those who handle money may refund it", () => {
  expect(roles.filter((role) => roleAllows(role, "payments.refund"))).toEqual(["owner", "admin", "finance"]);
});

const freshMs = limits.stepUpFreshSeconds * 1000;

test("a proof is fresh for its time and not a moment longer", () => {
  expect(requireFresh(user, user.authenticatedAtMs + freshMs).ok).toBe(true);
  expect(requireFresh(user, user.authenticatedAtMs + freshMs + 1)).toMatchObject({
    error: { code: "auth.step_up_required", extra: { maxAgeSeconds: limits.stepUpFreshSeconds } },
  });
});

test("programs are not asked for a proof, and nobody unknown is let through", () => {
  expect(requireFresh(actors.key, Number.MAX_SAFE_INTEGER).ok).toBe(true);
  expect(requireFresh(actors.system, Number.MAX_SAFE_INTEGER).ok).toBe(true);
  expect(requireFresh(actors.anonymous, 0)).toMatchObject({ error: { code: "auth.required" } });
});

test("whoever acts in another's place is never fresh, and never they", () => {
  const acting: UserActor = { ...user, impersonatorId: newId("user", 2) };
  expect(requireFresh(acting, user.authenticatedAtMs)).toMatchObject({ error: { code: "auth.impersonation_refused" } });
  expect(requireSelf(acting)).toMatchObject({ error: { code: "auth.impersonation_refused" } });
  expect(requireSelf(user)).toEqual({ ok: true, value: user });
  expect(requireSelf(actors.key)).toMatchObject({ error: { code: "auth.required" } });
});
