import { env } from "cloudflare:workers";
import { limits } from "@foyer/kernel/limits";
import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import {
  deliver,
  newOrder,
  open,
  pay,
  post,
  processed,
  query,
  readPayment,
  rowOf,
  settled,
  sign,
  unbalanced,
} from "../support.ts";

afterEach(async () => {
  await env.OUTSIDE.testClearFaults();
  await env.BOOKINGS.testDown(false);
});

async function countOf(table: string): Promise<number> {
  return Number((await query(`SELECT COUNT(*) AS count FROM ${table}`))[0]?.count);
}

describe("a webhook of a payment that succeeded", () => {
  test.each(["checkout", "intent"] as const)("confirms the order and books the money (%s)", async (method) => {
    const order = await newOrder();
    const { payment } = await pay(order, method);
    const stub = await env.BOOKINGS.testRead(order.orderId);
    expect(stub).toMatchObject({ status: "confirmed", confirmations: 1, paid: order.total });
    const entries = await query(
      "SELECT account, amount_minor FROM ledger_entries WHERE payment_id = ?1 ORDER BY account",
      payment.id,
    );
    expect(entries).toEqual([
      { account: "organizer_payable", amount_minor: -5000 },
      { account: "provider_clearing", amount_minor: 5000 },
    ]);
    expect(await unbalanced()).toEqual([]);
  });

  test("delivered twice, then fifty times at once, has the effect of once", async () => {
    const order = await newOrder();
    const { payment, objectId } = await open(order);
    const events = await env.OUTSIDE.testPay(objectId);
    const last = events.at(-1) ?? { id: "", type: "" };
    const copies = [last, last, ...Array.from({ length: 48 }, () => last)];
    const answers = await Promise.all(copies.map((event) => deliver(event)));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    await processed(last);
    await settled(payment.id, "succeeded");
    expect((await env.BOOKINGS.testRead(order.orderId)).confirmations).toBe(1);
    expect(await query("SELECT id FROM provider_events WHERE id = ?1", last.id)).toHaveLength(1);
    expect(await query("SELECT line FROM ledger_entries WHERE payment_id = ?1", payment.id)).toHaveLength(2);
  });

  test("raced by every other event and the buyer's return still books once", async () => {
    const order = await newOrder();
    const { payment, objectId } = await open(order);
    const events = await env.OUTSIDE.testPay(objectId);
    await Promise.all([...events.map((event) => deliver(event)), readPayment(order), readPayment(order)]);
    await Promise.all(events.map((event) => processed(event)));
    await settled(payment.id, "succeeded");
    expect(await query("SELECT version FROM status_changes WHERE subject_id = ?1", payment.id)).toEqual([
      { version: 2 },
    ]);
    expect(await query("SELECT line FROM ledger_entries WHERE payment_id = ?1", payment.id)).toHaveLength(2);
    expect((await env.BOOKINGS.testRead(order.orderId)).confirmations).toBe(1);
  });

  test("comes before the provider's answer to our own call was kept, and is matched by its metadata", async () => {
    const order = await newOrder();
    const { payment, objectId } = await open(order);
    await env.PAYMENTS_DB.prepare("UPDATE payments SET session_id = NULL WHERE id = ?1").bind(payment.id).run();
    for (const event of await env.OUTSIDE.testPay(objectId)) await deliver(event);
    await settled(payment.id, "succeeded");
    expect((await env.BOOKINGS.testRead(order.orderId)).status).toBe("confirmed");
  });

  test("ends alike in any order, with any repetitions", async () => {
    const seed = Date.now();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("checkout" as const, "intent" as const),
        fc.boolean(),
        fc.array(fc.nat(), { minLength: 12, maxLength: 12 }),
        async (method, slow, keys) => {
          const order = await newOrder();
          const { payment, objectId } = await open(order, method);
          const news = await env.OUTSIDE.testPay(objectId, { state: "declined" });
          if (slow) news.push(...(await env.OUTSIDE.testPay(objectId, { state: "processing" })));
          news.push(...(await env.OUTSIDE.testPay(objectId)));
          const twice = [...news, ...news].map((event, index) => ({ event, key: keys[index] ?? 0 }));
          twice.sort((left, right) => left.key - right.key);
          for (const { event } of twice) expect((await deliver(event)).status).toBe(200);
          await Promise.all(news.map((event) => processed(event)));
          const row = await settled(payment.id, "succeeded");
          expect(row).toMatchObject({ order_outcome: "confirmed", next_check_at_ms: null });
          expect(await query("SELECT line FROM ledger_entries WHERE payment_id = ?1", payment.id)).toHaveLength(2);
          expect((await env.BOOKINGS.testRead(order.orderId)).confirmations).toBe(1);
        },
      ),
      { numRuns: 15, seed },
    );
  });
});

describe("a payment that does not succeed", () => {
  test("stays open after a declined card, since the buyer may use another", async () => {
    const order = await newOrder();
    const { payment, objectId } = await open(order, "intent");
    for (const event of await env.OUTSIDE.testPay(objectId, { state: "declined" })) {
      await deliver(event);
      await processed(event);
    }
    expect((await rowOf(payment.id)).status).toBe("open");
    expect((await env.BOOKINGS.testRead(order.orderId)).confirmations).toBe(0);
  });

  test.each([
    ["expired", "checkout", "testExpire"],
    ["cancelled", "intent", "testCancel"],
  ] as const)("ends as %s where the provider says so, and tells", async (status, method, how) => {
    const { payment, objectId } = await open(await newOrder(), method);
    for (const event of await env.OUTSIDE[how](objectId)) await deliver(event);
    expect(await settled(payment.id, status)).toMatchObject({ next_check_at_ms: null });
  });

  test("of a slow method is processing, and then failed", async () => {
    const { payment, objectId } = await open(await newOrder());
    for (const event of await env.OUTSIDE.testPay(objectId, { state: "processing" })) await deliver(event);
    await settled(payment.id, "processing");
    for (const event of await env.OUTSIDE.testAsyncFailure(objectId)) await deliver(event);
    expect(await settled(payment.id, "failed")).toMatchObject({
      failure_reason: "payment_intent_payment_attempt_failed",
    });
  });

  test("and is paid after all, takes the paid way", async () => {
    const order = await newOrder();
    const { payment, objectId } = await open(order, "intent");
    for (const event of await env.OUTSIDE.testCancel(objectId)) await deliver(event);
    await settled(payment.id, "cancelled");
    for (const event of await env.OUTSIDE.testPay(objectId)) await deliver(event);
    await settled(payment.id, "succeeded");
    expect((await env.BOOKINGS.testRead(order.orderId)).status).toBe("confirmed");
  });
});

describe("money that is not what was asked for", () => {
  test.each([
    ["less has arrived", {}, { received: 1 }, "amount_mismatch"],
    ["the amount was altered", { amount_total: 100 }, {}, "amount_mismatch"],
    ["the currency was altered", { currency: "jpy" }, {}, "amount_mismatch"],
    ["the metadata name another order", { metadata: { foyer_order_id: "ord_x" } }, {}, "metadata_mismatch"],
  ])("is never fulfilled, but reviewed: %s", async (_what, patch, how, reason) => {
    const order = await newOrder();
    const { payment, objectId } = await open(order);
    await env.OUTSIDE.testPatch(objectId, patch);
    for (const event of await env.OUTSIDE.testPay(objectId, how)) {
      await deliver(event);
      await processed(event);
    }
    expect((await env.BOOKINGS.testRead(order.orderId)).confirmations).toBe(0);
    expect((await rowOf(payment.id)).status).toBe("open");
    expect(await query("SELECT reason FROM review_cases WHERE payment_id = ?1", payment.id)).toEqual([{ reason }]);
    expect(await query("SELECT line FROM ledger_entries WHERE payment_id = ?1", payment.id)).toEqual([]);
  });

  test("under our name without a payment of ours is reviewed, and another application's is left alone", async () => {
    const unknown = await env.OUTSIDE.testEvent("payment_intent.succeeded", {
      id: "pi_unknown",
      object: "payment_intent",
      metadata: { foyer_payment_id: "pay_00000000000000000000000000" },
    });
    const foreign = await env.OUTSIDE.testEvent("payment_intent.succeeded", {
      id: "pi_foreign",
      object: "payment_intent",
      metadata: {},
    });
    for (const event of [unknown, foreign]) {
      await deliver(event);
      await processed(event);
    }
    const cases = await query("SELECT provider_reference, reason FROM review_cases WHERE payment_id IS NULL");
    expect(cases).toEqual([{ provider_reference: "pi_unknown", reason: "unknown_payment" }]);
  });
});

describe("the signature", () => {
  const body = JSON.stringify({
    id: "evt_x",
    object: "event",
    type: "payment_intent.succeeded",
    data: { object: { object: "x" } },
  });
  const at = (secondsAgo: number) => Math.floor(Date.now() / 1000) - secondsAgo;
  const cases: readonly (readonly [string, () => Promise<Record<string, string>>, string])[] = [
    ["is missing", async () => ({}), body],
    ["is empty", async () => ({ "stripe-signature": "" }), body],
    ["is nonsense", async () => ({ "stripe-signature": "t=1,v1=abc" }), body],
    [
      "was made with another secret",
      async () => ({ "stripe-signature": await sign(body, { secret: "whsec_other" }) }),
      body,
    ],
    [
      "is older than five minutes",
      async () => ({ "stripe-signature": await sign(body, { timestamp: at(301) }) }),
      body,
    ],
    ["is of another body", async () => ({ "stripe-signature": await sign(body) }), body.replace("evt_x", "evt_y")],
    [
      "is of the same body, encoded again",
      async () => ({ "stripe-signature": await sign(body) }),
      JSON.stringify(JSON.parse(body), null, 1),
    ],
    ["is right, over what is not JSON", async () => ({ "stripe-signature": await sign("not json") }), "not json"],
    ["is right, over what is no event", async () => ({ "stripe-signature": await sign('{"id":1}') }), '{"id":1}'],
  ];
  test.each(cases)("%s: 400, and nothing is stored", async (_what, headers, sent) => {
    const before = await countOf("provider_events");
    const response = await post("/v1/webhooks/stripe", sent, await headers());
    expect([response.status, await response.json()]).toMatchObject([400, { code: "payments.invalid_signature" }]);
    expect(await countOf("provider_events")).toBe(before);
  });

  test("of the secret that is being retired still counts", async () => {
    const event = JSON.stringify(await env.OUTSIDE.testEvent("payout.paid", { id: "po_1", object: "payout" }));
    const signature = await sign(event, { secret: "whsec_old" });
    expect((await post("/v1/webhooks/stripe", event, { "stripe-signature": signature })).status).toBe(200);
  });

  test("just within five minutes counts", async () => {
    const event = JSON.stringify(await env.OUTSIDE.testEvent("payout.paid", { id: "po_2", object: "payout" }));
    const signature = await sign(event, { timestamp: at(290) });
    expect((await post("/v1/webhooks/stripe", event, { "stripe-signature": signature })).status).toBe(200);
  });

  test("is not even looked at over a body that is too large", async () => {
    const response = await post("/v1/webhooks/stripe", "x".repeat(limits.webhookBytesMax + 1));
    expect([response.status, await response.json()]).toMatchObject([413, { code: "request.too_large" }]);
  });
});

test("events that are about nothing of ours are stored and done with", async () => {
  const event = await env.OUTSIDE.testEvent("customer.created", { id: "cus_1", object: "customer" });
  expect((await deliver(event)).status).toBe(200);
  await processed(event);
});

test("the answer is 2xx although bookings and Stripe are down, and the event waits", async () => {
  const order = await newOrder();
  const { payment, objectId } = await open(order);
  const [, succeeded] = await env.OUTSIDE.testPay(objectId);
  if (succeeded === undefined) throw new Error("no event");
  await env.BOOKINGS.testDown(true);
  expect((await deliver(succeeded)).status).toBe(200);
  await processed(succeeded, "received");
  await expect.poll(async () => (await rowOf(payment.id)).status, { timeout: 5_000 }).toBe("succeeded");
  await expect
    .poll(async () => (await query("SELECT error FROM provider_events WHERE id = ?1", succeeded.id))[0]?.error)
    .toBe("platform.unavailable");
});
