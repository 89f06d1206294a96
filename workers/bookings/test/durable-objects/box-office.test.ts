import type { Payload } from "@foyer/contracts/messages/catalog";
import { newId, type PaymentId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { expect, test, vi } from "vitest";
import { proven, TestOffice } from "./test-office.ts";

const ttlMs = limits.reservationTtlSeconds * 1_000;

async function counters(office: TestOffice) {
  return (
    await office.sql<{ capacity: number; held: number; sold: number }>("SELECT capacity, held, sold FROM pools")
  )[0];
}

test("an event that was never prepared is not found, and asking writes nothing", async () => {
  const office = new TestOffice();
  const { result } = await office.reserve(newId("ticketType", Date.now()));
  expect(result).toMatchObject({ ok: false, error: { code: "bookings.event_not_found" } });
  expect(await office.sql("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\'")).toEqual([]);
});

test("calls that arrive together are decided in one transaction", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 100 });
  const before = (await office.sql<{ revision: number }>("SELECT revision FROM sale"))[0]?.revision ?? 0;
  await office.inside(async (instance) => {
    const call = JSON.stringify({
      operation: "reserve",
      input: { items: [{ ticketTypeId: type, quantity: 1 }], accessCode: null, userId: null },
      requestId: "req_test",
      idempotency: null,
    });
    await Promise.all(Array.from({ length: 40 }, () => instance.run(call)));
  });
  expect(await counters(office)).toMatchObject({ held: 40 });
  // The revision grows once a transaction that moved stock.
  expect(await office.sql("SELECT revision FROM sale")).toEqual([{ revision: before + 1 }]);
});

test("more calls than a batch takes are all answered", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 300 });
  const answers = await Promise.all(Array.from({ length: limits.batchCallsMax + 10 }, () => office.reserve(type)));
  expect(answers.filter(({ result }) => result.ok)).toHaveLength(limits.batchCallsMax + 10);
});

test("one call that throws does not spoil the others of its batch, and leaves nothing behind", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 5 });
  const outcomes = await office.inside((instance) => {
    const run = (input: unknown) =>
      instance
        .run(JSON.stringify({ operation: "reserve", input, requestId: "req_test", idempotency: null }))
        .then((text) => JSON.parse(text).result.ok as boolean)
        .catch(() => "thrown");
    const sound = { items: [{ ticketTypeId: type, quantity: 1 }], accessCode: null, userId: null };
    return Promise.all([run(sound), run(null), run(sound)]);
  });
  expect(outcomes).toEqual([true, "thrown", true]);
  expect(await counters(office)).toEqual({ capacity: 5, held: 2, sold: 0 });
  expect(await office.audit()).toEqual([]);
});

test("after a transaction that SQL refused, counters come from SQL again", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 5 });
  await office.sql("CREATE TRIGGER no_holds BEFORE INSERT ON reservations BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  await expect(office.reserve(type, 3)).rejects.toThrow();
  await office.sql("DROP TRIGGER no_holds");
  const { result } = await office.reserve(type, 5);
  expect(result.ok).toBe(true);
  expect(await counters(office)).toEqual({ capacity: 5, held: 5, sold: 0 });
  expect(await office.audit()).toEqual([]);
});

test("the ledger can be neither edited nor cut", async () => {
  const office = await TestOffice.open();
  await office.addPool(3);
  await expect(office.sql("UPDATE ledger SET held = 1")).rejects.toThrow(/append-only/);
  await expect(office.sql("DELETE FROM ledger")).rejects.toThrow(/append-only/);
});

test("the alarm returns what expired, once, however often it comes", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 5 });
  await office.reserve(type, 2);
  await office.order(type, 3);
  office.nowMs += ttlMs;
  await office.alarm();
  expect(await counters(office)).toEqual({ capacity: 5, held: 0, sold: 0 });
  await office.alarm();
  expect(await counters(office)).toEqual({ capacity: 5, held: 0, sold: 0 });
  expect(await office.audit()).toEqual([]);
  expect(await office.sql("SELECT kind FROM ledger WHERE kind = 'expire'")).toHaveLength(2);
});

test("an alarm that is late keeps no stock back: the next buyer gets it", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 2 });
  await office.reserve(type, 2);
  office.nowMs += ttlMs - 1;
  expect((await office.reserve(type, 2)).result.ok).toBe(false);
  office.nowMs += 1;
  expect((await office.reserve(type, 2)).result.ok).toBe(true);
});

test("more expiries than a sweep takes are still no reason to refuse a buyer", async () => {
  const office = await TestOffice.open();
  const count = limits.expiriesPerSweepMax * 2 + 10;
  const type = await office.addType({ capacity: count, maxPerOrder: 100 });
  const many = await Promise.all(Array.from({ length: count }, () => office.reserve(type)));
  expect(many.every(({ result }) => result.ok)).toBe(true);
  office.nowMs += ttlMs;
  const wanted = Array.from({ length: Math.floor(count / 100) }, () => office.reserve(type, 100));
  expect((await Promise.all(wanted)).every(({ result }) => result.ok)).toBe(true);
  await office.alarm();
  await office.alarm();
  expect(await counters(office)).toEqual({ capacity: count, held: Math.floor(count / 100) * 100, sold: 0 });
});

test("an instance that ends in mid-sale goes on from what is stored", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 10 });
  const order = await office.order(type, 4);
  await office.reserve(type, 3);
  await office.evict();
  expect((await office.reserve(type, 4)).result.ok).toBe(false);
  expect((await office.reserve(type, 3)).result.ok).toBe(true);
  expect(await office.pay(order)).toEqual({ outcome: "confirmed", alreadyApplied: false });
  expect(await counters(office)).toEqual({ capacity: 10, held: 6, sold: 4 });
  office.nowMs += ttlMs;
  await office.alarm();
  expect(await counters(office)).toEqual({ capacity: 10, held: 0, sold: 4 });
});

test("the same key again, at once or after a restart, gives the first answer and holds once", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 10 });
  const claim = { key: "key-1", fingerprint: "body-1" };
  const [first, second] = await Promise.all([office.reserve(type, 1, claim), office.reserve(type, 1, claim)]);
  expect([first?.replayed, second?.replayed].sort()).toEqual([false, true]);
  expect(second?.result).toEqual(first?.result);
  await office.evict();
  const third = await office.reserve(type, 1, claim);
  expect(third).toEqual({ result: first?.result, replayed: true });
  expect(await counters(office)).toMatchObject({ held: 1 });
  const other = await office.reserve(type, 1, { ...claim, fingerprint: "body-2" });
  expect(other.result).toMatchObject({ ok: false, error: { code: "idempotency.mismatch" } });
});

test("a refusal for lack of stock is not kept: the same key may succeed later", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 1 });
  const { result: held } = await office.reserve(type);
  const claim = { key: "key-2", fingerprint: "body" };
  expect((await office.reserve(type, 1, claim)).result.ok).toBe(false);
  if (held.ok) await office.must("releaseReservation", { reservationId: held.value.id, holder: proven });
  expect((await office.reserve(type, 1, claim)).result.ok).toBe(true);
});

test("kept answers are forgotten after a day", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 5 });
  await office.reserve(type, 1, { key: "key-3", fingerprint: "body" });
  office.nowMs += limits.idempotencyTtlSeconds * 1_000;
  await office.alarm();
  expect(await office.sql("SELECT key FROM idempotency")).toEqual([]);
});

test("a queue that fails holds up no other, and gets everything when it is back", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 10 });
  office.queues.analytics.failing = true;
  const order = await office.order(type);
  await office.pay(order);
  office.nowMs += 1_000;
  await office.alarm();
  expect(office.queues.notifications.sent.map(({ type: name }) => name)).toEqual(["order.confirmed"]);
  expect(office.queues.analytics.sent).toEqual([]);
  const waiting = await office.sql<{ consumer: string }>("SELECT DISTINCT consumer FROM outbox");
  expect(waiting).toEqual([{ consumer: "analytics" }]);
  office.queues.analytics.failing = false;
  office.nowMs += limits.retryDelaySecondsMax * 1_000;
  await office.alarm();
  expect(office.queues.analytics.sent.map(({ type: name }) => name)).toEqual(
    expect.arrayContaining(["reservations.counted", "order.created", "order.confirmed"]),
  );
  expect(await office.sql("SELECT seq FROM outbox")).toEqual([]);
});

test("a rush of holds is told in a handful of messages whose counts add up, also with what was changed, released and expired", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 80 });
  const held = await Promise.all(Array.from({ length: 100 }, () => office.reserve(type)));
  const [changed, released] = held.flatMap(({ result }) => (result.ok ? [result.value.id] : []));
  if (changed === undefined || released === undefined) throw new Error("eighty holds were made");
  const holder = proven;
  await office.must("changeReservation", {
    reservationId: changed,
    holder,
    items: [{ ticketTypeId: type, quantity: 1 }],
    accessCode: null,
  });
  await office.must("releaseReservation", { reservationId: released, holder });
  office.nowMs += ttlMs + 1_000;
  await office.alarm();
  office.nowMs += 1_000;
  await office.alarm();
  const told = office.queues.analytics.sent.filter(({ type: name }) => name === "reservations.counted");
  const sum = (what: "created" | "released" | "expired") =>
    told.reduce((total, { payload }) => total + (payload as Payload<"reservations.counted">)[what], 0);
  expect({ created: sum("created"), released: sum("released"), expired: sum("expired") }).toEqual({
    created: 81,
    released: 2,
    expired: 79,
  });
  expect(told.length).toBeLessThan(20);
});

test("what was promised before a crash is sent after it", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 10 });
  office.queues.analytics.failing = true;
  await office.reserve(type);
  await office.evict();
  office.queues.analytics.failing = false;
  office.nowMs += 1_000;
  await office.alarm();
  expect(office.queues.analytics.sent.map(({ type: name }) => name)).toContain("reservations.counted");
});

test("messages of a rush are sent in batches, not one by one", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 200 });
  await Promise.all(Array.from({ length: 200 }, () => office.order(type)));
  office.nowMs += 1_000;
  await office.alarm();
  const orders = () => office.queues.analytics.sent.filter(({ type: name }) => name === "order.created");
  await vi.waitFor(() => expect(orders()).toHaveLength(200));
  expect(office.queues.analytics.calls).toBeLessThanOrEqual(10);
});

test("a payment that comes after expiry takes stock again while there is some, else it is due back", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 2 });
  const [first, second] = [await office.order(type), await office.order(type)];
  office.nowMs += ttlMs;
  await office.reserve(type, 1);
  expect(await office.pay(first)).toEqual({ outcome: "confirmed", alreadyApplied: false });
  expect(await office.pay(second)).toEqual({ outcome: "refund_due", alreadyApplied: false });
  expect((await office.must("getOrderContents", { orderId: second.id })).order.status).toBe("refund_due");
  expect(await counters(office)).toEqual({ capacity: 2, held: 1, sold: 1 });
  office.nowMs += 1_000;
  await office.alarm();
  expect(office.queues.payments.sent.map(({ type: name }) => name)).toContain("order.refund_due");
});

test("a payment of another amount is never honoured, and the right one still is", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 2 });
  const order = await office.order(type);
  expect(await office.pay(order, order.totalMinor - 1)).toMatchObject({ outcome: "refund_due" });
  expect((await office.must("getOrderContents", { orderId: order.id })).order.status).toBe("pending_payment");
  expect(await office.pay(order)).toMatchObject({ outcome: "confirmed" });
});

test("a second payment of an order is due back, and its refund leaves the tickets alone", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 2 });
  const order = await office.order(type);
  await office.pay(order);
  const paymentId: PaymentId = newId("payment", Date.now());
  const paid = { amount: order.totalMinor, currency: order.currency };
  const outcome = await office.must("confirmOrder", { orderId: order.id, paymentId, paid });
  expect(outcome).toEqual({ outcome: "refund_due", alreadyApplied: false });
  const refundId = newId("refund", Date.now());
  // Whether or not the refund says which payment it is of.
  await office.must("recordRefund", { orderId: order.id, refundId, paymentId: null, amount: paid, ticketIds: [] });
  expect((await office.must("getOrderContents", { orderId: order.id })).order.status).toBe("confirmed");
  expect(await counters(office)).toMatchObject({ sold: 1 });
});

test("a refund tells what went back this time, so that nobody has to guess it from the total", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 2 });
  const order = await office.order(type, 2);
  const paymentId: PaymentId = newId("payment", Date.now());
  const paid = { amount: order.totalMinor, currency: order.currency };
  await office.must("confirmOrder", { orderId: order.id, paymentId, paid });
  for (const amount of [300, order.totalMinor - 300]) {
    const back = { amount, currency: order.currency };
    const refundId = newId("refund", Date.now());
    await office.must("recordRefund", { orderId: order.id, refundId, paymentId, amount: back, ticketIds: [] });
  }
  office.nowMs += 1_000;
  await office.alarm();
  const told = office.queues.notifications.sent.filter(({ type: name }) => name === "order.refunded");
  expect(told.map(({ payload }) => payload)).toMatchObject([
    { total: paid, refunded: { amount: 300, currency: order.currency } },
    { total: paid, refunded: { amount: order.totalMinor - 300, currency: order.currency } },
  ]);
});

test("fifty deliveries of one payment at once issue one set of tickets", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 5 });
  const order = await office.order(type, 2);
  const input = {
    orderId: order.id,
    paymentId: newId("payment", Date.now()),
    paid: { amount: order.totalMinor, currency: order.currency },
  };
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => office.must("confirmOrder", input)));
  expect(outcomes.filter(({ alreadyApplied }) => !alreadyApplied)).toHaveLength(1);
  expect(await office.sql("SELECT id FROM tickets")).toHaveLength(2);
  expect(await counters(office)).toEqual({ capacity: 5, held: 0, sold: 2 });
});

test("a hold for payments grows to its limit and no further", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 5 });
  const order = await office.order(type);
  const ask = () =>
    office.must("getPayableOrder", { orderId: order.id, holder: proven, holdUntilMs: office.nowMs + 86_400_000 });
  expect((await ask()).heldUntilMs).toBe(office.nowMs + limits.paymentHoldSeconds * 1_000);
  const endMs = order.createdAtMs + limits.orderHoldSecondsMax * 1_000;
  for (let times = 0; times < 3; times += 1) {
    office.nowMs += (limits.paymentHoldSeconds - 60) * 1_000;
    expect((await ask()).heldUntilMs).toBeLessThanOrEqual(endMs);
  }
  office.nowMs = endMs - 1;
  expect((await ask()).heldUntilMs).toBe(endMs);
  office.nowMs = endMs;
  await expect(ask()).rejects.toThrow("bookings.order_expired");
});

test("of a cancelled event nothing is sold any more: what is unpaid cannot be paid, and money that comes is due back", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 3 });
  const expired = await office.order(type);
  office.nowMs += limits.orderHoldSecondsMax * 1_000;
  const pending = await office.order(type);
  const paid = await office.order(type);
  await office.pay(paid);
  // The call comes first and does not know why; the message of the same version does.
  const version = office.facts.version + 1;
  await office.must("closeSale", { version });
  await office.must("closeSale", { version, status: "cancelled" });
  await office.must("closeSale", { version });
  const asked = { orderId: pending.id, holder: proven, holdUntilMs: office.nowMs + 1_000_000 };
  expect(await office.ask("getPayableOrder", asked)).toMatchObject({
    result: { ok: false, error: { code: "bookings.order_not_payable" } },
  });
  for (const order of [expired, pending, paid]) {
    expect(await office.pay(order)).toEqual({ outcome: "refund_due", alreadyApplied: false });
  }
  const status = async (orderId: typeof paid.id) => (await office.must("getOrderContents", { orderId })).order.status;
  expect([await status(expired.id), await status(pending.id), await status(paid.id)]).toEqual([
    "refund_due",
    "cancelled",
    "confirmed",
  ]);
  expect(await counters(office)).toEqual({ capacity: 3, held: 0, sold: 1 });
  expect(await office.audit()).toEqual([]);
});

test("a close that finds the sale closed is remembered, so that an older opening which comes late does not sell", async () => {
  const office = await TestOffice.open();
  const { version } = office.facts;
  await office.must("closeSale", { version: version + 1 });
  await office.must("closeSale", { version: version + 3 });
  await office.must("openSale", { event: { ...office.facts, version: version + 2 } });
  expect((await office.must("getSale", {}))?.status).toBe("closed");
});

test("older news of the event never undo newer ones", async () => {
  const office = await TestOffice.open();
  await office.must("closeSale", { version: 5 });
  await office.must("openSale", { event: { ...office.facts, version: 4 } });
  expect((await office.must("getSale", {}))?.status).toBe("closed");
  await office.must("openSale", { event: { ...office.facts, version: 6, title: "Again" } });
  expect((await office.must("getSale", {}))?.status).toBe("open");
});
