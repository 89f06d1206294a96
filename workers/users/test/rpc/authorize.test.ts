import type { Actor } from "@foyer/contracts/shared/actor";
import { type Permission, permissions, type Role, roles } from "@foyer/contracts/shared/permissions";
import { newId } from "@foyer/kernel/ids";
import { expect, test } from "vitest";
import {
  addMember,
  newOrganization,
  newPerson,
  newVerifiedPerson,
  systemCall,
  userCall,
  usersRpc,
} from "../support/people.ts";

/** What each role may do, written out again here, so that an edit of the table needs a second thought. */
const allowed: Readonly<Record<Role, string>> = {
  owner:
    "organization.read organization.write organization.delete organization.transfer members.write apikeys.read apikeys.write audit.read events.read events.write events.publish sales.read sales.write orders.read orders.write payments.read payments.refund checkins.read checkins.write analytics.read",
  admin:
    "organization.read organization.write members.write apikeys.read apikeys.write audit.read events.read events.write events.publish sales.read sales.write orders.read orders.write payments.read payments.refund checkins.read checkins.write analytics.read",
  manager:
    "organization.read events.read events.write events.publish sales.read sales.write orders.read orders.write payments.read checkins.read checkins.write analytics.read",
  finance: "organization.read events.read sales.read orders.read payments.read payments.refund analytics.read",
  support:
    "organization.read events.read sales.read orders.read orders.write checkins.read checkins.write analytics.read",
  door: "organization.read events.read sales.read checkins.read checkins.write",
};

test.each(roles)("%s may do what the table says and nothing else", async (role) => {
  const owner = await newVerifiedPerson();
  const { id: organizationId } = await newOrganization(owner);
  const member = role === "owner" ? owner : await newPerson();
  if (role !== "owner") await addMember(organizationId, member.user.id, role);
  const granted: Permission[] = [];
  for (const permission of permissions) {
    const result = await usersRpc.authorize(userCall(member.user.id), { organizationId, permission });
    if (result.ok) {
      expect(result.value).toEqual({ organizationId, role });
      granted.push(permission);
    } else expect(result.error.code).toBe("auth.forbidden");
  }
  expect(granted.sort()).toEqual(allowed[role].split(" ").sort());
});

const someone = newId("user", 1);
const known = { emailVerified: true, authenticatedAtMs: Date.now(), impersonatorId: null } as const;
const anyone: readonly (readonly [string, Actor, string])[] = [
  ["nobody known", { kind: "anonymous" }, "auth.required"],
  [
    "a user of no organization",
    { kind: "user", userId: someone, sessionId: "ses_1", ...known, platformAdmin: false },
    "users.organization_not_found",
  ],
  [
    "a platform's administrator",
    { kind: "user", userId: someone, sessionId: "ses_1", ...known, platformAdmin: true },
    "users.organization_not_found",
  ],
  [
    "another organization's key",
    { kind: "api_key", keyId: "key_1", organizationId: newId("organization", 1), scopes: [...permissions] },
    "users.organization_not_found",
  ],
];

test.each(anyone)("%s is refused every permission", async (_, actor, code) => {
  const { id: organizationId } = await newOrganization(await newVerifiedPerson());
  for (const permission of permissions) {
    const result = await usersRpc.authorize({ actor, requestId: "req_test" }, { organizationId, permission });
    expect(result).toMatchObject({ ok: false, error: { code } });
  }
});

test("the platform's own clockwork acts as owner", async () => {
  const organizationId = newId("organization", Date.now());
  expect(await usersRpc.authorize(systemCall, { organizationId, permission: "payments.refund" })).toEqual({
    ok: true,
    value: { organizationId, role: "owner" },
  });
});

test("a permission that nobody declared is refused, to the clockwork as well", async () => {
  const input = { organizationId: newId("organization", 1), permission: "everything" as Permission };
  expect(await usersRpc.authorize(systemCall, input)).toMatchObject({ error: { code: "request.invalid" } });
});

test("contacts are for workers, known ids only, a hundred at a time", async () => {
  const { user, email } = await newVerifiedPerson();
  const unknown = newId("user", 1);
  expect(await usersRpc.getContacts(systemCall, { userIds: [user.id, unknown] })).toEqual({
    ok: true,
    value: [{ userId: user.id, email, name: user.name, emailVerified: true }],
  });
  expect(await usersRpc.getContacts(userCall(user.id), { userIds: [user.id] })).toMatchObject({
    error: { code: "auth.forbidden" },
  });
  const many = Array.from({ length: 101 }, () => unknown);
  expect(await usersRpc.getContacts(systemCall, { userIds: many })).toMatchObject({
    error: { code: "request.invalid" },
  });
  expect(await usersRpc.getContacts(systemCall, { userIds: many.slice(1) })).toEqual({ ok: true, value: [] });
});

test("names of organizations are public, unknown ids left out", async () => {
  const { id, slug } = await newOrganization(await newVerifiedPerson(), "Opera House");
  const call = { actor: { kind: "anonymous" }, requestId: "req_test" } as const;
  expect(await usersRpc.getOrganizations(call, { organizationIds: [id, newId("organization", 1)] })).toEqual({
    ok: true,
    value: [{ id, name: "Opera House", slug }],
  });
});

test("an organization's public face is found by id and slug, and says no more than what it shows to everyone", async () => {
  const { id, slug } = await newOrganization(await newVerifiedPerson(), "Concert Hall");
  const call = { actor: { kind: "anonymous" }, requestId: "req_test" } as const;
  const face = { id, slug, name: "Concert Hall", description: "", website: null, contactEmail: null };
  expect(await usersRpc.findOrganization(call, { idOrSlug: id })).toEqual({ ok: true, value: face });
  expect(await usersRpc.findOrganization(call, { idOrSlug: slug })).toEqual({ ok: true, value: face });
  for (const idOrSlug of [newId("organization", 1), `${slug}-2`, "%", "ORG"]) {
    expect(await usersRpc.findOrganization(call, { idOrSlug })).toMatchObject({
      error: { code: "users.organization_not_found" },
    });
  }
  expect(await usersRpc.findOrganization(call, { idOrSlug: "" })).toMatchObject({ error: { code: "request.invalid" } });
});

test("the keys that peers verify by are those that are published", async () => {
  expect(await usersRpc.getJwks()).toMatchObject({ keys: [{ kid: "test-1", alg: "EdDSA" }] });
  expect(JSON.stringify(await usersRpc.getJwks())).not.toContain('"d"');
});
