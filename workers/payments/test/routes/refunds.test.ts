import { env } from "cloudflare:workers";
import type { Permission } from "@foyer/contracts/shared/permissions";
import { newId, newSaleId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import { afterEach, describe, expect, test } from "vitest";
import {
  deliver,
  member,
  newOrder,
  open,
  pay,
  post,
  processed,
  query,
  request,
  settled,
  type TestOrder,
  unbalanced,
} from "../support.ts";

afterEach(async () => {
  await env.OUTSIDE.testClearFaults();
  await env.BOOKINGS.testDown(false);
});

interface RefundBody {
  readonly id: string;
  readonly status: string;
  readonly amount: { readonly amount: number };
}

const reason = "The artist is ill";
const refundsOf = (paymentId: string) => `/v1/payments/${paymentId}/refunds`;
const euros = (amount: number) => ({ amount, currency: "EUR" });
const rowsOf = (paymentId: string) =>
  query("SELECT status, amount_minor, recorded_at_ms FROM refunds WHERE payment_id = ?1 ORDER BY id", paymentId);

async function paidOrder(): Promise<{
  order: TestOrder;
  paymentId: string;
  intentId: string;
  headers: Record<string, string>;
}> {
  const order = await newOrder();
  const { payment, intentId } = await pay(order);
  return { order, paymentId: payment.id, intentId, headers: { ...(await member(order)).headers } };
}

describe("requesting a refund", () => {
  test("of everything sends the money back, tells bookings and balances the ledger", async () => {
    const { order, paymentId, headers } = await paidOrder();
    const response = await post(refundsOf(paymentId), { reason }, headers);
    expect(response.status).toBe(201);
    const refund = await response.json<RefundBody>();
    expect(refund).toMatchObject({ status: "succeeded", amount: order.total, paymentId, orderId: order.orderId });
    expect(response.headers.get("location")).toBe(`/v1/refunds/${refund.id}`);
    expect((await env.OUTSIDE.testOfOrder(order.orderId)).refunds).toMatchObject([{ amount: 5000 }]);
    expect((await env.BOOKINGS.testRead(order.orderId)).refunds).toEqual([
      { refundId: refund.id, paymentId, amount: order.total, ticketIds: [], orderWas: "confirmed" },
    ]);
    const sums = await query(
      "SELECT account, SUM(amount_minor) AS sum FROM ledger_entries WHERE payment_id = ?1 GROUP BY account",
      paymentId,
    );
    expect(sums).toEqual([
      { account: "organizer_payable", sum: 0 },
      { account: "provider_clearing", sum: 0 },
    ]);
    expect(await unbalanced()).toEqual([]);
  });

  test("of a part names the tickets that it voids, and leaves the rest to be refunded", async () => {
    const { order, paymentId, headers } = await paidOrder();
    const ticketIds = [newSaleId("ticket", order.eventId, Date.now())];
    await env.BOOKINGS.testPatch(order.orderId, { tickets: ticketIds });
    const part = await post(refundsOf(paymentId), { amount: euros(1500), ticketIds, reason }, headers);
    expect(part.status).toBe(201);
    const rest = await (await post(refundsOf(paymentId), { reason }, headers)).json<RefundBody>();
    expect(rest.amount.amount).toBe(3500);
    expect((await env.BOOKINGS.testRead(order.orderId)).refunds.map((refund) => refund.ticketIds)).toEqual([
      ticketIds,
      [],
    ]);
    const more = await post(refundsOf(paymentId), { reason }, headers);
    expect([more.status, await more.json()]).toMatchObject([409, { code: "payments.refund_exceeds_payment" }]);
  });

  test("by twelve at once never sends back more than was paid", async () => {
    const { order, paymentId, headers } = await paidOrder();
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => post(refundsOf(paymentId), { amount: euros(1200), reason }, headers)),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([
      201,
      201,
      201,
      201,
      ...Array.from({ length: 8 }, () => 409),
    ]);
    const { refunds } = await env.OUTSIDE.testOfOrder(order.orderId);
    expect(refunds.map((refund) => refund.amount)).toEqual([1200, 1200, 1200, 1200]);
    expect(await unbalanced()).toEqual([]);
  });

  test("counts a refund that is still on its way", async () => {
    const { paymentId, intentId, headers } = await paidOrder();
    await env.OUTSIDE.testPatch(intentId, { metadata: { refundsPend: "yes" } });
    const first = await post(refundsOf(paymentId), { amount: euros(3000), reason }, headers);
    expect(await first.json()).toMatchObject({ status: "pending" });
    const second = await post(refundsOf(paymentId), { amount: euros(2001), reason }, headers);
    expect(second.status).toBe(409);
    expect((await post(refundsOf(paymentId), { amount: euros(2000), reason }, headers)).status).toBe(201);
  });

  test("under one idempotency key refunds once", async () => {
    const { paymentId, headers } = await paidOrder();
    const keyed = { ...headers, "idempotency-key": crypto.randomUUID() };
    const body = { amount: euros(100), reason };
    const first = await (await post(refundsOf(paymentId), body, keyed)).json();
    expect(await (await post(refundsOf(paymentId), body, keyed)).json()).toEqual(first);
    expect(await rowsOf(paymentId)).toHaveLength(1);
  });

  test.each(["500", "429", "timeout_after_success"])(
    "is pending while Stripe answers %s, and nothing is lost",
    async (kind) => {
      const { order, paymentId, headers } = await paidOrder();
      await env.OUTSIDE.testFault("POST /v1/refunds", kind, 3);
      const response = await post(refundsOf(paymentId), { reason }, headers);
      expect([response.status, await response.json()]).toMatchObject([201, { status: "pending" }]);
      expect(await rowsOf(paymentId)).toMatchObject([{ status: "pending", amount_minor: 5000 }]);
      expect((await env.BOOKINGS.testRead(order.orderId)).refunds).toEqual([]);
    },
  );

  test("under one idempotency key refunds once, even where the key was given free after a failure", async () => {
    const { order, paymentId, headers } = await paidOrder();
    const keyed = { ...headers, "idempotency-key": crypto.randomUUID() };
    const body = { amount: euros(1500), reason };
    const first = await (await post(refundsOf(paymentId), body, keyed)).json<RefundBody>();
    await query("DELETE FROM idempotency_keys"); // as after an answer of 500
    const again = await post(refundsOf(paymentId), body, keyed);
    expect([again.status, (await again.json<RefundBody>()).id]).toEqual([201, first.id]);
    expect((await env.OUTSIDE.testOfOrder(order.orderId)).refunds).toHaveLength(1);
    await query("DELETE FROM idempotency_keys");
    expect((await post(refundsOf(paymentId), { ...body, amount: euros(200) }, keyed)).status).toBe(201);
    expect(await rowsOf(paymentId)).toHaveLength(2);
  });

  test("names tickets of its own order only: nothing goes back for a ticket of another order of the event", async () => {
    const { order, paymentId, headers } = await paidOrder();
    const own = newSaleId("ticket", order.eventId, Date.now());
    const other = newSaleId("ticket", order.eventId, Date.now());
    await env.BOOKINGS.testPatch(order.orderId, { tickets: [own] });
    const response = await post(refundsOf(paymentId), { amount: euros(100), ticketIds: [own, other], reason }, headers);
    expect([response.status, await response.json()]).toMatchObject([
      422,
      { code: "payments.ticket_not_of_order", errors: [{ path: "ticketIds.1" }] },
    ]);
    expect(await rowsOf(paymentId)).toEqual([]);
    await env.BOOKINGS.testDown(true);
    const unsure = await post(refundsOf(paymentId), { amount: euros(100), ticketIds: [own], reason }, headers);
    expect(unsure.status).toBe(503);
    expect(await rowsOf(paymentId)).toEqual([]);
  });

  test("of money that bookings has not heard of yet is told after the payment, so no ticket outlives it", async () => {
    const { order, paymentId, headers } = await paidOrder();
    // As after a crash between the ledger and bookings.
    await env.BOOKINGS.testPatch(order.orderId, { status: "pending_payment", payments: {}, confirmations: 0 });
    await query("UPDATE payments SET order_outcome = NULL WHERE id = ?1", paymentId);
    expect((await post(refundsOf(paymentId), { reason }, headers)).status).toBe(201);
    expect(await env.BOOKINGS.testRead(order.orderId)).toMatchObject({
      confirmations: 1,
      refunds: [{ paymentId, orderWas: "confirmed" }],
    });
  });

  test("that fails after another one has failed adds to the case that a person looks at", async () => {
    const { paymentId, intentId, headers } = await paidOrder();
    await env.OUTSIDE.testPatch(intentId, { amount_received: 1000 });
    await post(refundsOf(paymentId), { reason }, headers);
    await post(refundsOf(paymentId), { amount: euros(4000), reason }, headers);
    const ids = (await query("SELECT id FROM refunds WHERE payment_id = ?1 ORDER BY id", paymentId)).map(
      ({ id }) => id,
    );
    expect(ids).toHaveLength(2);
    const cases = await query("SELECT detail FROM review_cases WHERE payment_id = ?1", paymentId);
    expect(cases).toHaveLength(1);
    for (const id of ids) expect(cases[0]?.detail).toContain(id);
  });

  test("that the provider refuses has failed, is reviewed, and frees what it had taken", async () => {
    const { paymentId, intentId, headers } = await paidOrder();
    await env.OUTSIDE.testPatch(intentId, { amount_received: 1000 });
    const refused = await post(refundsOf(paymentId), { reason }, headers);
    expect([refused.status, await refused.json()]).toMatchObject([409, { code: "payments.refund_refused" }]);
    expect(await query("SELECT reason FROM review_cases WHERE payment_id = ?1", paymentId)).toEqual([
      { reason: "refund_failed" },
    ]);
    expect((await post(refundsOf(paymentId), { amount: euros(1000), reason }, headers)).status).toBe(201);
  });

  test("is refused for a payment that has not succeeded", async () => {
    const order = await newOrder();
    const { payment } = await open(order);
    const response = await post(refundsOf(payment.id), { reason }, { ...(await member(order)).headers });
    expect([response.status, await response.json()]).toMatchObject([409, { code: "payments.not_refundable" }]);
  });

  test.each([
    ["malformed JSON", "{"],
    ["no reason", {}],
    ["an unknown field", { reason, status: "succeeded" }],
    ["nothing to refund", { reason, amount: euros(0) }],
    ["a negative amount", { reason, amount: euros(-1) }],
    ["a fraction", { reason, amount: euros(1.5) }],
    ["a huge amount", { reason, amount: euros(1e15) }],
    ["text for an amount", { reason, amount: "5000" }],
    ["another currency", { reason, amount: { amount: 100, currency: "USD" } }],
    ["a currency that is none", { reason, amount: { amount: 100, currency: "XXX" } }],
    ["NUL in the reason", { reason: "a\u0000b" }],
    ["a huge reason", { reason: "🎟".repeat(500) }],
    ["ids that are none", { reason, ticketIds: ["tkt_1"] }],
    ["a ticket of another event", { reason, ticketIds: [newSaleId("ticket", newId("event", 1), 1)] }],
  ])("refuses %s and refunds nothing", async (_what, body) => {
    const { paymentId, headers } = await paidOrder();
    const response = await post(refundsOf(paymentId), body, headers);
    expect(response.status).toBe(body === "{" ? 400 : 422);
    expect(await rowsOf(paymentId)).toEqual([]);
  });
});

describe("a refund that changes at the provider", () => {
  test("succeeds later by webhook, once", async () => {
    const { order, paymentId, intentId, headers } = await paidOrder();
    await env.OUTSIDE.testPatch(intentId, { metadata: { refundsPend: "yes" } });
    const { id } = await (await post(refundsOf(paymentId), { reason }, headers)).json<RefundBody>();
    const [made] = (await env.OUTSIDE.testOfOrder(order.orderId)).refunds;
    for (const event of await env.OUTSIDE.testRefundState(made?.id ?? "", "succeeded")) {
      await Promise.all([deliver(event), deliver(event)]);
      await processed(event);
    }
    expect(await rowsOf(paymentId)).toMatchObject([{ status: "succeeded", recorded_at_ms: expect.any(Number) }]);
    expect((await env.BOOKINGS.testRead(order.orderId)).refunds.map((refund) => refund.refundId)).toEqual([id]);
  });

  test("is returned by the bank: the ledger says so, and a person is told", async () => {
    const { order, paymentId, headers } = await paidOrder();
    await post(refundsOf(paymentId), { reason }, headers);
    const [made] = (await env.OUTSIDE.testOfOrder(order.orderId)).refunds;
    for (const event of await env.OUTSIDE.testRefundState(made?.id ?? "", "failed")) {
      await deliver(event);
      await processed(event);
    }
    expect(await rowsOf(paymentId)).toMatchObject([{ status: "failed" }]);
    expect(await query("SELECT reason FROM review_cases WHERE payment_id = ?1", paymentId)).toEqual([
      { reason: "refund_reversed" },
    ]);
    const [sum] = await query(
      "SELECT SUM(amount_minor) AS sum FROM ledger_entries WHERE payment_id = ?1 AND account = 'provider_clearing'",
      paymentId,
    );
    expect(sum).toEqual({ sum: 5000 });
    expect(await unbalanced()).toEqual([]);
  });

  test("was made on the provider's dashboard: it is booked once and bookings is told", async () => {
    const { order, paymentId, intentId } = await paidOrder();
    const events = await env.OUTSIDE.testRefundElsewhere(intentId, 2000);
    await Promise.all(events.toReversed().map((event) => deliver(event)));
    await Promise.all(events.map((event) => processed(event)));
    await expect.poll(() => rowsOf(paymentId)).toMatchObject([{ status: "succeeded", amount_minor: 2000 }]);
    await expect
      .poll(async () => (await env.BOOKINGS.testRead(order.orderId)).refunds.map((refund) => refund.amount.amount))
      .toEqual([2000]);
  });

  test("is told of before the payment is, and both are booked", async () => {
    const order = await newOrder();
    const { payment, objectId } = await open(order, "intent");
    await env.OUTSIDE.testPay(objectId);
    const events = await env.OUTSIDE.testRefundElsewhere(objectId, 5000);
    for (const event of events) await deliver(event);
    await settled(payment.id, "succeeded");
    await expect.poll(() => rowsOf(payment.id)).toMatchObject([{ status: "succeeded", amount_minor: 5000 }]);
    expect(await unbalanced()).toEqual([]);
  });
});

describe("reading", () => {
  test("one refund has a validator", async () => {
    const { paymentId, headers } = await paidOrder();
    const { id } = await (await post(refundsOf(paymentId), { reason }, headers)).json<RefundBody>();
    const response = await request(`/v1/refunds/${id}`, { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toMatchObject({ id, reason, status: "succeeded" });
    const etag = response.headers.get("etag") ?? "";
    expect((await request(`/v1/refunds/${id}`, { headers: { ...headers, "if-none-match": etag } })).status).toBe(304);
  });

  test("payments in pages is complete, newest first, by status, and says what was refunded", async () => {
    const first = await newOrder();
    const organizationId = first.organizationId;
    const orders = [first, await newOrder({ organizationId }), await newOrder({ organizationId })];
    const headers = { ...(await member(first)).headers };
    const ids: string[] = [];
    for (const order of orders) ids.unshift((await pay({ ...order, organizationId })).payment.id);
    const openOne = await open(await newOrder({ organizationId }));
    await post(refundsOf(ids[0] ?? ""), { amount: euros(700), reason }, headers);

    const seen: { id: string; refunded: { amount: number }; underReview: boolean }[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const path = `/v1/payments?organizationId=${organizationId}&limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`;
      const page: { data: typeof seen; nextCursor: string | null } = await (await request(path, { headers })).json();
      seen.push(...page.data);
      cursor = page.nextCursor;
    }
    expect(seen.map((payment) => payment.id)).toEqual([openOne.payment.id, ...ids]);
    expect(seen.map((payment) => payment.refunded.amount)).toEqual([0, 700, 0, 0]);

    const byStatus = await request(`/v1/payments?organizationId=${organizationId}&status=open`, { headers });
    expect(await byStatus.json()).toMatchObject({ data: [{ id: openOne.payment.id }], nextCursor: null });
    const byOrder = await request(`/v1/payments?organizationId=${organizationId}&orderId=${first.orderId}`, {
      headers,
    });
    expect((await byOrder.json<{ data: unknown[] }>()).data).toHaveLength(1);
  });

  test.each([
    "",
    "?organizationId=org_1",
    "?organizationId=ORG&status=paid",
    "?organizationId=ORG&limit=0",
    "?organizationId=ORG&limit=101",
    "?organizationId=ORG&cursor=%00",
    "?organizationId=ORG&cursor=bm9uc2Vuc2U",
    "?organizationId=ORG&page=2",
  ])("payments refuses %s", async (search) => {
    const order = await newOrder();
    const headers = { ...(await member(order)).headers };
    const response = await request(`/v1/payments${search.replace("ORG", order.organizationId)}`, { headers });
    expect(response.status).toBe(422);
  });
});

describe("organizers' routes", () => {
  const routes: readonly (readonly [
    string,
    (
      of: { organizationId: string; paymentId: string; refundId: string },
      headers: Record<string, string>,
    ) => Promise<Response>,
  ])[] = [
    [
      "GET /v1/payments",
      ({ organizationId }, headers) => request(`/v1/payments?organizationId=${organizationId}`, { headers }),
    ],
    ["POST /v1/payments/{id}/refunds", ({ paymentId }, headers) => post(refundsOf(paymentId), { reason }, headers)],
    ["GET /v1/refunds/{id}", ({ refundId }, headers) => request(`/v1/refunds/${refundId}`, { headers })],
  ];

  test.each(routes)("%s is closed to strangers, bad tokens and weak roles", async (_name, ask) => {
    const { order, paymentId, headers } = await paidOrder();
    const { id: refundId } = await (
      await post(refundsOf(paymentId), { amount: euros(100), reason }, headers)
    ).json<RefundBody>();
    const of = { organizationId: order.organizationId, paymentId, refundId };
    expect((await ask(of, {})).status).toBe(401);
    for (const [what, token] of Object.entries(await badTokens())) {
      const response = await ask(of, { authorization: `Bearer ${token}` });
      expect([what, response.status]).toEqual([what, 401]);
    }
    const other = await newOrder();
    expect((await ask(of, { ...(await member(other, "owner")).headers })).status).toBe(404);
    expect((await ask(of, { ...(await newTestUser({ platformAdmin: true })).headers })).status).toBe(404);
    expect(await rowsOf(paymentId)).toHaveLength(1);
  });

  test("a door helper sees the organization and may still not refund", async () => {
    const { order, paymentId } = await paidOrder();
    const door = { ...(await member(order, "door")).headers };
    expect((await post(refundsOf(paymentId), { reason }, door)).status).toBe(403);
    expect(await rowsOf(paymentId)).toEqual([]);
  });

  test("money goes back by a fresh proof of identity only, and never in another's place", async () => {
    const { order, paymentId } = await paidOrder();
    const { userId } = await member(order);
    const staleMs = Date.now() - (limits.stepUpFreshSeconds + 1) * 1000;
    const stale = await newTestUser({ userId, authenticatedAtMs: staleMs });
    const refused = await post(refundsOf(paymentId), { reason }, { ...stale.headers });
    expect([refused.status, (await refused.json<{ code: string }>()).code]).toEqual([401, "auth.step_up_required"]);
    expect(refused.headers.get("www-authenticate")).toBe(
      `Bearer error="insufficient_user_authentication", max_age="${limits.stepUpFreshSeconds}"`,
    );
    const acting = await newTestUser({ userId, impersonatorId: newId("user", 1) });
    expect((await post(refundsOf(paymentId), { reason }, { ...acting.headers })).status).toBe(403);
    expect(await rowsOf(paymentId)).toEqual([]);
  });

  test("a program refunds with the scope for it, and with no other", async () => {
    const { order, paymentId } = await paidOrder();
    const keyOf = async (...scopes: Permission[]) => {
      const keyId = newId("apiKey", Date.now());
      const key = `fk_${keyId.slice(4)}_${"x".repeat(43)}`;
      await env.USERS.testKey(key, { keyId, organizationId: order.organizationId, scopes, expiresAtMs: null });
      return { authorization: `Bearer ${key}` };
    };
    expect((await post(refundsOf(paymentId), { reason }, await keyOf("payments.read"))).status).toBe(403);
    const refunded = await post(refundsOf(paymentId), { reason }, await keyOf("payments.refund"));
    expect(refunded.status).toBe(201);
  });

  test("ids that do not exist are 404", async () => {
    const { headers } = await paidOrder();
    expect((await post(refundsOf(newId("payment", 1)), { reason }, headers)).status).toBe(404);
    expect((await post(refundsOf("pay_1"), { reason }, headers)).status).toBe(404);
    expect((await request(`/v1/refunds/${newId("refund", 1)}`, { headers })).status).toBe(404);
    expect((await request("/v1/refunds/ref_1", { headers })).status).toBe(404);
  });
});
