import { env } from "cloudflare:workers";
import { minuteMs } from "@foyer/kernel/clock";
import { newId } from "@foyer/kernel/ids";
import { newTestUser } from "@foyer/testing/tokens";
import { afterEach, describe, expect, test } from "vitest";
import { sweep } from "../../src/service/sweep.ts";
import {
  consumeMessages,
  depsAhead,
  member,
  message,
  newOrder,
  open,
  pay,
  post,
  query,
  request,
  rowOf,
  settled,
  type TestOrder,
  unbalanced,
} from "../support.ts";

afterEach(async () => {
  await env.OUTSIDE.testClearFaults();
  await env.BOOKINGS.testDown(false);
});

const facts = (order: TestOrder) => ({
  eventId: order.eventId,
  organizationId: order.organizationId,
  orderId: order.orderId,
  sequence: 2,
  total: order.total,
  items: [{ ticketTypeId: newId("ticketType", Date.now()), quantity: 2 }],
});

function refundDue(order: TestOrder, paymentId: ReturnType<typeof newId<"payment">>) {
  const { eventId, organizationId, orderId, total } = order;
  return message("order.refund_due", {
    eventId,
    organizationId,
    orderId,
    paymentId,
    amount: total,
    reason: "sold out",
  });
}

describe("order.refund_due", () => {
  test("sends the whole payment back, once, however often it is told", async () => {
    const order = await newOrder({ outcome: "refund_due" });
    const { payment } = await pay(order);
    expect(await rowOf(payment.id)).toMatchObject({ order_outcome: "refund_due" });
    const due = refundDue(order, payment.id);
    const again = refundDue(order, payment.id);
    const result = await consumeMessages([due, due, again]);
    expect(result.explicitAcks).toHaveLength(3);
    expect((await consumeMessages([due])).explicitAcks).toHaveLength(1);
    expect((await env.OUTSIDE.testOfOrder(order.orderId)).refunds).toMatchObject([{ amount: 5000 }]);
    expect(await query("SELECT status, origin FROM refunds WHERE payment_id = ?1", payment.id)).toEqual([
      { status: "succeeded", origin: "refund_due" },
    ]);
    expect((await env.BOOKINGS.testRead(order.orderId)).refunds).toMatchObject([
      { amount: order.total, ticketIds: [] },
    ]);
    expect(await rowOf(payment.id)).toMatchObject({ next_check_at_ms: null });
    expect(await unbalanced()).toEqual([]);
  });

  test("is done as soon as the wish is stored, although Stripe is down", async () => {
    const order = await newOrder({ outcome: "refund_due" });
    const { payment } = await pay(order);
    await env.OUTSIDE.testFault("POST /v1/refunds", "500", 3);
    expect((await consumeMessages([refundDue(order, payment.id)])).explicitAcks).toHaveLength(1);
    expect(await query("SELECT status FROM refunds WHERE payment_id = ?1", payment.id)).toEqual([
      { status: "pending" },
    ]);
  });

  test("of a whole event at once, partly refunded before and with Stripe failing in between, sends each payment's rest back once", async () => {
    const orders = await Promise.all(Array.from({ length: 12 }, () => newOrder()));
    const payments = await Promise.all(orders.map((order) => pay(order)));
    const [early] = orders;
    const [first] = payments;
    if (early === undefined || first === undefined) throw new Error("twelve have paid");
    const { headers } = await member(early);
    const part = { amount: { amount: 1_500, currency: "EUR" }, reason: "One cannot come" };
    expect((await post(`/v1/payments/${first.payment.id}/refunds`, part, headers)).status).toBe(201);
    const dues = orders.flatMap((order, index) => {
      const paymentId = payments[index]?.payment.id;
      return paymentId === undefined ? [] : [refundDue(order, paymentId), refundDue(order, paymentId)];
    });
    await env.OUTSIDE.testFault("POST /v1/refunds", "500", 8);
    await env.BOOKINGS.testDown(true);
    expect((await consumeMessages(dues)).explicitAcks).toHaveLength(dues.length);
    await env.OUTSIDE.testClearFaults();
    await env.BOOKINGS.testDown(false);
    await consumeMessages(dues);
    for (const minutes of [2, 6]) await sweep(depsAhead(minutes * minuteMs), "req_sweep");
    for (const [index, order] of orders.entries()) {
      const { refunds } = await env.OUTSIDE.testOfOrder(order.orderId);
      expect(refunds.map(({ amount }) => amount)).toEqual(index === 0 ? [1_500, 3_500] : [5_000]);
      const paymentId = payments[index]?.payment.id ?? "";
      const rows = await query(
        "SELECT status, recorded_at_ms IS NULL AS untold FROM refunds WHERE payment_id = ?1",
        paymentId,
      );
      expect(rows).toEqual(refunds.map(() => ({ status: "succeeded", untold: 0 })));
    }
    expect(await unbalanced()).toEqual([]);
  });

  test("for a payment that nobody knows becomes a dead letter that an administrator sees", async () => {
    const order = await newOrder();
    const due = refundDue(order, newId("payment", Date.now()));
    expect((await consumeMessages([due])).explicitAcks).toHaveLength(1);
    const admin = (await newTestUser({ platformAdmin: true })).headers;
    const listed = await request("/v1/admin/payments/dead-letters", { headers: admin });
    const { data } = await listed.json<{ data: { id: string; messageId: string; reason: string }[] }>();
    const letter = data.find((candidate) => candidate.messageId === due.id);
    expect(letter).toMatchObject({ reason: "payments.not_found" });
    const replayed = await post(`/v1/admin/payments/dead-letters/${letter?.id}/replay`, {}, { ...admin });
    expect([replayed.status, await replayed.json()]).toMatchObject([409, { code: "messaging.replay_failed" }]);
    expect((await request("/v1/admin/payments/dead-letters", { headers: (await newTestUser()).headers })).status).toBe(
      403,
    );
  });
});

describe.each(["order.expired", "order.cancelled"] as const)("%s", (type) => {
  test("closes the open page and the open intent at Stripe, twice as well as once", async () => {
    for (const method of ["checkout", "intent"] as const) {
      const order = await newOrder();
      const { payment } = await open(order, method);
      const news = message(type, facts(order));
      await consumeMessages([news, message(type, facts(order)), news]);
      const status = method === "checkout" ? "expired" : "cancelled";
      await settled(payment.id, status);
      const { sessions, intents } = await env.OUTSIDE.testOfOrder(order.orderId);
      expect([...sessions, ...intents].map((object) => object.status)).toEqual([
        method === "checkout" ? "expired" : "canceled",
      ]);
    }
  });

  test("finds that it was paid meanwhile, and takes the paid way", async () => {
    const order = await newOrder({ outcome: "refund_due" });
    const { payment, objectId } = await open(order);
    await env.OUTSIDE.testPay(objectId);
    await consumeMessages([message(type, facts(order))]);
    expect(await settled(payment.id, "succeeded")).toMatchObject({ order_outcome: "refund_due" });
  });

  test("is kept while Stripe is down", async () => {
    const order = await newOrder();
    const { payment } = await open(order);
    await env.OUTSIDE.testFault("GET /v1/checkout/sessions/:id", "500", 3);
    expect((await consumeMessages([message(type, facts(order))])).explicitAcks).toHaveLength(1);
    expect(await rowOf(payment.id)).toMatchObject({ status: "open", closing: 1 });
  });

  test("about an order that nobody pays changes nothing", async () => {
    expect((await consumeMessages([message(type, facts(await newOrder()))])).explicitAcks).toHaveLength(1);
  });
});

test("what is no message of ours is a dead letter, and the others of its batch are handled", async () => {
  const order = await newOrder();
  const { payment } = await open(order);
  const nonsense = { id: crypto.randomUUID(), type: "order.expired" };
  const result = await consumeMessages([nonsense, message("order.expired", facts(order))]);
  expect(result.explicitAcks).toHaveLength(2);
  await settled(payment.id, "expired");
});

test("what the queue gave up on is stored", async () => {
  const order = await newOrder();
  const news = message("order.expired", facts(order));
  await consumeMessages([news], "foyer-payments-dlq");
  expect(await query("SELECT type FROM dead_letters WHERE message_id = ?1", news.id)).toEqual([
    { type: "order.expired" },
  ]);
});
