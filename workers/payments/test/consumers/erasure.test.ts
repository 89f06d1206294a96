import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { hourMs, minuteMs } from "@foyer/kernel/clock";
import { newId, type UserId } from "@foyer/kernel/ids";
import { consume } from "@foyer/messaging/consumer";
import { afterEach, describe, expect, test } from "vitest";
import { paymentsHandlers } from "../../src/consumers/handlers.ts";
import { sweep } from "../../src/service/sweep.ts";
import type { StripeEvent } from "../env.d.ts";
import {
  askForPayment,
  deliver,
  depsAhead,
  message,
  newOrder,
  open,
  processed,
  query,
  rowOf,
  settled,
  type TestOrder,
  unbalanced,
} from "../support.ts";

afterEach(async () => {
  await env.OUTSIDE.testClearFaults();
  await env.BOOKINGS.testDown(false);
  await env.USERS.testDown(0);
});

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

/** An order of somebody's account, or of nobody's under their address, whose payment the provider tells of by their address. */
async function buy(person: Person, as: "account" | "guest" = "account") {
  const order = await newOrder({ email: person.email, ...(as === "account" ? { userId: person.userId } : {}) });
  const { payment, objectId } = await open(order);
  await env.OUTSIDE.testPatch(objectId, { customer_details: { email: person.email, name: "Buyer One" } });
  const events = await env.OUTSIDE.testPay(objectId);
  for (const event of events) {
    await deliver(event);
    await processed(event);
  }
  await settled(payment.id, "succeeded");
  return { order, payment, objectId, events };
}

/** Delivers an event that cannot be acted on now. */
async function failedOnce(event: StripeEvent): Promise<void> {
  await deliver(event);
  await expect
    .poll(() => query("SELECT error FROM provider_events WHERE id = ?1", event.id), { timeout: 10_000 })
    .toEqual([{ error: "platform.unavailable" }]);
}

/** The tables that have a text in one of their rows. */
async function tablesWith(text: string): Promise<unknown[]> {
  const tables = await query(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
  );
  const found = [];
  for (const { name } of tables) {
    const rows = await query(`SELECT * FROM "${String(name)}"`);
    if (JSON.stringify(rows).includes(text)) found.push(name);
  }
  return found;
}

/** Handles messages as the queue's consumer does, and leaves the outbox for the test to look at. */
async function consumeMessages(bodies: readonly { readonly id: string }[]) {
  const deps = depsAhead(0);
  const batch = createMessageBatch(
    "foyer-payments",
    bodies.map((body) => ({ id: body.id, timestamp: new Date(), attempts: 1, body })),
  );
  await consume(batch, paymentsHandlers(deps), deps);
  return getQueueResult(batch, createExecutionContext());
}

/** What the outbox has for users about a person; empties it of that. */
async function answersAbout(userId: string): Promise<unknown[]> {
  const rows = await query(
    "DELETE FROM outbox WHERE consumer = 'users' AND body ->> '$.payload.userId' = ?1 RETURNING body",
    userId,
  );
  return rows.map(({ body }) => {
    const { type, payload } = JSON.parse(String(body));
    return [type, payload];
  });
}

const forgotten = (order: TestOrder) => {
  const { eventId, organizationId, orderId } = order;
  return message("order.forgotten", { eventId, organizationId, orderId });
};

/** Everything about an order's money. */
async function moneyOf(order: TestOrder): Promise<unknown[]> {
  return [
    await query("SELECT * FROM payments WHERE order_id = ?1", order.orderId),
    await query(
      "SELECT * FROM ledger_entries WHERE payment_id IN (SELECT id FROM payments WHERE order_id = ?1)",
      order.orderId,
    ),
  ];
}

const answered = (userId: string) => [["user.erased", { userId, worker: "payments" }]];

test("what the provider told of somebody's payments goes, and the money stays as it is", async () => {
  const person = newPerson();
  const bought = [await buy(person), await buy(person, "guest"), await buy(person), await buy(person)];
  const other = await buy(newPerson());
  expect(await tablesWith(person.email)).toEqual(["provider_events"]);
  const before = await Promise.all(bought.map(({ order }) => moneyOf(order)));
  const { explicitAcks } = await consumeMessages([await due(person)]);
  expect(explicitAcks).toHaveLength(1);
  expect(await tablesWith(person.email)).toEqual([]);
  expect(await answersAbout(person.userId)).toEqual(answered(person.userId));
  expect(await Promise.all(bought.map(({ order }) => moneyOf(order)))).toEqual(before);
  expect(await unbalanced()).toEqual([]);
  const ofOther = await query("SELECT body FROM provider_events WHERE payment_id = ?1 AND body = ''", other.payment.id);
  expect(ofOther).toEqual([]);
});

test("the same message twice has one answer, and another message about the same person one more", async () => {
  const person = newPerson();
  await buy(person);
  const told = await due(person);
  await consumeMessages([told, told]);
  await consumeMessages([told]);
  expect(await answersAbout(person.userId)).toEqual(answered(person.userId));
  await consumeMessages([await due(person)]);
  expect(await answersAbout(person.userId)).toEqual(answered(person.userId));
});

test("somebody who has paid nothing, and somebody whose erasure is over, are answered for", async () => {
  const nobody = newPerson();
  await consumeMessages([await due(nobody)]);
  expect(await answersAbout(nobody.userId)).toEqual(answered(nobody.userId));
  const person = newPerson();
  await buy(person);
  await consumeMessages([message("user.erasure_due", { userId: person.userId })]);
  expect(await tablesWith(person.email)).toEqual([]);
  expect(await answersAbout(person.userId)).toEqual(answered(person.userId));
});

describe("what nobody's account bought under the address", () => {
  test("stays where the address was never proven", async () => {
    const person = newPerson();
    await buy(person, "guest");
    await consumeMessages([await due(person, { emailVerified: false })]);
    expect(await tablesWith(person.email)).toEqual(["provider_events"]);
  });

  test("stays where it was bought later, by whoever has the address now", async () => {
    const person = newPerson();
    const { order } = await buy(person, "guest");
    await env.BOOKINGS.testPatch(order.orderId, { createdAtMs: Date.now() });
    await consumeMessages([await due(person, { requestedAtMs: Date.now() - hourMs })]);
    expect(await tablesWith(person.email)).toEqual(["provider_events"]);
  });
});

test.each(["users", "bookings"] as const)(
  "while %s does not answer the message comes again, and nothing is answered",
  async (peer) => {
    const person = newPerson();
    await buy(person);
    const told = await due(person);
    if (peer === "users") await env.USERS.testDown(1);
    else await env.BOOKINGS.testDown(true);
    expect((await consumeMessages([told])).retryMessages).toHaveLength(1);
    expect(await answersAbout(person.userId)).toEqual([]);
    await env.BOOKINGS.testDown(false);
    await consumeMessages([told]);
    expect(await tablesWith(person.email)).toEqual([]);
    expect(await answersAbout(person.userId)).toEqual(answered(person.userId));
  },
);

test("a crash before the answer is stored leaves the message, and its second delivery does the rest", async () => {
  const person = newPerson();
  await buy(person);
  await query("CREATE TRIGGER no_answers BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'gone'); END");
  const told = await due(person);
  const { retryMessages } = await consumeMessages([told]);
  await query("DROP TRIGGER no_answers");
  expect(retryMessages).toHaveLength(1);
  await consumeMessages([told]);
  expect(await tablesWith(person.email)).toEqual([]);
  expect(await answersAbout(person.userId)).toEqual(answered(person.userId));
});

describe("order.forgotten", () => {
  test("forgets the buyer of one order, who has no name any more that bookings could find it by", async () => {
    const person = newPerson();
    const { order } = await buy(person);
    await buy(person);
    await consumeMessages([forgotten(order), forgotten(order)]);
    const rows = await query(
      "SELECT body = '' AS empty, COUNT(*) AS count FROM provider_events WHERE payment_id IN (SELECT id FROM payments WHERE order_id = ?1) GROUP BY empty",
      order.orderId,
    );
    expect(rows).toEqual([{ empty: 1, count: 3 }]);
    expect(await tablesWith(person.email)).toEqual(["provider_events"]);
  });

  test("about an order that was never paid changes nothing", async () => {
    const order = await newOrder();
    expect((await consumeMessages([forgotten(order)])).explicitAcks).toHaveLength(1);
    expect(await query("SELECT id FROM payments WHERE order_id = ?1", order.orderId)).toEqual([]);
  });
});

describe("what comes later about a forgotten buyer", () => {
  test("is acted on, and emptied: by our own id, or by the provider's alone", async () => {
    const person = newPerson();
    const { order, payment } = await buy(person);
    await consumeMessages([forgotten(order)]);
    const intentId = String((await rowOf(payment.id)).intent_id);
    const events = await env.OUTSIDE.testRefundElsewhere(intentId, 1_000);
    const news = await env.OUTSIDE.testEvent("charge.updated", {
      id: "ch_1",
      object: "charge",
      billing_details: { email: person.email },
      metadata: { foyer_payment_id: payment.id },
    });
    for (const event of [...events, news]) {
      await deliver(event);
      await processed(event);
      expect(await query("SELECT body, state FROM provider_events WHERE id = ?1", event.id)).toEqual([
        { body: "", state: "done" },
      ]);
    }
    expect(await query("SELECT status, amount_minor AS minor FROM refunds WHERE payment_id = ?1", payment.id)).toEqual([
      { status: "succeeded", minor: 1_000 },
    ]);
    expect(await tablesWith(person.email)).toEqual([]);
  });

  test("waits whole until it could be acted on, so that no money is lost", async () => {
    const person = newPerson();
    const order = await newOrder({ email: person.email, userId: person.userId });
    const { payment, objectId } = await open(order);
    await env.OUTSIDE.testPatch(objectId, { customer_details: { email: person.email } });
    const completed = (await env.OUTSIDE.testPay(objectId)).at(-1);
    if (completed === undefined) throw new Error("nothing was told");
    await env.OUTSIDE.testFault("GET /v1/checkout/sessions/:id", "500", 100);
    await failedOnce(completed);
    await consumeMessages([await due(person)]);
    expect(await tablesWith(person.email)).toEqual(["provider_events"]);
    await env.OUTSIDE.testClearFaults();
    await sweep(depsAhead(10 * minuteMs), "req_sweep");
    expect(await settled(payment.id, "succeeded")).toMatchObject({ order_outcome: "confirmed" });
    expect(await tablesWith(person.email)).toEqual([]);
  });

  test("is emptied as well where it was given up on, for a person to look into at the provider", async () => {
    const person = newPerson();
    const { order, payment } = await buy(person);
    const news = await env.OUTSIDE.testEvent("refund.updated", {
      id: "re_unread",
      object: "refund",
      instructions_email: person.email,
      metadata: { foyer_payment_id: payment.id },
    });
    await env.OUTSIDE.testFault("GET /v1/refunds/:id", "500", 100);
    await failedOnce(news);
    await consumeMessages([forgotten(order)]);
    await query("UPDATE provider_events SET attempts = 1000, next_attempt_at_ms = 1 WHERE id = ?1", news.id);
    await sweep(depsAhead(0), "req_sweep");
    expect(await query("SELECT state, body FROM provider_events WHERE id = ?1", news.id)).toEqual([
      { state: "failed", body: "" },
    ]);
    expect(await query("SELECT reason FROM review_cases WHERE provider_reference = ?1", news.id)).toEqual([
      { reason: "event_unprocessed" },
    ]);
    expect(await tablesWith(person.email)).toEqual([]);
  });
});

describe("a request that the provider has not answered", () => {
  async function openUnheard(person: Person): Promise<{ order: TestOrder; paymentId: string; sessionId: string }> {
    const order = await newOrder({ email: person.email, userId: person.userId });
    await env.OUTSIDE.testFault("POST /v1/checkout/sessions", "500_after_success", 3);
    expect((await askForPayment(order)).status).toBe(503);
    const [row] = await query("SELECT id FROM payments WHERE order_id = ?1", order.orderId);
    const { sessions } = await env.OUTSIDE.testOfOrder(order.orderId);
    return { order, paymentId: String(row?.id), sessionId: sessions[0]?.id ?? "" };
  }

  test("stays word for word, since no other finds the payment that it may have made, and goes with the answer", async () => {
    const person = newPerson();
    const { order, paymentId, sessionId } = await openUnheard(person);
    await consumeMessages([await due(person)]);
    expect(await tablesWith(person.email)).toEqual(["payments"]);
    await env.OUTSIDE.testPay(sessionId);
    await sweep(depsAhead(16 * minuteMs), "req_sweep");
    await settled(paymentId, "succeeded");
    expect((await env.OUTSIDE.testOfOrder(order.orderId)).sessions).toHaveLength(1);
    expect(await tablesWith(person.email)).toEqual([]);
  });

  test("goes where a person has to look into its payment and nobody asks again, before and after", async () => {
    for (const isReviewedFirst of [true, false]) {
      const person = newPerson();
      const { order, paymentId, sessionId } = await openUnheard(person);
      await env.OUTSIDE.testPatch(sessionId, { amount_total: 100 });
      const review = async () => {
        await sweep(depsAhead(16 * minuteMs), "req_sweep");
        expect(await rowOf(paymentId)).toMatchObject({ status: "open", next_check_at_ms: null });
      };
      if (isReviewedFirst) await review();
      await consumeMessages([forgotten(order)]);
      if (!isReviewedFirst) await review();
      expect(await tablesWith(person.email)).toEqual([]);
    }
  });
});

test("the provider hears no address of a buyer who is forgotten, and takes the payment", async () => {
  for (const method of ["checkout", "intent"] as const) {
    const order = await newOrder({ email: "" });
    const { objectId } = await open(order, method);
    expect(objectId).toMatch(/^(cs|pi)_/);
    const { calls } = await env.OUTSIDE.testOfOrder(order.orderId);
    expect(calls.map(({ text }) => text).join()).not.toMatch(/customer_email|receipt_email/);
  }
});
