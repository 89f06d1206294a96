import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { minuteMs } from "@foyer/kernel/clock";
import { sha256Hex } from "@foyer/kernel/encoding";
import { newId, type UserId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { afterEach, describe, expect, test } from "vitest";
import NotificationsWorker from "../../src/index.ts";
import {
  deliveryOf,
  fakeEmail,
  givenLetter,
  givenOrder,
  message,
  movableClock,
  newOrder,
  orderMessage,
  worker,
} from "../support.ts";

afterEach(() => env.USERS.testDown(0));

interface Person {
  readonly userId: UserId;
  readonly email: string;
}

function newPerson(): Person {
  return { userId: newId("user", Date.now()), email: `person-${crypto.randomUUID().slice(0, 8)}@example.com` };
}

/** Says that a person is to be forgotten, as users does; the message that tells of it. */
async function due({ userId, email }: Person, change: { emailVerified?: boolean; requestedAtMs?: number } = {}) {
  await env.USERS.testErasure({ userId, email, emailVerified: true, requestedAtMs: Date.now(), ...change });
  return message("user.erasure_due", { userId });
}

/** A mail about an order to an address; the id of its message. */
async function orderMailTo(email: string): Promise<string> {
  const order = await givenOrder({ buyer: { name: "Buyer One", email, userId: null } });
  const confirmed = orderMessage("order.confirmed", order);
  await worker({ EMAIL: fakeEmail().binding }).deliver([confirmed]);
  return confirmed.id;
}

/** A letter to an address, about its account unless said otherwise; the id of its message. */
async function letterTo(email: string, over: Parameters<typeof givenLetter>[0] = {}): Promise<string> {
  const { message: told } = await givenLetter({ to: email, ...over });
  await worker({ EMAIL: fakeEmail().binding }).deliver([told]);
  return told.id;
}

async function maskedOf(messageIds: readonly string[]): Promise<unknown[]> {
  return Promise.all(messageIds.map(async (id) => (await deliveryOf(id))?.recipient_masked));
}

/** What the outbox has for users about a person; empties it of that. */
async function answersAbout(userId: string): Promise<unknown[]> {
  const { results } = await env.NOTIFICATIONS_DB.prepare(
    "DELETE FROM outbox WHERE consumer = 'users' AND body ->> '$.payload.userId' = ?1 RETURNING body",
  )
    .bind(userId)
    .all<{ body: string }>();
  return results.map(({ body }) => {
    const { type, payload } = JSON.parse(body);
    return [type, payload];
  });
}

const answered = (userId: string) => [["user.erased", { userId, worker: "notifications" }]];
const done = { acked: ["q0"], retried: [] };

test("nothing tells any more to whom somebody's mails went, and every other mail is as it was", async () => {
  const person = newPerson();
  const own = [await orderMailTo(person.email), await letterTo(person.email), await letterTo(person.email)];
  // Alike when masked.
  const others = [await orderMailTo(newPerson().email), await letterTo(newPerson().email)];
  const before = await deliveryOf(own[0] ?? "");
  expect(await worker().deliver([await due(person)])).toEqual(done);
  expect(await maskedOf(own)).toEqual(["", "", ""]);
  expect(await maskedOf(others)).toEqual(["p***@example.com", "p***@example.com"]);
  const after = await deliveryOf(own[0] ?? "");
  expect(after).toEqual({ ...before, recipient_masked: "", recipient_hash: before?.id });
  expect(await answersAbout(person.userId)).toEqual(answered(person.userId));
});

test("mails are found among many that look alike", async () => {
  const person = newPerson();
  const first = await letterTo(person.email);
  const count = limits.mailsComparedAtOnceMax + 10;
  await env.NOTIFICATIONS_DB.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
     INSERT INTO deliveries (id, message_id, kind, recipient_hash, recipient_masked, status, attempts, lease_until_ms, provider, created_at_ms, updated_at_ms)
     SELECT 'dlv_' || i, 'msg_' || i, 'notice', 'hash', 'p***@example.com', 'sent', 1, 0, 'cloudflare', ?2, ?2 FROM n`,
  )
    .bind(count, Date.now())
    .run();
  const last = await letterTo(person.email);
  await worker().deliver([await due(person)]);
  expect(await maskedOf([first, last])).toEqual(["", ""]);
  const left = await env.NOTIFICATIONS_DB.prepare(
    "SELECT COUNT(*) AS count FROM deliveries WHERE recipient_masked = 'p***@example.com' AND recipient_hash = 'hash'",
  ).first();
  expect(left).toEqual({ count });
});

test("the same message twice has one answer, and somebody who never got a mail is answered for", async () => {
  const person = newPerson();
  const told = await due(person);
  const { deliver } = worker();
  await deliver([told, told]);
  await deliver([told]);
  expect(await answersAbout(person.userId)).toEqual(answered(person.userId));
});

test("an erasure that is over is answered for again", async () => {
  const { userId } = newPerson();
  expect(await worker().deliver([message("user.erasure_due", { userId })])).toEqual(done);
  expect(await answersAbout(userId)).toEqual(answered(userId));
});

test("while users does not answer the message comes again, and nothing is answered", async () => {
  const person = newPerson();
  const mail = await letterTo(person.email);
  const told = await due(person);
  await env.USERS.testDown(1);
  const { deliver } = worker();
  expect(await deliver([told])).toEqual({ acked: [], retried: ["q0"] });
  expect(await answersAbout(person.userId)).toEqual([]);
  expect(await deliver([told])).toEqual(done);
  expect(await maskedOf([mail])).toEqual([""]);
  expect(await answersAbout(person.userId)).toEqual(answered(person.userId));
});

test("a crash before the answer is stored leaves the message, and its second delivery does the rest", async () => {
  const person = newPerson();
  const mail = await letterTo(person.email);
  const told = await due(person);
  const db = env.NOTIFICATIONS_DB;
  await db.exec("CREATE TRIGGER no_answers BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'gone'); END");
  const { deliver } = worker();
  const crashed = await deliver([told]);
  await db.exec("DROP TRIGGER no_answers");
  expect(crashed).toEqual({ acked: [], retried: ["q0"] });
  expect(await deliver([told])).toEqual(done);
  expect(await maskedOf([mail])).toEqual([""]);
  expect(await answersAbout(person.userId)).toEqual(answered(person.userId));
});

test("the answer leaves for users with the batch that it was made in", async () => {
  const person = newPerson();
  const batch = createMessageBatch("foyer-notifications", [
    { id: "q0", timestamp: new Date(), attempts: 1, body: await due(person) },
  ]);
  const ctx = createExecutionContext();
  await new NotificationsWorker(ctx, env).queue(batch);
  expect((await getQueueResult(batch, ctx)).explicitAcks).toEqual(["q0"]);
  expect(await answersAbout(person.userId)).toEqual([]);
});

describe("what is not theirs stays", () => {
  test("mails that went to the address after they had gone", async () => {
    const person = newPerson();
    const mail = await orderMailTo(person.email);
    await worker().deliver([await due(person, { requestedAtMs: Date.now() - minuteMs })]);
    expect(await maskedOf([mail])).toEqual(["p***@example.com"]);
  });

  test("mails to an address that was never proven, but for those about their account", async () => {
    const person = newPerson();
    const invitation = {
      kind: "invitation",
      organizationName: "Hall",
      inviterName: "Organizer",
      role: "door",
    } as const;
    const strange = [await orderMailTo(person.email), await letterTo(person.email, { subject: invitation })];
    const own = await letterTo(person.email);
    await worker().deliver([await due(person, { emailVerified: false })]);
    expect(await maskedOf(strange)).toEqual(["p***@example.com", "p***@example.com"]);
    expect(await maskedOf([own])).toEqual([""]);
  });
});

describe("the last mail, that an account was deleted", () => {
  const erased = {
    kind: "notice",
    notice: "erased",
    at: "2026-11-26T10:00:00.000Z",
    device: null,
    place: null,
    name: null,
  } as const;

  test("goes out once, and nothing of where it went is kept", async () => {
    const { email } = newPerson();
    const { binding, mails } = fakeEmail();
    const { message: told } = await givenLetter({ to: email, subject: erased, link: null });
    const { deliver } = worker({ EMAIL: binding });
    await deliver([told]);
    await env.NOTIFICATIONS_DB.prepare("DELETE FROM inbox WHERE message_id = ?1").bind(told.id).run();
    await deliver([told]);
    expect(mails).toMatchObject([{ to: email, subject: "Your account was deleted" }]);
    const row = await deliveryOf(told.id);
    expect(row).toMatchObject({ status: "sent", recipient_masked: "" });
    expect(row?.recipient_hash).not.toBe(await sha256Hex(`${told.id}\n${email}`));
  });

  test("is sent again under the same key where its sender died on the way", async () => {
    const { email } = newPerson();
    const { message: told } = await givenLetter({ to: email, subject: erased, link: null });
    const clock = movableClock();
    const failing = worker({ EMAIL: fakeEmail(() => Promise.reject(new Error("gone"))).binding }, clock);
    await failing.deliver([told]);
    clock.advance(2 * minuteMs);
    const { binding, mails } = fakeEmail();
    await worker({ EMAIL: binding }, clock).deliver([told]);
    expect(mails).toHaveLength(1);
    expect(await deliveryOf(told.id)).toMatchObject({ status: "sent", attempts: 2 });
  });
});

test.each(["order.confirmed", "order.cancelled", "order.refunded", "order.refund_due"] as const)(
  "a buyer who is forgotten gets no mail: %s",
  async (type) => {
    const order = newOrder({ buyer: { name: "Deleted", email: "", userId: null } });
    await env.BOOKINGS.testOrder(order);
    const { binding, calls } = fakeEmail();
    const told = orderMessage(type, order);
    expect(await worker({ EMAIL: binding }).deliver([told])).toEqual(done);
    expect(calls()).toBe(0);
    expect(await deliveryOf(told.id)).toBeNull();
  },
);
