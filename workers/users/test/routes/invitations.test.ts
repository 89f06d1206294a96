import { env } from "cloudflare:workers";
import type { Role } from "@foyer/contracts/shared/permissions";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { expect, test } from "vitest";
import { attemptPolicies } from "../../src/domain/attempts.ts";
import { deployment } from "../support/deployment.ts";
import {
  type Account,
  accept,
  actingAs,
  type House,
  impersonated,
  invite,
  longAgo,
  mailedToken,
  newAccount,
  newHouse,
  newMember,
  ownAsManyAsAllowed,
  rolesIn,
  trailOf,
} from "../support/house.ts";
import {
  expectProblem,
  freshEmail,
  letterIds,
  newestLinkSecret,
  newPerson,
  send,
  systemCall,
  usersRpc,
} from "../support/people.ts";

const preview = (token: string, headers: Record<string, string> = {}) =>
  send("POST", "/v1/invitations/preview", { token }, headers);
const resend = (house: House, id: string, by: Account = house.owner) =>
  send("POST", `${house.path}/invitations/${id}/resend`, undefined, by.headers);
const revoke = (house: House, id: string, by: Account = house.owner) =>
  send("DELETE", `${house.path}/invitations/${id}`, undefined, by.headers);
const post = (house: House, email: string, role: Role = "door", headers: Record<string, string> = {}) =>
  send("POST", `${house.path}/invitations`, { email, role }, { ...house.owner.headers, ...headers });
const expire = (id: string) =>
  env.USERS_DB.prepare("UPDATE invitations SET expires_at_ms = ?2 WHERE id = ?1")
    .bind(id, Date.now() - 1)
    .run();
const listed = async (house: House): Promise<{ id: string; status: string }[]> => {
  const response = await send("GET", `${house.path}/invitations`, undefined, house.owner.headers);
  return (await response.json<{ data: { id: string; status: string }[] }>()).data;
};

test("an invitation is mailed with the names of who invites and where to, and lets its address in", async () => {
  const house = await newHouse();
  const guest = await newAccount();
  const invitation = await invite(house, house.owner, guest.email.toUpperCase(), "manager");
  expect(invitation).toEqual({
    id: expect.stringMatching(/^inv_/),
    email: guest.email,
    role: "manager",
    status: "pending",
    invitedBy: house.owner.userId,
    createdAt: expect.stringMatching(/Z$/),
    expiresAt: expect.stringMatching(/Z$/),
  });
  const [letterId] = await letterIds(guest.email, "invitation");
  const letter = await usersRpc.getLetter(systemCall, { letterId: letterId ?? "ltr_" });
  expect(letter).toMatchObject({
    value: {
      to: guest.email,
      subject: { kind: "invitation", organizationName: "Concert Hall", inviterName: "Buyer One", role: "manager" },
      link: { expiresAt: invitation.expiresAt },
    },
  });
  const response = await accept(await mailedToken(guest.email), guest);
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.json()).toMatchObject({ id: house.id, name: "Concert Hall", role: "manager" });
  expect((await rolesIn(house))[guest.userId]).toBe("manager");
  expect(await listed(house)).toEqual([]);
});

test("whoever holds the link learns what it is about, without an account, and nothing is used up", async () => {
  const house = await newHouse();
  const email = freshEmail();
  const { expiresAt } = await invite(house, house.owner, email, "finance");
  const token = await mailedToken(email);
  for (const headers of [{}, { authorization: "Bearer expired" }]) {
    const response = await preview(token, headers);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual({
      organization: { name: "Concert Hall", slug: expect.stringMatching(/^hall-/) },
      email,
      role: "finance",
      expiresAt,
    });
  }
  for (const made of ["", "x".repeat(limits.opaqueTokenCharsMax + 1)]) {
    await expectProblem(await preview(made), 422, "request.invalid");
  }
  await expectProblem(await preview(`${token}x`), 410, "users.invitation_invalid");
});

test("the trail holds who was invited and who came, with the address masked", async () => {
  const house = await newHouse();
  const guest = await newAccount();
  const { id } = await invite(house, house.owner, guest.email);
  await resend(house, id);
  await accept(await mailedToken(guest.email), guest);
  const { id: second } = await invite(house, house.owner, "second.guest@example.com");
  await revoke(house, second);
  const [, resent, joined, ...rest] = await trailOf(house);
  const sent = { invitedBy: house.owner.userId, expiresAt: expect.stringMatching(/Z$/) };
  expect(resent).toMatchObject({ action: "invitation.resent", targetId: id, before: sent, after: sent });
  expect(joined).toEqual({
    action: "member.joined",
    actorId: guest.userId,
    targetId: expect.stringMatching(/^mem_/),
    before: null,
    after: { userId: guest.userId, role: "door", invitationId: id, invitedBy: house.owner.userId },
  });
  const masked = { email: "s***@example.com", role: "door" };
  expect(rest).toEqual([
    { action: "invitation.sent", actorId: house.owner.userId, targetId: second, before: null, after: masked },
    { action: "invitation.revoked", actorId: house.owner.userId, targetId: second, before: masked, after: null },
  ]);
  expect(JSON.stringify(await trailOf(house))).not.toContain(guest.email);
});

test("an invitation is for its address: another account learns nothing of whom it was for", async () => {
  const house = await newHouse();
  const guest = await newAccount();
  await invite(house, house.owner, guest.email);
  const token = await mailedToken(guest.email);
  const response = await accept(token, await newAccount());
  const problem = await expectProblem(response, 403, "users.invitation_for_another");
  expect(JSON.stringify(problem)).not.toContain("example.com");
  expect(Object.keys(await rolesIn(house))).toHaveLength(1);
  expect((await accept(token, guest)).status).toBe(200);
});

test("accepting needs an account of one's own, not one that is acted for, and no fresh proof", async () => {
  const house = await newHouse();
  const guest = await newAccount();
  await invite(house, house.owner, guest.email);
  const token = await mailedToken(guest.email);
  await expectProblem(await send("POST", "/v1/invitations/accept", { token }), 401, "auth.required");
  await expectProblem(await accept(token, await actingAs(guest, impersonated)), 403, "auth.impersonation_refused");
  await env.USERS_DB.prepare("UPDATE users SET suspended_at_ms = 1 WHERE id = ?1").bind(guest.userId).run();
  await expectProblem(await accept(token, guest), 403, "users.suspended");
  await env.USERS_DB.prepare("UPDATE users SET suspended_at_ms = NULL WHERE id = ?1").bind(guest.userId).run();
  const problem = await send("POST", "/v1/invitations/accept", { token, role: "owner" }, guest.headers);
  await expectProblem(problem, 422, "request.invalid");
  expect((await accept(token, await actingAs(guest, longAgo))).status).toBe(200);
});

test("an account of the address that was not verified is, by accepting, and its verification link is over", async () => {
  const house = await newHouse();
  const person = await newPerson();
  await invite(house, house.owner, person.email);
  const link = await newestLinkSecret(person.email, "verify_email");
  const guest = { userId: person.user.id, email: person.email, headers: person.headers };
  expect((await accept(await mailedToken(person.email), guest)).status).toBe(200);
  const profile = await send("GET", "/v1/users/profile", undefined, person.headers);
  expect(await profile.json()).toMatchObject({ emailVerified: true });
  await expectProblem(
    await send("POST", "/v1/auth/email/verify", { token: link }, person.headers),
    410,
    "users.token_invalid",
  );
  const { results } = await env.USERS_DB.prepare("SELECT action FROM audit WHERE target_id = ?1 ORDER BY rowid")
    .bind(person.user.id)
    .all();
  expect(results).toEqual([{ action: "user.registered" }, { action: "user.email_verified" }]);
});

test("an unverified account of another address is not verified by a link that it found", async () => {
  const house = await newHouse();
  const email = freshEmail();
  await invite(house, house.owner, email);
  const finder = await newAccount({ verified: false });
  await expectProblem(await accept(await mailedToken(email), finder), 403, "users.invitation_for_another");
  const row = await env.USERS_DB.prepare("SELECT email_verified_at_ms AS at FROM users WHERE id = ?1")
    .bind(finder.userId)
    .first();
  expect(row).toEqual({ at: null });
});

test("an invitation works for seven days and is shown as expired then, until it is sent anew or forgotten", async () => {
  const house = await newHouse();
  const guest = await newAccount();
  const { id, expiresAt } = await invite(house, house.owner, guest.email);
  expect(Date.parse(expiresAt) / 1000 - Date.now() / 1000).toBeCloseTo(limits.invitationTtlSeconds, -1);
  const token = await mailedToken(guest.email);
  await expire(id);
  await expectProblem(await preview(token), 410, "users.invitation_invalid");
  await expectProblem(await accept(token, guest), 410, "users.invitation_invalid");
  expect(await listed(house)).toMatchObject([{ id, status: "expired" }]);
  expect(await mailedToken(guest.email)).toBe("");

  const again = await resend(house, id);
  expect(await again.json()).toMatchObject({ id, status: "pending" });
  expect((await accept(await mailedToken(guest.email), guest)).status).toBe(200);
});

test("an expired invitation is forgotten after a month, and an open one is not", async () => {
  const house = await newHouse();
  const [old, expired, open] = [
    await invite(house, house.owner, freshEmail()),
    await invite(house, house.owner, freshEmail()),
    await invite(house, house.owner, freshEmail()),
  ];
  const keptMs = limits.expiredInvitationKeptSeconds * 1000;
  await env.USERS_DB.prepare("UPDATE invitations SET expires_at_ms = ?2 WHERE id = ?1")
    .bind(old.id, Date.now() - keptMs - 1_000)
    .run();
  await expire(expired.id);
  await deployment({}).deps.tidy();
  expect((await listed(house)).map(({ id }) => id)).toEqual([expired.id, open.id]);
});

test("another mail voids the link of the one before, and its letter", async () => {
  const house = await newHouse();
  const guest = await newAccount();
  const { id } = await invite(house, house.owner, guest.email);
  const [letterId = "ltr_"] = await letterIds(guest.email, "invitation");
  const first = await mailedToken(guest.email);
  await resend(house, id);
  const second = await mailedToken(guest.email);
  expect(second).not.toBe(first);
  await expectProblem(await accept(first, guest), 410, "users.invitation_invalid");
  expect(await usersRpc.getLetter(systemCall, { letterId })).toMatchObject({ error: { code: "users.letter_void" } });
  expect((await accept(second, guest)).status).toBe(200);
});

test("inviting an address again replaces the invitation, its role and its link", async () => {
  const house = await newHouse();
  const guest = await newAccount();
  const first = await invite(house, house.owner, guest.email, "manager");
  const token = await mailedToken(guest.email);
  const second = await invite(house, house.owner, guest.email, "door");
  expect(await listed(house)).toMatchObject([{ id: second.id, role: "door" }]);
  await expectProblem(await accept(token, guest), 410, "users.invitation_invalid");
  await expectProblem(await resend(house, first.id), 404, "users.invitation_not_found");
  expect((await trailOf(house)).at(-1)).toMatchObject({
    targetId: second.id,
    before: { invitationId: first.id, role: "manager" },
  });
  expect((await accept(await mailedToken(guest.email), guest)).status).toBe(200);
  expect((await rolesIn(house))[guest.userId]).toBe("door");
});

test("whoever is a member already is not invited, and one invitation more makes nobody a member twice", async () => {
  const house = await newHouse();
  const member = await newMember(house, "door");
  await expectProblem(await post(house, member.email), 409, "users.already_member");
  // They were invited under an address that became theirs later.
  const email = freshEmail();
  const { id } = await invite(house, house.owner, email);
  await env.USERS_DB.prepare("UPDATE users SET email = ?2 WHERE id = ?1").bind(member.userId, email).run();
  await expectProblem(await accept(await mailedToken(email), member), 409, "users.already_member");
  await expectProblem(await resend(house, id), 409, "users.already_member");
  expect((await rolesIn(house))[member.userId]).toBe("door");
});

test.each([
  ["was removed", "DELETE FROM memberships WHERE id = ?1"],
  ["may no longer give the role", "UPDATE memberships SET role = 'manager' WHERE id = ?1"],
  ["is suspended", "UPDATE users SET suspended_at_ms = 1 WHERE id = (SELECT user_id FROM memberships WHERE id = ?1)"],
])("an invitation is void once whoever sent it %s, until somebody who may sends it anew", async (_, change) => {
  const house = await newHouse();
  const admin = await newMember(house, "admin");
  const guest = await newAccount();
  const { id } = await invite(house, admin, guest.email, "support");
  const token = await mailedToken(guest.email);
  await env.USERS_DB.prepare(change).bind(admin.memberId).run();
  await expectProblem(await preview(token), 410, "users.invitation_invalid");
  await expectProblem(await accept(token, guest), 410, "users.invitation_invalid");
  expect((await rolesIn(house))[guest.userId]).toBeUndefined();
  expect(await (await resend(house, id)).json()).toMatchObject({ invitedBy: house.owner.userId });
  expect((await accept(await mailedToken(guest.email), guest)).status).toBe(200);
});

test("an owner's invitation to be an owner makes one; an owner who became an admin gives no such role", async () => {
  const house = await newHouse();
  const guest = await newAccount();
  await invite(house, house.owner, guest.email, "owner");
  const late = await newAccount();
  await invite(house, house.owner, late.email, "owner");
  expect((await accept(await mailedToken(guest.email), guest)).status).toBe(200);
  await env.USERS_DB.prepare("UPDATE memberships SET role = 'admin' WHERE id = ?1").bind(house.owner.memberId).run();
  await expectProblem(await accept(await mailedToken(late.email), late), 410, "users.invitation_invalid");
  expect(Object.values(await rolesIn(house)).sort()).toEqual(["admin", "owner"]);
});

test("an invitation accepted five times at once lets its address in once", async () => {
  const house = await newHouse();
  const guest = await newAccount();
  await invite(house, house.owner, guest.email);
  const token = await mailedToken(guest.email);
  const answers = await Promise.all(Array.from({ length: 5 }, () => accept(token, guest)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410, 410, 410]);
  expect(Object.keys(await rolesIn(house))).toHaveLength(2);
  expect((await trailOf(house)).filter(({ action }) => action === "member.joined")).toHaveLength(1);
});

test("of two accounts that show one link at once only the one it is for comes in", async () => {
  const house = await newHouse();
  const guest = await newAccount();
  const other = await newAccount();
  await invite(house, house.owner, guest.email);
  const token = await mailedToken(guest.email);
  const answers = await Promise.all([accept(token, other), accept(token, guest)]);
  expect(answers[1]?.status).toBe(200);
  expect([403, 410]).toContain(answers[0]?.status);
  expect((await rolesIn(house))[other.userId]).toBeUndefined();
});

test.each([
  ["revoked", (house: House, id: string) => revoke(house, id), 204],
  ["sent anew", (house: House, id: string) => resend(house, id), 200],
])("an invitation that is accepted and %s at once is one of the two", async (_, act, status) => {
  for (let round = 0; round < 4; round += 1) {
    const house = await newHouse();
    const guest = await newAccount();
    const { id } = await invite(house, house.owner, guest.email);
    const token = await mailedToken(guest.email);
    const both = [() => accept(token, guest), () => act(house, id)];
    const order = round % 2 === 0 ? both : both.toReversed();
    const answers = await Promise.all(order.map((start) => start()));
    const [accepted, ended] = round % 2 === 0 ? answers : answers.toReversed();
    // Sending anew what was accepted meanwhile finds it gone, or its guest a member.
    expect([accepted?.status, ended?.status]).toBeOneOf([
      [200, 404],
      [200, 409],
      [410, status],
    ]);
    expect((await rolesIn(house))[guest.userId]).toBe(accepted?.status === 200 ? "door" : undefined);
  }
});

test("of three invitations to one address at once one is left, and its link works", async () => {
  const house = await newHouse();
  const guest = await newAccount();
  const answers = await Promise.all(Array.from({ length: 3 }, () => post(house, guest.email)));
  for (const { status } of answers) expect([201, 409]).toContain(status);
  expect(await listed(house)).toHaveLength(1);
  expect((await accept(await mailedToken(guest.email), guest)).status).toBe(200);
});

test("the same key and body bring the same invitation and one mail", async () => {
  const house = await newHouse();
  const email = freshEmail();
  const key = { "idempotency-key": crypto.randomUUID() };
  const first = await post(house, email, "door", key);
  const again = await post(house, email, "door", key);
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(await again.json()).toEqual(await first.json());
  expect(await letterIds(email, "invitation")).toHaveLength(1);
  await expectProblem(await post(house, email, "support", key), 422, "idempotency.mismatch");
});

test("a key that met a demand for a fresh proof serves whoever has given it", async () => {
  const house = await newHouse();
  const email = freshEmail();
  const key = { "idempotency-key": crypto.randomUUID() };
  const late = await actingAs(house.owner, longAgo);
  await expectProblem(await post(house, email, "door", { ...late.headers, ...key }), 401, "auth.step_up_required");
  expect((await post(house, email, "door", key)).status).toBe(201);
});

test("an address gets only so many mails, whoever sends them", async () => {
  const email = freshEmail();
  const house = await newHouse();
  const { id } = await invite(house, house.owner, email);
  for (let count = 0; count < attemptPolicies.mailByMembers.free; count += 1) {
    expect((await post(await newHouse(), email)).status).toBe(201);
  }
  const refused = await post(await newHouse(), email);
  await expectProblem(refused, 429, "users.too_many_attempts");
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  await expectProblem(await resend(house, id), 429, "users.too_many_attempts");
  // Its owner's own mails come all the same.
  await newPerson(email);
  expect((await send("POST", "/v1/auth/password/forgot", { email })).status).toBe(202);
  expect(await letterIds(email, "reset_password")).toHaveLength(1);
  expect(await letterIds(email, "invitation")).toHaveLength(attemptPolicies.mailByMembers.free + 1);
});

/** Invitations that nobody mailed. */
async function fillInvitations(house: House, count: number, expiresAtMs: number): Promise<void> {
  const ids = JSON.stringify(Array.from({ length: count }, () => newId("invitation", Date.now())));
  await env.USERS_DB.prepare(
    "INSERT INTO invitations (id, organization_id, email, role, hash, created_at_ms, expires_at_ms) SELECT value, ?2, value, 'door', value, 0, ?3 FROM json_each(?1)",
  )
    .bind(ids, house.id, expiresAtMs)
    .run();
}

test("a house has only so many open invitations, also when asking at once; expired ones and others' do not count", async () => {
  const later = Date.now() + 60_000;
  const [house, other] = [await newHouse(), await newHouse()];
  await fillInvitations(house, limits.invitationsPerOrganizationMax - 2, later);
  await fillInvitations(house, 5, 1);
  await fillInvitations(other, limits.invitationsPerOrganizationMax - 1, later);
  const answers = await Promise.all(Array.from({ length: 4 }, () => post(house, freshEmail())));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409]);
  await expectProblem(await post(house, freshEmail()), 409, "users.invitation_limit");

  const { id, email } = await invite(other, other.owner, freshEmail());
  // One that is open already may be sent again, and replaced; one that ran out would be one too many.
  expect((await resend(other, id)).status).toBe(200);
  expect((await post(other, email)).status).toBe(201);
  await fillInvitations(other, 1, 1);
  const expired = (await env.USERS_DB.prepare(
    "SELECT id FROM invitations WHERE organization_id = ?1 AND expires_at_ms = 1",
  )
    .bind(other.id)
    .first<{ id: string }>()) ?? { id: "" };
  await env.USERS_DB.prepare("UPDATE invitations SET email = ?2 WHERE id = ?1").bind(expired.id, freshEmail()).run();
  await expectProblem(await resend(other, expired.id), 409, "users.invitation_limit");
});

test("a house has only so many members, also when two accept the last place at once", async () => {
  const house = await newHouse();
  const guests = [await newAccount(), await newAccount()];
  for (const { email } of guests) await invite(house, house.owner, email);
  const tokens = await Promise.all(guests.map(({ email }) => mailedToken(email)));
  const rows = JSON.stringify(
    Array.from({ length: limits.membersPerOrganizationMax - 2 }, () => [newId("user", 1), newId("membership", 1)]),
  );
  await env.USERS_DB.batch([
    env.USERS_DB.prepare(
      "INSERT INTO users (id, email, name, created_at_ms, updated_at_ms) SELECT value ->> 0, value ->> 0, 'x', 0, 0 FROM json_each(?1)",
    ).bind(rows),
    env.USERS_DB.prepare(
      "INSERT INTO memberships (id, organization_id, user_id, role, created_at_ms) SELECT value ->> 1, ?2, value ->> 0, 'door', 0 FROM json_each(?1)",
    ).bind(rows, house.id),
  ]);
  const answers = await Promise.all(guests.map((guest, index) => accept(tokens[index] ?? "", guest)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  const loser = answers.findIndex(({ status }) => status === 409);
  await expectProblem(answers[loser] ?? new Response(), 409, "users.member_limit");
  expect(Object.keys(await rolesIn(house))).toHaveLength(limits.membersPerOrganizationMax);
  await expectProblem(await post(house, freshEmail()), 409, "users.member_limit");
});

test("invitations are listed page by page, each once", async () => {
  const house = await newHouse();
  const ids: string[] = [];
  for (let count = 0; count < 3; count += 1) ids.push((await invite(house, house.owner, freshEmail())).id);
  const seen: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const query: string = cursor === "" ? "limit=2" : `limit=2&cursor=${cursor}`;
    const response = await send("GET", `${house.path}/invitations?${query}`, undefined, house.owner.headers);
    const page: { data: { id: string }[]; nextCursor: string | null } = await response.json();
    seen.push(...page.data.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual([...ids].sort());
});

test.each([
  ["no address", { role: "door" }, "email"],
  ["an address that is none", { email: "nobody", role: "door" }, "email"],
  ["an address with a line break", { email: "a@example.com\r\nBcc: b@example.com", role: "door" }, "email"],
  ["no role", { email: "guest@example.com" }, "role"],
  ["a role that is none", { email: "guest@example.com", role: "god" }, "role"],
])("an invitation with %s is refused", async (_, body, field) => {
  const house = await newHouse();
  const response = await send("POST", `${house.path}/invitations`, body, house.owner.headers);
  const problem = await expectProblem(response, 422, "request.invalid");
  expect(problem.errors?.map(({ path }) => path)).toContain(field);
});

test("nobody becomes an owner of more organizations than they may own", async () => {
  const house = await newHouse();
  const guest = await newAccount();
  await ownAsManyAsAllowed(guest.userId);
  await invite(house, house.owner, guest.email, "owner");
  await expectProblem(await accept(await mailedToken(guest.email), guest), 409, "users.organization_limit");
  expect((await rolesIn(house))[guest.userId]).toBeUndefined();
});

test("the database holds no token of an invitation", async () => {
  const house = await newHouse();
  const { email } = await invite(house, house.owner, freshEmail());
  const token = await mailedToken(email);
  expect(token).toHaveLength(43);
  for (const table of ["invitations", "letters", "audit", "outbox", "idempotency_keys"]) {
    const { results } = await env.USERS_DB.prepare(`SELECT * FROM ${table}`).all();
    expect(JSON.stringify(results)).not.toContain(token);
  }
});
