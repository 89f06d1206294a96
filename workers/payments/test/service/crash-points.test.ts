import { env } from "cloudflare:workers";
import { hourMs, minuteMs } from "@foyer/kernel/clock";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { afterEach, expect, test } from "vitest";
import { refundUnfulfilledPayment } from "../../src/service/refund-unfulfilled-payment.ts";
import { sweep } from "../../src/service/sweep.ts";
import { deliver, depsAhead, member, newOrder, open, pay, post, query, rowOf } from "../support.ts";

afterEach(async () => {
  await query("DROP TRIGGER IF EXISTS no_cases");
  await env.OUTSIDE.testClearFaults();
  await env.BOOKINGS.testDown(false);
});

const pass = (aheadMs: number) => sweep(depsAhead(aheadMs), "req_crash");
const refundsOf = (paymentId: string) => `/v1/payments/${paymentId}/refunds`;
const reason = "The artist is ill";
/** From here on, no case can be stored: as a crash just before it. */
const breakCases = () =>
  query("CREATE TRIGGER no_cases BEFORE INSERT ON review_cases BEGIN SELECT RAISE(ABORT, 'crash'); END");

test("a refund whose answer was lost goes back once, also after the provider has forgotten its key", async () => {
  const order = await newOrder();
  const { payment } = await pay(order);
  await env.OUTSIDE.testFault("POST /v1/refunds", "500_after_success", 3);
  const headers = { ...(await member(order)).headers };
  const asked = await post(refundsOf(payment.id), { amount: { amount: 2000, currency: "EUR" }, reason }, headers);
  expect(await asked.json()).toMatchObject({ status: "pending" });
  await env.OUTSIDE.testClearFaults();
  await env.OUTSIDE.testForgetKeys();
  await pass(25 * hourMs);
  expect((await env.OUTSIDE.testOfOrder(order.orderId)).refunds.map(({ amount }) => amount)).toEqual([2000]);
  expect(await query("SELECT status FROM refunds WHERE payment_id = ?1", payment.id)).toEqual([
    { status: "succeeded" },
  ]);
});

test("a refund that a newer version words differently is found under its key's first wording, not asked for without end", async () => {
  const order = await newOrder();
  const { payment } = await pay(order);
  await env.OUTSIDE.testFault("POST /v1/refunds", "500_after_success", 3);
  await post(refundsOf(payment.id), { reason }, { ...(await member(order)).headers });
  await env.OUTSIDE.testClearFaults();
  const renamed = `${order.orderId.slice(0, -1)}0`; // stands for any parameter that a deployment changed
  await query("UPDATE refunds SET order_id = ?2 WHERE payment_id = ?1", payment.id, renamed);
  await pass(5 * minuteMs);
  expect((await env.OUTSIDE.testOfOrder(order.orderId)).refunds.map(({ amount }) => amount)).toEqual([5000]);
  expect(await query("SELECT status FROM refunds WHERE payment_id = ?1", payment.id)).toEqual([
    { status: "succeeded" },
  ]);
});

test("a refund that never reached the provider is asked for, however old it is", async () => {
  const order = await newOrder();
  const { payment } = await pay(order);
  await env.OUTSIDE.testFault("POST /v1/refunds", "500", 3);
  await post(refundsOf(payment.id), { reason }, { ...(await member(order)).headers });
  await env.OUTSIDE.testClearFaults();
  await env.OUTSIDE.testForgetKeys();
  await pass(25 * hourMs);
  expect((await env.OUTSIDE.testOfOrder(order.orderId)).refunds.map(({ amount }) => amount)).toEqual([5000]);
});

test("a refund has failed only together with the case that says so", async () => {
  const order = await newOrder();
  const { payment, intentId } = await pay(order);
  await env.OUTSIDE.testPatch(intentId, { amount_received: 1000 });
  await breakCases();
  const headers = { ...(await member(order)).headers };
  expect((await post(refundsOf(payment.id), { reason }, headers)).status).toBe(500);
  expect(await query("SELECT status FROM refunds WHERE payment_id = ?1", payment.id)).toEqual([{ status: "pending" }]);
  await query("DROP TRIGGER no_cases");
  await pass(5 * minuteMs);
  expect(await query("SELECT status FROM refunds WHERE payment_id = ?1", payment.id)).toEqual([{ status: "failed" }]);
  expect(await query("SELECT reason FROM review_cases WHERE payment_id = ?1", payment.id)).toEqual([
    { reason: "refund_failed" },
  ]);
});

test("money for an order that bookings does not know is looked after until its case is stored", async () => {
  const order = await newOrder({ unknown: true });
  const { payment, objectId } = await open(order);
  await breakCases();
  for (const event of await env.OUTSIDE.testPay(objectId)) await deliver(event);
  await expect.poll(async () => (await rowOf(payment.id)).status, { timeout: 5_000 }).toBe("succeeded");
  await pass(5 * minuteMs);
  expect(await rowOf(payment.id)).toMatchObject({ order_outcome: null, next_check_at_ms: expect.any(Number) });
  await query("DROP TRIGGER no_cases");
  await pass(hourMs);
  expect(await rowOf(payment.id)).toMatchObject({ order_outcome: "review" });
  expect(await query("SELECT reason FROM review_cases WHERE payment_id = ?1", payment.id)).toEqual([
    { reason: "order_not_confirmable" },
  ]);
});

test("money that is due back goes back, however many refunds there were", async () => {
  const order = await newOrder();
  const { payment } = await pay(order);
  await query(
    `INSERT INTO refunds (id, payment_id, order_id, event_id, organization_id, status, origin, provider_key, amount_minor,
       currency, reason, ticket_ids, version, created_at_ms, updated_at_ms)
     SELECT 'ref_' || value, ?1, ?2, ?3, ?4, 'failed', 'organizer', 'key_' || value, 1, 'EUR', 'x', '[]', 1, 1, 1
     FROM json_each(?5)`,
    payment.id,
    order.orderId,
    order.eventId,
    order.organizationId,
    JSON.stringify(Array.from({ length: limits.refundsPerPaymentMax }, (_, index) => index)),
  );
  await refundUnfulfilledPayment(depsAhead(0), "req_crash", payment.id, "cancelled");
  expect((await env.OUTSIDE.testOfOrder(order.orderId)).refunds.map(({ amount }) => amount)).toEqual([5000]);
});

test("money that its order has not heard of goes before any number of pages that nobody has paid", async () => {
  const order = await newOrder();
  const { payment } = await pay(order);
  await query("UPDATE payments SET order_outcome = NULL, next_check_at_ms = 2 WHERE id = ?1", payment.id);
  const ids = Array.from({ length: limits.paymentsPerSweepMax }, () => newId("payment", Date.now()));
  await query(
    `INSERT INTO payments (id, order_id, event_id, organization_id, status, provider, method, attempt, amount_minor, currency,
       session_id, closing, expires_at_ms, next_check_at_ms, checks, version, created_at_ms, updated_at_ms)
     SELECT value, 'ord_' || value, 'evt_1', 'org_1', 'open', 'stripe', 'checkout', 1, 1, 'EUR',
       'cs_' || value, 0, ?2, 1, 0, 1, 1, 1 FROM json_each(?1)`,
    JSON.stringify(ids),
    Date.now() + hourMs,
  );
  await pass(0);
  expect(await rowOf(payment.id)).toMatchObject({ order_outcome: "confirmed", next_check_at_ms: null });
});
