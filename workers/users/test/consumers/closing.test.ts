import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Envelope } from "@foyer/contracts/messages/envelope";
import type { Permission } from "@foyer/contracts/shared/permissions";
import { newMessage } from "@foyer/messaging/message";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import { expect, test } from "vitest";
import { UsersWorker } from "../../src/entrypoint.ts";
import { deployment } from "../support/deployment.ts";
import {
  accept,
  type House,
  invite,
  mailedToken,
  newAccount,
  newHouse,
  newKey,
  newMember,
  rolesIn,
  trailOf,
} from "../support/house.ts";
import {
  expectProblem,
  freshEmail,
  newOrganization,
  newVerifiedPerson,
  send,
  userCall,
  usersRpc,
} from "../support/people.ts";

const close = (house: House, headers: Record<string, string> = {}) =>
  send("DELETE", house.path, undefined, { ...house.owner.headers, ...headers });
const read = (house: House) => send("GET", house.path, undefined, house.owner.headers);

/** What events answers. */
function answer(house: House, openEvents: number): Envelope<"organization.closing_answered"> {
  const payload = { organizationId: house.id, openEvents };
  const from = { source: "events", requestId: "req_closing", nowMs: Date.now() };
  return newMessage("organization.closing_answered", payload, from);
}

/** Hands messages to the worker as one queue batch; which were acknowledged and which are to come again. */
async function deliver(bodies: readonly unknown[], queue = "foyer-users") {
  const batch = createMessageBatch(
    queue,
    bodies.map((body, index) => ({ id: String(index), timestamp: new Date(), attempts: 1, body })),
  );
  const context = createExecutionContext();
  await new UsersWorker(context, env).queue(batch);
  const { explicitAcks, retryMessages } = await getQueueResult(batch, context);
  return { acked: explicitAcks.length, retried: retryMessages.length };
}

/** What other workers are told of a house. */
async function told(house: House): Promise<unknown[]> {
  const { results } = await env.USERS_DB.prepare(
    "SELECT consumer, body FROM outbox WHERE body ->> '$.payload.organizationId' = ?1 ORDER BY rowid",
  )
    .bind(house.id)
    .all<{ consumer: string; body: string }>();
  return results.map(({ consumer, body }) => {
    const { type, payload } = JSON.parse(body) as Envelope;
    return [consumer, type, payload];
  });
}

const row = (house: House) =>
  env.USERS_DB.prepare(
    "SELECT name, slug, contact_email AS contactEmail, closing_at_ms IS NOT NULL AS closing, closed_at_ms IS NOT NULL AS closed FROM organizations WHERE id = ?1",
  )
    .bind(house.id)
    .first();

test("asking to close answers that it is under way, and asks events in the same transaction", async () => {
  // Its outbox is left full, so that it can be read.
  const { send: ask } = deployment({}, { drain: async () => {} });
  const house = await newHouse();
  const response = await ask("DELETE", house.path, undefined, house.owner.headers);
  expect(response.status).toBe(202);
  expect(response.headers.get("etag")).toBe('"2.owner"');
  expect(await response.json()).toMatchObject({ id: house.id, status: "closing", role: "owner" });
  expect(await told(house)).toEqual([["events", "organization.closing", { organizationId: house.id }]]);
  expect(await (await read(house)).json()).toMatchObject({ status: "closing" });

  const again = await ask("DELETE", house.path, undefined, house.owner.headers);
  expect(again.status).toBe(202);
  expect(await again.json()).toMatchObject({ id: house.id, status: "closing" });
  expect(await told(house)).toHaveLength(1);
  expect((await trailOf(house)).map(({ action }) => action)).toEqual(["organization.closing"]);
});

test("asked to close five times at once, an organization asks once", async () => {
  const house = await newHouse();
  const answers = await Promise.all(Array.from({ length: 5 }, () => close(house)));
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
  expect((await trailOf(house)).map(({ action }) => action)).toEqual(["organization.closing"]);
});

test("a stale version is not closed", async () => {
  const house = await newHouse();
  await send("PATCH", house.path, { name: "Opera" }, house.owner.headers);
  await expectProblem(await close(house, { "if-match": '"1.owner"' }), 412, "request.precondition_failed");
  expect(await (await read(house)).json()).toMatchObject({ status: "active" });
  expect((await close(house, { "if-match": '"2.owner"' })).status).toBe(202);
});

test("while it is closing, an organization takes no new work, nobody new and no new keys, and all else goes on", async () => {
  const house = await newHouse();
  const guest = await newAccount();
  const { id } = await invite(house, house.owner, guest.email);
  const token = await mailedToken(guest.email);
  const { apiKey } = await newKey(house);
  await close(house);
  const scopes: Permission[] = ["events.write", "events.publish", "sales.write", "orders.read", "payments.refund"];
  for (const actor of [
    userCall(house.owner.userId).actor,
    { kind: "api_key", keyId: apiKey.id, organizationId: house.id, scopes } as const,
  ]) {
    const allowed: Permission[] = [];
    for (const permission of scopes) {
      const result = await usersRpc.authorize(
        { actor, requestId: "req_test" },
        { organizationId: house.id, permission },
      );
      if (result.ok) allowed.push(permission);
    }
    expect(allowed).toEqual(["orders.read", "payments.refund"]);
  }
  const { headers } = house.owner;
  const post = (path: string, body?: object) => send("POST", `${house.path}${path}`, body, headers);
  const refused = [
    await post("/invitations", { email: freshEmail(), role: "door" }),
    await post(`/invitations/${id}/resend`),
    await post("/api-keys", { name: "Till", scopes: ["orders.read"] }),
  ];
  for (const response of refused) await expectProblem(response, 409, "users.organization_closing");
  await expectProblem(await accept(token, guest), 410, "users.invitation_invalid");
  expect((await send("DELETE", `${house.path}/api-keys/${apiKey.id}`, undefined, headers)).status).toBe(204);
  expect((await send("DELETE", `${house.path}/invitations/${id}`, undefined, headers)).status).toBe(204);
});

test("without open events it closes: nobody belongs to it, its keys are void, its slug is free, its name stays", async () => {
  const person = await newVerifiedPerson();
  const { id, slug } = await newOrganization(person, `Hall ${crypto.randomUUID()}`);
  const path = `/v1/organizations/${id}`;
  await send("PATCH", path, { contactEmail: "desk@example.com" }, person.headers);
  const house: House = {
    id,
    path,
    owner: { userId: person.user.id, email: person.email, headers: person.headers, memberId: "mem_" },
  };
  const member = await newMember(house, "manager");
  const guest = await newAccount();
  await invite(house, house.owner, guest.email);
  const token = await mailedToken(guest.email);
  const keys = [await newKey(house), await newKey(house)];
  await close(house);
  expect(await deliver([answer(house, 0)])).toEqual({ acked: 1, retried: 0 });

  expect(await row(house)).toMatchObject({ slug: id, contactEmail: null, closed: 1 });
  expect(await rolesIn(house)).toEqual({});
  for (const by of [house.owner, member]) {
    await expectProblem(await send("GET", path, undefined, by.headers), 404, "users.organization_not_found");
  }
  await expectProblem(await close(house), 404, "users.organization_not_found");
  await expectProblem(await accept(token, guest), 410, "users.invitation_invalid");
  const revoked = (await usersRpc.getRevocations({ after: 0 })).map(({ subject }) => subject);
  for (const { apiKey, secret } of keys) {
    expect(await usersRpc.authenticateKey({ key: secret })).toBeNull();
    expect(revoked).toContain(apiKey.id);
  }
  const names = await usersRpc.getOrganizations(userCall(member.userId), { organizationIds: [id] });
  expect(names).toMatchObject({ value: [{ id, name: expect.stringMatching(/^Hall/), slug: id }] });
  expect((await trailOf(house)).at(-1)).toEqual({
    action: "organization.closed",
    actorId: "events",
    targetId: id,
    before: { status: "closing", slug },
    after: { status: "closed", slug: id },
  });
  const taken = await send("POST", "/v1/organizations", { name: "Another", slug }, person.headers);
  expect(taken.status).toBe(201);
});

test("with open events it goes on as before, the trail says how many, and it may be asked again", async () => {
  const house = await newHouse();
  const member = await newMember(house, "manager");
  await close(house);
  await deliver([answer(house, 3)]);
  expect(await (await read(house)).json()).toMatchObject({ status: "active" });
  const input = { organizationId: house.id, permission: "events.publish" } as const;
  expect(await usersRpc.authorize(userCall(member.userId), input)).toMatchObject({ ok: true });
  expect((await trailOf(house)).at(-1)).toMatchObject({ action: "organization.kept", after: { openEvents: 3 } });
  expect((await close(house)).status).toBe(202);
  await deliver([answer(house, 0)]);
  expect(await row(house)).toMatchObject({ closed: 1 });
});

test("an answer that comes twice, in one batch or later, has the effect of once", async () => {
  const house = await newHouse();
  await close(house);
  const message = answer(house, 0);
  expect(await deliver([message, message])).toEqual({ acked: 2, retried: 0 });
  expect(await deliver([message])).toEqual({ acked: 1, retried: 0 });
  expect((await trailOf(house)).map(({ action }) => action)).toEqual(["organization.closing", "organization.closed"]);
});

test("an answer that nobody waits for changes nothing", async () => {
  const [asleep, closed] = [await newHouse(), await newHouse()];
  await close(closed);
  await deliver([answer(closed, 0)]);
  const before = [await row(asleep), await row(closed)];
  for (const openEvents of [0, 2]) {
    expect(await deliver([answer(asleep, openEvents), answer(closed, openEvents)])).toEqual({ acked: 2, retried: 0 });
  }
  expect([await row(asleep), await row(closed)]).toEqual(before);
  expect(Object.keys(await rolesIn(asleep))).toHaveLength(1);
});

test("of two answers handled at once one decides, and the organization is whole or closed whole", async () => {
  const house = await newHouse();
  await newMember(house, "door");
  await close(house);
  await Promise.all([deliver([answer(house, 0)]), deliver([answer(house, 1)])]);
  const closed = (await row(house))?.closed === 1;
  expect(Object.keys(await rolesIn(house))).toHaveLength(closed ? 0 : 2);
  expect((await trailOf(house)).map(({ action }) => action)).toEqual([
    "organization.closing",
    closed ? "organization.closed" : "organization.kept",
  ]);
});

test("a worker that dies before its commit leaves all as it was, and the redelivered answer does it whole", async () => {
  const house = await newHouse();
  const { secret } = await newKey(house);
  await close(house);
  const message = answer(house, 0);
  await env.USERS_DB.exec("CREATE TRIGGER crash BEFORE DELETE ON memberships BEGIN SELECT raise(ABORT, 'crash'); END");
  expect(await deliver([message])).toEqual({ acked: 0, retried: 1 });
  await env.USERS_DB.exec("DROP TRIGGER crash");
  expect(await row(house)).toMatchObject({ closing: 1, closed: 0 });
  expect(await usersRpc.authenticateKey({ key: secret })).not.toBeNull();
  expect(await deliver([message])).toEqual({ acked: 1, retried: 0 });
  expect(await row(house)).toMatchObject({ closed: 1 });
  expect(await usersRpc.authenticateKey({ key: secret })).toBeNull();
});

const letters = "/v1/admin/users/dead-letters";

test("an answer that the queue gave up on is listed for administrators, and a replay of it closes", async () => {
  const house = await newHouse();
  await close(house);
  const message = answer(house, 0);
  expect(await deliver([message], "foyer-users-dlq")).toEqual({ acked: 1, retried: 0 });
  expect(await row(house)).toMatchObject({ closed: 0 });
  const { headers } = await newTestUser({ platformAdmin: true });
  const page = await (await send("GET", letters, undefined, headers)).json<{
    data: { messageId: string; id: string }[];
  }>();
  const letter = page.data.find(({ messageId }) => messageId === message.id);
  for (let press = 1; press <= 2; press += 1) {
    expect((await send("POST", `${letters}/${letter?.id}/replay`, undefined, headers)).status).toBe(200);
  }
  expect(await row(house)).toMatchObject({ closed: 1 });
});

test("dead letters are for administrators of the platform", async () => {
  for (const [method, path] of [
    ["GET", letters],
    ["POST", `${letters}/ddl_x/replay`],
  ] as const) {
    await expectProblem(await send(method, path), 401, "auth.required");
    for (const token of Object.values(await badTokens())) {
      const response = await send(method, path, undefined, { authorization: `Bearer ${token}` });
      await expectProblem(response, 401, "auth.invalid_token");
    }
    await expectProblem(await send(method, path, undefined, (await newTestUser()).headers), 403, "auth.forbidden");
  }
});

test("what is no message of ours is a dead letter at once, and another queue's message is left alone", async () => {
  expect(await deliver([{ hello: "users" }])).toEqual({ acked: 1, retried: 0 });
  const stored = await env.USERS_DB.prepare("SELECT reason FROM dead_letters WHERE body LIKE '%hello%'").first();
  expect(stored?.reason).toContain("envelope");
  const from = { source: "users", requestId: "req_test", nowMs: Date.now() };
  const foreign = newMessage("organization.closing", { organizationId: (await newHouse()).id }, from);
  expect(await deliver([foreign])).toEqual({ acked: 1, retried: 0 });
});

test("notes of what was handled are forgotten once no queue can deliver it again", async () => {
  const insert = "INSERT INTO inbox (message_id, handled_at_ms) VALUES (?1, ?2)";
  const days = 86_400_000;
  await env.USERS_DB.batch([
    env.USERS_DB.prepare(insert).bind("old", Date.now() - 8 * days),
    env.USERS_DB.prepare(insert).bind("young", Date.now() - 6 * days),
  ]);
  await deployment({}).deps.tidy();
  const { results } = await env.USERS_DB.prepare(
    "SELECT message_id AS id FROM inbox WHERE message_id IN ('old', 'young')",
  ).all();
  expect(results).toEqual([{ id: "young" }]);
});
