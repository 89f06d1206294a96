import { env, exports } from "cloudflare:workers";
import { dayMs, hourMs, minuteMs } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { afterEach, describe, expect, test } from "vitest";
import { sweep } from "../../src/service/sweep.ts";
import {
  askForPayment,
  consumeMessages,
  deliver,
  depsAhead,
  member,
  message,
  newOrder,
  open,
  pay,
  post,
  processed,
  query,
  rowOf,
  settled,
  unbalanced,
} from "../support.ts";

afterEach(async () => {
  await env.OUTSIDE.testClearFaults();
  await env.BOOKINGS.testDown(false);
});

const pass = (aheadMs: number) => sweep(depsAhead(aheadMs), "req_sweep");

describe("the reconciler", () => {
  test("repairs a payment whose webhooks were all lost, after 15 minutes and not before", async () => {
    const order = await newOrder();
    const { payment, objectId } = await open(order);
    await env.OUTSIDE.testPay(objectId);
    await pass(14 * minuteMs);
    expect((await rowOf(payment.id)).status).toBe("open");
    await pass(15 * minuteMs + 1000);
    await settled(payment.id, "succeeded");
    expect((await env.BOOKINGS.testRead(order.orderId)).status).toBe("confirmed");
    expect(await unbalanced()).toEqual([]);
  });

  test("finds a page that was opened although nobody heard the answer", async () => {
    const order = await newOrder();
    await env.OUTSIDE.testFault("POST /v1/checkout/sessions", "500_after_success", 3);
    expect((await askForPayment(order)).status).toBe(503);
    const [row] = await query("SELECT id, session_id FROM payments WHERE order_id = ?1", order.orderId);
    expect(row).toMatchObject({ session_id: null });
    const { sessions } = await env.OUTSIDE.testOfOrder(order.orderId);
    await env.OUTSIDE.testPay(sessions[0]?.id ?? "");
    await pass(16 * minuteMs);
    await settled(String(row?.id), "succeeded");
    expect((await env.OUTSIDE.testOfOrder(order.orderId)).sessions).toHaveLength(1);
  });

  test.each([
    ["checkout", "expired"],
    ["intent", "cancelled"],
  ] as const)(
    "closes a payment whose time is over, so that nobody pays for an order that is gone (%s)",
    async (method, status) => {
      const { payment, objectId } = await open(await newOrder(), method);
      await pass(15 * minuteMs + 1000);
      expect((await rowOf(payment.id)).status).toBe("open");
      await pass(limits.paymentHoldSeconds * 1000 + 5000);
      await settled(payment.id, status);
      const { sessions, intents } = await env.OUTSIDE.testOfOrder(String((await rowOf(payment.id)).order_id));
      expect([...sessions, ...intents].find((object) => object.id === objectId)?.status).not.toBe("open");
    },
  );

  test("keeps asking while Stripe is down, less and less often, and loses nothing", async () => {
    const { payment, objectId } = await open(await newOrder());
    await env.OUTSIDE.testPay(objectId);
    await env.OUTSIDE.testFault("GET /v1/checkout/sessions/:id", "500", 100);
    await pass(16 * minuteMs);
    await pass(2 * hourMs);
    expect(await rowOf(payment.id)).toMatchObject({ status: "open", checks: 2 });
    await env.OUTSIDE.testClearFaults();
    await pass(9 * hourMs);
    await settled(payment.id, "succeeded");
  });

  test("ends a payment that Stripe does not know once its time is over, and not before", async () => {
    const { payment, objectId } = await open(await newOrder());
    await env.OUTSIDE.testForget(objectId);
    await pass(15 * minuteMs + 1000);
    expect((await rowOf(payment.id)).status).toBe("open");
    await pass(limits.paymentHoldSeconds * 1000 + 5000);
    expect(await settled(payment.id, "expired")).toMatchObject({ failure_reason: "unknown_to_provider" });
  });

  test("leaves a reviewed payment alone until an administrator asks", async () => {
    const { payment, objectId } = await open(await newOrder());
    await env.OUTSIDE.testPay(objectId, { received: 1 });
    await pass(16 * minuteMs);
    expect(await rowOf(payment.id)).toMatchObject({ status: "open", next_check_at_ms: null });
  });

  test("run twice at once does the work once", async () => {
    const order = await newOrder();
    const { payment, objectId } = await open(order);
    await env.OUTSIDE.testPay(objectId);
    await Promise.all([pass(16 * minuteMs), pass(16 * minuteMs), pass(16 * minuteMs)]);
    await settled(payment.id, "succeeded");
    expect((await env.BOOKINGS.testRead(order.orderId)).confirmations).toBe(1);
    expect(await query("SELECT version FROM status_changes WHERE subject_id = ?1", payment.id)).toHaveLength(1);
  });
});

describe("bookings down, then up", () => {
  test("the money is kept, and the order confirmed once bookings is back", async () => {
    const order = await newOrder();
    const { payment, objectId } = await open(order);
    const events = await env.OUTSIDE.testPay(objectId);
    const last = events.at(-1) ?? { id: "", type: "" };
    await env.BOOKINGS.testDown(true);
    await deliver(last);
    await expect.poll(async () => (await rowOf(payment.id)).status, { timeout: 5_000 }).toBe("succeeded");
    await pass(2 * minuteMs);
    expect(await rowOf(payment.id)).toMatchObject({ order_outcome: null });
    await env.BOOKINGS.testDown(false);
    await pass(30 * minuteMs);
    expect(await rowOf(payment.id)).toMatchObject({ order_outcome: "confirmed", next_check_at_ms: null });
    await processed(last);
    expect((await env.BOOKINGS.testRead(order.orderId)).confirmations).toBe(1);
  });

  test("an order that bookings does not know is a case for a person", async () => {
    const order = await newOrder();
    const { payment, objectId } = await open(order);
    await env.BOOKINGS.testPatch(order.orderId, { unknown: true });
    for (const event of await env.OUTSIDE.testPay(objectId)) await deliver(event);
    expect(await settled(payment.id, "succeeded")).toMatchObject({ order_outcome: "review" });
    expect(await query("SELECT reason FROM review_cases WHERE payment_id = ?1", payment.id)).toEqual([
      { reason: "order_not_confirmable" },
    ]);
  });
});

describe("late money", () => {
  test("for an order that takes its stock again is confirmed", async () => {
    const order = await newOrder();
    const { payment, objectId } = await open(order, "intent");
    await env.BOOKINGS.testPatch(order.orderId, { status: "expired" });
    for (const event of await env.OUTSIDE.testPay(objectId)) await deliver(event);
    expect(await settled(payment.id, "succeeded")).toMatchObject({ order_outcome: "confirmed" });
  });

  test("for an order that is gone goes back, even where the message that says so is lost", async () => {
    const order = await newOrder({ outcome: "refund_due" });
    const { payment } = await pay(order);
    await pass(2 * minuteMs);
    expect((await env.OUTSIDE.testOfOrder(order.orderId)).refunds).toMatchObject([{ amount: 5000 }]);
    expect(await rowOf(payment.id)).toMatchObject({ next_check_at_ms: null });
    expect(await unbalanced()).toEqual([]);
  });

  test("paid twice over, once is kept and once goes back", async () => {
    const order = await newOrder();
    const first = await open(order, "intent");
    for (const event of await env.OUTSIDE.testCancel(first.objectId)) await deliver(event);
    await settled(first.payment.id, "cancelled");
    const second = await pay(order, "intent");
    for (const event of await env.OUTSIDE.testPay(first.objectId)) await deliver(event);
    expect(await settled(first.payment.id, "succeeded")).toMatchObject({ order_outcome: "refund_due" });
    await pass(2 * minuteMs);
    const refunds = await query("SELECT payment_id, status FROM refunds WHERE order_id = ?1", order.orderId);
    expect(refunds).toEqual([{ payment_id: first.payment.id, status: "succeeded" }]);
    expect(await rowOf(second.payment.id)).toMatchObject({ order_outcome: "confirmed" });
  });
});

describe("refunds that stopped half-way", () => {
  test("that failed under their key for good are a case for a person, and what they took is free again", async () => {
    const order = await newOrder();
    const { payment } = await pay(order);
    const headers = { ...(await member(order)).headers };
    await env.OUTSIDE.testFault("POST /v1/refunds", "500_kept", 1);
    const path = `/v1/payments/${payment.id}/refunds`;
    expect((await post(path, { reason: "Ill" }, headers)).status).toBe(409);
    expect((await env.OUTSIDE.testOfOrder(order.orderId)).refunds).toEqual([]);
    expect((await post(path, { reason: "Ill" }, headers)).status).toBe(201);
    expect(await unbalanced()).toEqual([]);
  });

  test.each(["500", "500_after_success", "timeout_after_success"])("are sent once after Stripe's %s", async (kind) => {
    const order = await newOrder();
    const { payment } = await pay(order);
    await env.OUTSIDE.testFault("POST /v1/refunds", kind, 3);
    await post(`/v1/payments/${payment.id}/refunds`, { reason: "Ill" }, { ...(await member(order)).headers });
    await env.OUTSIDE.testClearFaults();
    await pass(2 * minuteMs);
    expect((await env.OUTSIDE.testOfOrder(order.orderId)).refunds).toHaveLength(1);
    expect(await query("SELECT status FROM refunds WHERE payment_id = ?1", payment.id)).toEqual([
      { status: "succeeded" },
    ]);
    expect((await env.BOOKINGS.testRead(order.orderId)).refunds).toHaveLength(1);
  });

  test("are told to bookings once it is back", async () => {
    const order = await newOrder();
    const { payment } = await pay(order);
    await env.BOOKINGS.testDown(true);
    await post(`/v1/payments/${payment.id}/refunds`, { reason: "Ill" }, { ...(await member(order)).headers });
    await env.BOOKINGS.testDown(false);
    expect((await env.BOOKINGS.testRead(order.orderId)).refunds).toEqual([]);
    await pass(2 * minuteMs);
    await pass(3 * minuteMs);
    expect((await env.BOOKINGS.testRead(order.orderId)).refunds).toHaveLength(1);
    expect(await query("SELECT next_check_at_ms FROM refunds WHERE payment_id = ?1", payment.id)).toEqual([
      { next_check_at_ms: null },
    ]);
  });

  test("that bookings will not record are a case for a person", async () => {
    const order = await newOrder();
    const { payment } = await pay(order);
    await env.BOOKINGS.testPatch(order.orderId, { refuseRefunds: true });
    await post(`/v1/payments/${payment.id}/refunds`, { reason: "Ill" }, { ...(await member(order)).headers });
    expect(await query("SELECT reason FROM review_cases WHERE payment_id = ?1", payment.id)).toEqual([
      { reason: "refund_not_recorded" },
    ]);
  });

  test("of an order that is gone are pursued", async () => {
    const order = await newOrder({ outcome: "refund_due" });
    const { payment } = await pay(order);
    const { eventId, organizationId, orderId, total } = order;
    await env.OUTSIDE.testFault("POST /v1/refunds", "429", 1);
    const facts = { eventId, organizationId, orderId, paymentId: payment.id, amount: total, reason: "sold out" };
    await consumeMessages([message("order.refund_due", facts)]);
    await pass(2 * minuteMs);
    expect(await query("SELECT status FROM refunds WHERE payment_id = ?1", payment.id)).toEqual([
      { status: "succeeded" },
    ]);
  });
});

describe("stored events", () => {
  test("that fail for good are given up after a bounded number of attempts, and reviewed", async () => {
    const event = await env.OUTSIDE.testEvent("refund.updated", {
      id: "re_1",
      object: "refund",
      payment_intent: (await pay(await newOrder())).intentId,
    });
    await env.OUTSIDE.testFault("GET /v1/refunds/:id", "500", 6);
    await deliver(event);
    await processed(event, "received");
    await expect
      .poll(async () => (await query("SELECT error FROM provider_events WHERE id = ?1", event.id))[0]?.error, {
        timeout: 5_000,
      })
      .toBe("platform.unavailable");
    await env.PAYMENTS_DB.prepare("UPDATE provider_events SET attempts = ?2 WHERE id = ?1")
      .bind(event.id, limits.providerEventAttemptsMax - 1)
      .run();
    await pass(hourMs);
    expect(await query("SELECT state, next_attempt_at_ms FROM provider_events WHERE id = ?1", event.id)).toEqual([
      { state: "failed", next_attempt_at_ms: null },
    ]);
    expect(await query("SELECT reason FROM review_cases WHERE provider_reference = ?1", event.id)).toEqual([
      { reason: "event_unprocessed" },
    ]);
  });

  test("that were acted on are forgotten after a month, and no sooner", async () => {
    const event = await env.OUTSIDE.testEvent("customer.created", { id: "cus_2", object: "customer" });
    await deliver(event);
    await processed(event);
    await depsAhead((limits.providerEventRetentionDays - 1) * dayMs).tidy();
    expect(await query("SELECT id FROM provider_events WHERE id = ?1", event.id)).toHaveLength(1);
    await depsAhead((limits.providerEventRetentionDays + 1) * dayMs).tidy();
    expect(await query("SELECT id FROM provider_events WHERE id = ?1", event.id)).toEqual([]);
  });
});

test("cron runs the clockwork and empties the outbox", async () => {
  await pay(await newOrder());
  await exports.default.scheduled();
  // Other tests have set their clocks ahead, and what they sent is not due yet.
  const due = () => query("SELECT id FROM outbox WHERE available_at_ms <= ?1", Date.now());
  await expect.poll(due, { timeout: 5_000 }).toEqual([]);
});
