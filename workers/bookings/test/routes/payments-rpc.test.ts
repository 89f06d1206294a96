import { newId } from "@foyer/kernel/ids";
import { expect, test } from "vitest";
import { addTicketType, http, newSale, order, pay, rpc, systemCall, type TestSale } from "../support.ts";

const anonymous = { actor: { kind: "anonymous" as const }, requestId: "req_buyer" };

async function paidOrder(sale: TestSale, quantity = 2) {
  const type = await addTicketType(sale, { capacity: 10 });
  const placed = await order(sale, type.id, quantity);
  const paymentId = newId("payment", Date.now());
  await pay(placed.order, paymentId);
  return { ...placed, paymentId, type };
}

async function stock(sale: TestSale) {
  const { body } = await http("GET", `${sale.path}/pools`, { headers: sale.organizer.headers });
  return body.data.map(({ held, sold }: { held: number; sold: number }) => ({ held, sold }));
}

test("what is owed is told to the order's holder only, and the hold outlives the payment", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale);
  const { order: placed, secret } = await order(sale, type.id, 2);
  const holdUntilMs = Date.now() + 1_800_000;
  const ask = (proof: { secret?: string }) =>
    rpc.getPayableOrder(anonymous, { orderId: placed.id, proof, holdUntilMs });
  expect(await ask({})).toMatchObject({ ok: false, error: { code: "bookings.order_not_found" } });
  expect(await ask({ secret: "wrong" })).toMatchObject({ ok: false, error: { code: "bookings.order_not_found" } });
  expect(await ask({ secret })).toMatchObject({
    ok: true,
    value: {
      total: { amount: 5_000, currency: "USD" },
      heldUntilMs: holdUntilMs,
      buyer: { email: "buyer@example.com" },
    },
  });
  expect(await rpc.getOrderState(anonymous, { orderId: placed.id, proof: { secret } })).toEqual({
    ok: true,
    value: { organizationId: sale.facts.organizationId, status: "pending_payment" },
  });
  await rpc.expireOrder(systemCall, { orderId: placed.id });
  await rpc.expireOrder(systemCall, { orderId: placed.id });
  expect(await ask({ secret })).toMatchObject({ ok: false, error: { code: "bookings.order_expired" } });
  expect(await stock(sale)).toEqual([{ held: 0, sold: 0 }]);
});

test("the same payment twice is applied once", async () => {
  const sale = await newSale();
  const { order: placed, paymentId } = await paidOrder(sale);
  expect(await pay(placed, paymentId)).toEqual({ ok: true, value: { outcome: "confirmed", alreadyApplied: true } });
  expect(await stock(sale)).toEqual([{ held: 0, sold: 2 }]);
});

test("a part refund voids the named tickets and returns their places, once", async () => {
  const sale = await newSale();
  const { order: placed, secret, paymentId } = await paidOrder(sale);
  const headers = { "x-order-secret": secret };
  const tickets = (await http("GET", `/v1/orders/${placed.id}/tickets`, { headers })).body.data;
  const refund = {
    orderId: placed.id,
    refundId: newId("refund", Date.now()),
    paymentId,
    amount: { amount: 2_500, currency: "USD" },
    ticketIds: [tickets[0].id],
  };
  for (let times = 0; times < 2; times += 1) {
    expect(await rpc.recordRefund(systemCall, refund)).toEqual({ ok: true, value: null });
    expect(await stock(sale)).toEqual([{ held: 0, sold: 1 }]);
  }
  const read = await http("GET", `/v1/orders/${placed.id}`, { headers });
  expect(read.body).toMatchObject({ status: "partially_refunded", refunded: { amount: 2_500 } });
  const document = await rpc.getOrderDocument(systemCall, { orderId: placed.id });
  expect(document.ok && document.value.tickets.map(({ ticketId }) => ticketId)).toEqual([tickets[1].id]);
});

test("a whole refund voids everything and returns every place", async () => {
  const sale = await newSale();
  const { order: placed, secret } = await paidOrder(sale);
  const refund = {
    orderId: placed.id,
    refundId: newId("refund", Date.now()),
    amount: { amount: 5_000, currency: "USD" },
    ticketIds: [],
  };
  await rpc.recordRefund(systemCall, refund);
  expect(await stock(sale)).toEqual([{ held: 0, sold: 0 }]);
  const read = await http("GET", `/v1/orders/${placed.id}`, { headers: { "x-order-secret": secret } });
  expect(read.body.status).toBe("refunded");
});

test("a payment for an order that was cancelled is due back", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale);
  const { order: placed, secret } = await order(sale, type.id);
  await http("POST", `/v1/orders/${placed.id}/cancel`, { headers: { "x-order-secret": secret } });
  expect(await pay(placed)).toEqual({ ok: true, value: { outcome: "refund_due", alreadyApplied: false } });
});
