import { env } from "cloudflare:workers";
import { newId } from "@foyer/kernel/ids";
import { expect, test } from "vitest";
import {
  type Account,
  actingAs,
  type House,
  impersonated,
  longAgo,
  newHouse,
  newMember,
  ownAsManyAsAllowed,
  rolesIn,
  trailOf,
} from "../support/house.ts";
import { addMember, expectProblem, send, userCall, usersRpc } from "../support/people.ts";

const change = (house: House, memberId: string, role: string, by: Account) =>
  send("PATCH", `${house.path}/members/${memberId}`, { role }, by.headers);
const remove = (house: House, memberId: string, by: Account) =>
  send("DELETE", `${house.path}/members/${memberId}`, undefined, by.headers);
const transfer = (house: House, memberId: string, by: Account) =>
  send("POST", `${house.path}/transfer`, { memberId }, by.headers);

test("a member's new role holds from the next request on, and the trail says who gave it in place of which", async () => {
  const house = await newHouse();
  const member = await newMember(house, "manager");
  const response = await change(house, member.memberId, "door", house.owner);
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.json()).toEqual({
    id: member.memberId,
    userId: member.userId,
    name: "Buyer One",
    email: member.email,
    role: "door",
    createdAt: expect.stringMatching(/Z$/),
  });
  const input = { organizationId: house.id, permission: "events.write" } as const;
  expect(await usersRpc.authorize(userCall(member.userId), input)).toMatchObject({ error: { code: "auth.forbidden" } });
  expect(await trailOf(house)).toEqual([
    {
      action: "member.role_changed",
      actorId: house.owner.userId,
      targetId: member.memberId,
      before: { userId: member.userId, role: "manager" },
      after: { userId: member.userId, role: "door" },
    },
  ]);
});

test("giving a member the role that they have changes nothing and notes nothing", async () => {
  const house = await newHouse();
  const member = await newMember(house, "door");
  expect((await change(house, member.memberId, "door", house.owner)).status).toBe(200);
  expect(await trailOf(house)).toEqual([]);
});

test("a member who is removed has no access any more, here and wherever authorize is asked", async () => {
  const house = await newHouse();
  const member = await newMember(house, "manager");
  expect((await remove(house, member.memberId, house.owner)).status).toBe(204);
  await expectProblem(await send("GET", house.path, undefined, member.headers), 404, "users.organization_not_found");
  const input = { organizationId: house.id, permission: "events.read" } as const;
  expect(await usersRpc.authorize(userCall(member.userId), input)).toMatchObject({
    error: { code: "users.organization_not_found" },
  });
  await expectProblem(await remove(house, member.memberId, house.owner), 404, "users.member_not_found");
  expect(await trailOf(house)).toEqual([
    {
      action: "member.removed",
      actorId: house.owner.userId,
      targetId: member.memberId,
      before: { userId: member.userId, role: "manager" },
      after: null,
    },
  ]);
});

test("everybody may leave by themselves, without a fresh proof, but nobody in their place", async () => {
  const house = await newHouse();
  const member = await newMember(house, "door");
  const acting = await actingAs(member, impersonated);
  await expectProblem(await remove(house, member.memberId, acting), 403, "auth.impersonation_refused");
  expect((await remove(house, member.memberId, await actingAs(member, longAgo))).status).toBe(204);
  expect(await rolesIn(house)).toEqual({ [house.owner.userId]: "owner" });
  expect(await trailOf(house)).toMatchObject([
    { action: "member.left", actorId: member.userId, targetId: member.memberId },
  ]);
});

test("the last owner cannot leave, and cannot be anything else", async () => {
  const house = await newHouse();
  const { owner } = house;
  await newMember(house, "admin");
  await expectProblem(await remove(house, owner.memberId, owner), 409, "users.last_owner");
  await expectProblem(await change(house, owner.memberId, "admin", owner), 403, "users.role_not_grantable");
  expect(await rolesIn(house)).toMatchObject({ [owner.userId]: "owner" });
  expect(await trailOf(house)).toEqual([]);
});

test("of two owners who leave at once exactly one does", async () => {
  const house = await newHouse();
  const second = await newMember(house, "owner");
  const answers = await Promise.all([house.owner, second].map((each) => remove(house, each.memberId, each)));
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
  expect(Object.values(await rolesIn(house))).toEqual(["owner"]);
  expect(await trailOf(house)).toHaveLength(1);
});

test.each([
  ["remove", (house: House, target: string, by: Account) => remove(house, target, by)],
  ["demote", (house: House, target: string, by: Account) => change(house, target, "door", by)],
])("of two owners who %s each other at once exactly one stays an owner", async (_, act) => {
  const house = await newHouse();
  const second = await newMember(house, "owner");
  const answers = await Promise.all([
    act(house, second.memberId, house.owner),
    act(house, house.owner.memberId, second),
  ]);
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  for (const { ok, status } of answers) if (!ok) expect([403, 404]).toContain(status);
  expect(Object.values(await rolesIn(house)).filter((role) => role === "owner")).toHaveLength(1);
  expect(await trailOf(house)).toHaveLength(1);
});

test("an admin who takes a member's role while an owner makes them an owner never takes an owner's", async () => {
  for (let round = 0; round < 5; round += 1) {
    const house = await newHouse();
    const admin = await newMember(house, "admin");
    const member = await newMember(house, "manager");
    const [promoted, removed] = await Promise.all([
      change(house, member.memberId, "owner", house.owner),
      remove(house, member.memberId, admin),
    ]);
    // Whichever came first: the owner is untouched, or there was nobody to promote.
    expect([promoted.status, removed.status]).toBeOneOf([
      [200, 403],
      [404, 204],
    ]);
    expect((await rolesIn(house))[member.userId]).toBe(promoted.ok ? "owner" : undefined);
  }
});

test("ownership passes in one change: the other is the owner and the former one an admin", async () => {
  const house = await newHouse();
  const heir = await newMember(house, "support");
  const response = await transfer(house, heir.memberId, house.owner);
  expect(response.status).toBe(200);
  expect(response.headers.get("etag")).toBe('"1.admin"');
  expect(await response.json()).toMatchObject({ id: house.id, role: "admin" });
  expect(await rolesIn(house)).toEqual({ [heir.userId]: "owner", [house.owner.userId]: "admin" });
  expect(await trailOf(house)).toEqual([
    {
      action: "ownership.transferred",
      actorId: house.owner.userId,
      targetId: heir.memberId,
      before: { userId: heir.userId, role: "support", formerOwnerId: house.owner.userId, formerOwnerRole: "owner" },
      after: { userId: heir.userId, role: "owner", formerOwnerId: house.owner.userId, formerOwnerRole: "admin" },
    },
  ]);
  await expectProblem(await transfer(house, heir.memberId, house.owner), 403, "auth.forbidden");
});

test("ownership does not pass to oneself, nor to whoever is no member", async () => {
  const house = await newHouse();
  const problem = await expectProblem(await transfer(house, house.owner.memberId, house.owner), 422, "request.invalid");
  expect(problem.errors).toMatchObject([{ path: "memberId", code: "own_membership" }]);
  await expectProblem(await transfer(house, newId("membership", 1), house.owner), 404, "users.member_not_found");
  expect(await rolesIn(house)).toEqual({ [house.owner.userId]: "owner" });
});

test("of two transfers at once exactly one is made", async () => {
  const house = await newHouse();
  const heirs = [await newMember(house, "admin"), await newMember(house, "admin")];
  const answers = await Promise.all(heirs.map(({ memberId }) => transfer(house, memberId, house.owner)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
  expect(Object.values(await rolesIn(house)).sort()).toEqual(["admin", "admin", "owner"]);
});

test("nobody is made the owner of more organizations than they may own", async () => {
  const house = await newHouse();
  const member = await newMember(house, "admin");
  await ownAsManyAsAllowed(member.userId);
  await expectProblem(await change(house, member.memberId, "owner", house.owner), 409, "users.organization_limit");
  await expectProblem(await transfer(house, member.memberId, house.owner), 409, "users.organization_limit");
  expect(await rolesIn(house)).toEqual({ [member.userId]: "admin", [house.owner.userId]: "owner" });
  expect(await trailOf(house)).toEqual([]);
});

test("whoever is suspended manages nobody, though their token is not known to be void yet", async () => {
  const house = await newHouse();
  const admin = await newMember(house, "admin");
  const door = await newMember(house, "door");
  await env.USERS_DB.prepare("UPDATE users SET suspended_at_ms = 1 WHERE id = ?1").bind(admin.userId).run();
  await expectProblem(await remove(house, door.memberId, admin), 404, "users.organization_not_found");
  // A suspended member can be removed all the same.
  expect((await remove(house, admin.memberId, house.owner)).status).toBe(204);
});

test("a membership of another house is none of this one, in whichever path it stands", async () => {
  const [house, other] = [await newHouse(), await newHouse()];
  const theirs = await newMember(other, "door");
  // Whoever belongs to both is still looked for in the one that is named.
  const both = await addMember(other.id, house.owner.userId, "admin");
  for (const memberId of [theirs.memberId, both, other.owner.memberId]) {
    await expectProblem(await change(house, memberId, "support", house.owner), 404, "users.member_not_found");
    await expectProblem(await remove(house, memberId, house.owner), 404, "users.member_not_found");
    await expectProblem(await transfer(house, memberId, house.owner), 404, "users.member_not_found");
  }
  expect(Object.values(await rolesIn(other)).sort()).toEqual(["admin", "door", "owner"]);
});
