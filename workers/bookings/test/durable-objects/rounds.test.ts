import type { Payload } from "@foyer/contracts/messages/catalog";
import { newId, type OrderId, type PaymentId, type TicketTypeId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { describe, expect, test, vi } from "vitest";
import type { Order } from "../../src/domain/model.ts";
import { proven, TestOffice } from "./test-office.ts";

const batch = limits.ordersPerRoundMax;

/** What a test sells: places that cost something, and places that do not. */
async function newOffice() {
  const office = await TestOffice.open();
  const paid = await office.addType({ capacity: 1_000 });
  const free = await office.addType({ kind: "free", price: null, capacity: 1_000 });
  return { office, paid, free };
}

function cancelEvent(office: TestOffice, note: string | null = null) {
  return office.must("closeSale", { version: office.facts.version + 1, status: "cancelled", note });
}

/** Pays an order and returns the payment. */
async function pay(office: TestOffice, order: Order): Promise<PaymentId> {
  const paymentId = newId("payment", Date.now());
  const paid = { amount: order.totalMinor, currency: order.currency };
  await office.must("confirmOrder", { orderId: order.id, paymentId, paid });
  return paymentId;
}

function refund(
  office: TestOffice,
  order: Order,
  paymentId: PaymentId,
  amount: number,
  id = newId("refund", Date.now()),
) {
  const back = { amount, currency: order.currency };
  return office.must("recordRefund", { orderId: order.id, refundId: id, paymentId, amount: back, ticketIds: [] });
}

async function manyOrders(office: TestOffice, type: TicketTypeId, count: number): Promise<Order[]> {
  const orders = await Promise.all(Array.from({ length: count }, () => office.order(type)));
  return orders.sort((left, right) => (left.id < right.id ? -1 : 1));
}

async function statusOf(office: TestOffice, { id }: Pick<Order, "id">): Promise<string> {
  return (await office.must("getOrderContents", { orderId: id })).order.status;
}

/** Lets the alarm work until no round is left, and everything is sent. */
async function finishRounds(office: TestOffice): Promise<void> {
  await vi.waitFor(async () => {
    office.nowMs += 1_000;
    await office.alarm();
    expect(await office.sql("SELECT kind FROM rounds WHERE finished_at_ms IS NULL")).toEqual([]);
    expect(await office.sql("SELECT seq FROM outbox")).toEqual([]);
  });
}

/** Everything of a type that one queue was sent, by order. */
function sentTo(office: TestOffice, queue: keyof TestOffice["queues"], type: string): Map<OrderId, unknown[]> {
  const sent = office.queues[queue].sent.filter((message) => message.type === type);
  return Map.groupBy(
    sent.map(({ payload }) => payload as { readonly orderId: OrderId }), // of types that are about an order
    ({ orderId }) => orderId,
  );
}

/** Makes every write to an order from this one on fail, as a full disk would, until it is undone. */
async function blockFrom(office: TestOffice, { id }: Order): Promise<() => Promise<unknown>> {
  await office.sql(
    `CREATE TRIGGER blocked BEFORE UPDATE ON orders WHEN NEW.status = 'cancelled' AND NEW.id >= '${id}'
     BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`,
  );
  return () => office.sql("DROP TRIGGER blocked");
}

async function counters(office: TestOffice) {
  return office.sql("SELECT held, sold FROM pools ORDER BY id");
}

describe("an event that is cancelled", () => {
  test("every order ends once: unpaid, free, paid, refunded in part, used at the door; what is owed is due back, and no cent more", async () => {
    const { office, paid, free } = await newOffice();
    const held = await office.reserve(paid, 2);
    const pending = await office.order(paid, 2);
    const gratis = await office.order(free, 3);
    const bought = await office.order(paid, 2);
    const boughtBy = await pay(office, bought);
    const part = await office.order(paid, 3);
    const partBy = await pay(office, part);
    await refund(office, part, partBy, 700);
    const used = await office.order(paid);
    const usedBy = await pay(office, used);
    const [ticket] = await office.must("listAnyTickets", { orderId: used.id });
    if (ticket === undefined) throw new Error("a ticket");
    const scan = { ticketId: ticket.id, codeVersion: 1, nonce: null, scannedAtMs: null, scannedBy: "door" };
    await office.must("checkIn", { ...scan, direction: "in" });
    const whole = await office.order(paid);
    await refund(office, whole, await pay(office, whole), whole.totalMinor);
    const given = await office.order(free);
    await office.must("cancelMyOrder", { orderId: given.id, holder: proven });
    const before = { cancelled: sentTo(office, "notifications", "order.cancelled").size };
    expect(before.cancelled).toBeLessThanOrEqual(1);

    await cancelEvent(office, "The hall has burnt down.");
    await cancelEvent(office, "Said again.");
    await finishRounds(office);
    await cancelEvent(office);
    await finishRounds(office);

    const ended = [pending, gratis, bought, part, used];
    for (const order of ended) {
      expect(await statusOf(office, order)).toBe("cancelled");
      const tickets = await office.must("listAnyTickets", { orderId: order.id });
      for (const { status } of tickets) expect(status).toBe("void");
      for (const queue of ["payments", "notifications", "analytics"] as const) {
        expect(sentTo(office, queue, "order.cancelled").get(order.id)).toHaveLength(1);
      }
    }
    expect(await statusOf(office, whole)).toBe("refunded");
    expect(sentTo(office, "notifications", "order.cancelled").get(given.id)).toHaveLength(1);
    const due = office.queues.payments.sent.filter(({ type }) => type === "order.refund_due");
    const owed = due.map(({ payload }) => payload as Payload<"order.refund_due">);
    expect(new Map(owed.map((one) => [one.paymentId, [one.orderId, one.amount.amount, one.reason]]))).toEqual(
      new Map([
        [boughtBy, [bought.id, 2_000, "event_cancelled"]],
        [partBy, [part.id, 2_300, "event_cancelled"]],
        [usedBy, [used.id, 1_000, "event_cancelled"]],
      ]),
    );
    expect(owed).toHaveLength(3);
    const reservation = held.result.ok ? held.result.value.id : "rsv_none";
    expect(await office.sql(`SELECT status FROM reservations WHERE id = '${reservation}'`)).toEqual([
      { status: "released" },
    ]);
    expect(await counters(office)).toEqual([
      { held: 0, sold: 0 },
      { held: 0, sold: 0 },
    ]);
    expect(await office.audit()).toEqual([]);
    expect(await office.must("checkIn", { ...scan, direction: "out" })).toMatchObject({ result: "void" });
    expect((await office.must("getOrderContents", { orderId: bought.id })).event).toMatchObject({
      status: "cancelled",
      note: "The hall has burnt down.",
    });
  });

  test("what goes back is recorded on orders that stay cancelled, part by part and whole", async () => {
    const { office, paid } = await newOffice();
    const order = await office.order(paid, 2);
    const paymentId = await pay(office, order);
    await cancelEvent(office);
    await finishRounds(office);
    const id = newId("refund", Date.now());
    await refund(office, order, paymentId, order.totalMinor, id);
    await refund(office, order, paymentId, order.totalMinor, id);
    expect((await office.must("getOrderContents", { orderId: order.id })).order).toMatchObject({
      status: "cancelled",
      refundedMinor: order.totalMinor,
    });
    expect(await office.audit()).toEqual([]);
  });

  test("nothing new comes of what was held: no order, not even a free one, and no tickets for money that comes late", async () => {
    const { office, paid, free } = await newOffice();
    const expired = await office.order(paid);
    office.nowMs += limits.orderHoldSecondsMax * 1_000;
    const pending = await office.order(paid);
    const { result: held } = await office.reserve(free);
    if (!held.ok) throw new Error("held");
    await cancelEvent(office);
    const ordered = await office.ask("placeOrder", {
      reservationId: held.value.id,
      holder: proven,
      buyer: { name: "Buyer One", email: "buyer@example.com" },
      attendees: null,
      answers: {},
    });
    expect(ordered.result).toMatchObject({ ok: false });
    await finishRounds(office);
    for (const order of [pending, expired]) {
      expect(await office.pay(order)).toEqual({ outcome: "refund_due", alreadyApplied: false });
    }
    await finishRounds(office);
    expect(await statusOf(office, pending)).toBe("cancelled");
    expect(await statusOf(office, expired)).toBe("refund_due");
    for (const order of [pending, expired]) {
      expect(sentTo(office, "payments", "order.refund_due").get(order.id)).toMatchObject([
        { amount: { amount: order.totalMinor }, reason: "event_cancelled" },
      ]);
    }
    expect(sentTo(office, "notifications", "order.cancelled").get(pending.id)).toHaveLength(1);
    expect(await office.audit()).toEqual([]);
  });

  test("is cancelled for good, however late that is said: no later news opens its sale, and newer facts leave it cancelled", async () => {
    const { office, paid } = await newOffice();
    const order = await office.order(paid);
    await pay(office, order);
    const { version } = office.facts;
    await office.must("closeSale", { version: version + 5 });
    await office.must("closeSale", { version: version + 2, status: "cancelled", note: "Late news." });
    await finishRounds(office);
    await office.must("openSale", { event: { ...office.facts, version: version + 9, title: "Renamed" } });
    await office.must("prepareSale", { event: { ...office.facts, version: version + 10, place: "Elsewhere" } });
    await office.must("closeSale", { version: version + 11, status: "completed" });
    expect(await statusOf(office, order)).toBe("cancelled");
    expect((await office.must("getSale", {}))?.status).toBe("closed");
    expect((await office.must("getOrderContents", { orderId: order.id })).event).toMatchObject({
      status: "cancelled",
      note: "Late news.",
      place: "Elsewhere",
    });
  });

  test.each([
    [batch - 1, [batch - 1]],
    [batch, [batch]],
    [batch + 1, [batch, 1]],
  ])("%i orders are cancelled in transactions of at most as many as the limit says", async (count, sizes) => {
    const { office, free } = await newOffice();
    await manyOrders(office, free, count);
    await cancelEvent(office);
    // Each transaction has a moment of its own.
    await office.inside((instance) => {
      instance.clock = { nowMs: () => (office.nowMs += 10) };
    });
    await finishRounds(office);
    const batches = await office.sql<{ n: number }>(
      "SELECT count(*) AS n FROM orders WHERE status = 'cancelled' GROUP BY updated_at_ms ORDER BY updated_at_ms",
    );
    expect(batches.map(({ n }) => n)).toEqual(sizes);
  });

  test("reservations count as orders do, and are all given back before the round ends", async () => {
    const { office, paid, free } = await newOffice();
    await Promise.all(Array.from({ length: batch + 10 }, () => office.reserve(paid)));
    await manyOrders(office, free, 5);
    await cancelEvent(office);
    await finishRounds(office);
    expect(await office.sql("SELECT DISTINCT status FROM reservations ORDER BY status")).toEqual([
      { status: "converted" },
      { status: "released" },
    ]);
    expect(await counters(office)).toEqual([
      { held: 0, sold: 0 },
      { held: 0, sold: 0 },
    ]);
    expect(await office.audit()).toEqual([]);
  });

  test("a batch that fails leaves nothing half done and holds up neither expiries nor messages; a new instance goes on where it stood", async () => {
    const { office, paid } = await newOffice();
    const orders = await manyOrders(office, paid, batch + 20);
    for (const order of orders.slice(0, batch + 10)) await pay(office, order);
    const unpaid = orders.slice(batch + 10);
    const unblock = await blockFrom(office, orders.at(batch + 5) ?? (unpaid[0] as Order));
    await cancelEvent(office);
    await vi.waitFor(async () => expect(await office.sql("SELECT visited FROM rounds")).toEqual([{ visited: batch }]));
    const cancelled = async () =>
      (await office.sql<{ n: number }>("SELECT count(*) AS n FROM orders WHERE status = 'cancelled'"))[0]?.n;
    expect(await cancelled()).toBe(batch);
    expect(await office.audit()).toEqual([]);

    // The round is stuck, and all else goes on: money that comes meanwhile, what is refunded, what was promised, what expires.
    await office.evict();
    const late = unpaid[0];
    const waiting = orders[batch + 1];
    if (late === undefined || waiting === undefined) throw new Error("orders behind the first batch");
    const waitingBy = (await office.must("getOrderContents", { orderId: waiting.id })).order.paymentId;
    if (waitingBy === null) throw new Error("paid");
    await refund(office, waiting, waitingBy, 400);
    office.nowMs += limits.reservationTtlSeconds * 1_000;
    await office.alarm();
    expect(await statusOf(office, late)).toBe("expired");
    expect(await office.pay(late)).toMatchObject({ outcome: "refund_due" });
    await vi.waitFor(async () => {
      office.nowMs += 1_000;
      await office.alarm();
      expect(await office.sql("SELECT seq FROM outbox")).toEqual([]);
    });
    expect(await cancelled()).toBe(batch);
    expect(sentTo(office, "payments", "order.refund_due").size).toBe(batch + 1);

    await unblock();
    await office.evict();
    await finishRounds(office);
    expect(await cancelled()).toBe(batch + 10);
    const due = sentTo(office, "payments", "order.refund_due");
    expect(due.size).toBe(batch + 11);
    for (const messages of due.values()) expect(messages).toHaveLength(1);
    expect(due.get(waiting.id)).toMatchObject([{ amount: { amount: waiting.totalMinor - 400 } }]);
    for (const messages of sentTo(office, "notifications", "order.cancelled").values())
      expect(messages).toHaveLength(1);
    expect(await counters(office)).toMatchObject([{ held: 0, sold: 0 }, {}]);
    expect(await office.audit()).toEqual([]);
  });
});

describe("a notice of a change", () => {
  test("reaches everybody who still holds a ticket, once a version, however often it is asked for", async () => {
    const { office, paid, free } = await newOffice();
    const gratis = await office.order(free);
    const bought = await office.order(paid, 2);
    await pay(office, bought);
    const part = await office.order(paid, 2);
    await refund(office, part, await pay(office, part), 1);
    const inside = await office.order(free);
    const [ticket] = await office.must("listAnyTickets", { orderId: inside.id });
    if (ticket === undefined) throw new Error("a ticket");
    const scan = { ticketId: ticket.id, codeVersion: 1, nonce: null, scannedAtMs: null, scannedBy: "door" };
    await office.must("checkIn", { ...scan, direction: "in" });
    const pending = await office.order(paid);
    const whole = await office.order(paid);
    await refund(office, whole, await pay(office, whole), whole.totalMinor);
    const given = await office.order(free);
    await office.must("cancelMyOrder", { orderId: given.id, holder: proven });
    // All its tickets went back one by one, for less than was paid.
    const stripped = await office.order(paid);
    const strippedBy = await pay(office, stripped);
    const tickets = await office.must("listAnyTickets", { orderId: stripped.id });
    await office.must("recordRefund", {
      orderId: stripped.id,
      refundId: newId("refund", Date.now()),
      paymentId: strippedBy,
      amount: { amount: 900, currency: "EUR" },
      ticketIds: tickets.map(({ id }) => id),
    });

    const version = office.facts.version + 1;
    await office.must("prepareSale", { event: { ...office.facts, version, place: "Hall Two, Town" } });
    await office.must("beginNotice", { notice: "relocated", version });
    office.nowMs += 1;
    const later = await office.order(free);
    await office.must("beginNotice", { notice: "relocated", version });
    await finishRounds(office);
    await office.evict();
    await office.must("beginNotice", { notice: "relocated", version });
    await office.must("beginNotice", { notice: "rescheduled", version: version - 1 });
    await finishRounds(office);

    const told = sentTo(office, "notifications", "order.notice_due");
    expect(new Set(told.keys())).toEqual(new Set([gratis.id, bought.id, part.id, inside.id]));
    for (const messages of told.values()) expect(messages).toMatchObject([{ notice: "relocated", version }]);
    for (const order of [pending, whole, given, stripped, later]) expect(told.has(order.id)).toBe(false);
    expect(new Set(office.queues.notifications.sent.map(({ id }) => id)).size).toBe(
      office.queues.notifications.sent.length,
    );
  });

  test("that is older than the facts which it is about waits for them, so that no mail says what held before", async () => {
    const { office } = await newOffice();
    const version = office.facts.version + 1;
    const ask = () => office.ask("beginNotice", { notice: "rescheduled", version });
    expect((await ask()).result).toMatchObject({ ok: false, error: { code: "platform.unavailable" } });
    expect(await office.sql("SELECT kind FROM rounds")).toEqual([]);
    await office.must("prepareSale", { event: { ...office.facts, version } });
    expect((await ask()).result.ok).toBe(true);
  });

  test("a postponement closes the sale, keeps the tickets, and may be told before its own news come; a new date opens again", async () => {
    const { office, free } = await newOffice();
    const order = await office.order(free);
    const version = office.facts.version + 1;
    await office.must("beginNotice", { notice: "postponed", version });
    await office.must("closeSale", { version, status: "postponed", note: "The singer is ill." });
    await office.must("closeSale", { version });
    await office.must("beginNotice", { notice: "postponed", version });
    await finishRounds(office);
    const contents = () => office.must("getOrderContents", { orderId: order.id });
    expect(await contents()).toMatchObject({
      order: { status: "confirmed" },
      tickets: [{ status: "valid" }],
      event: { status: "postponed", note: "The singer is ill." },
    });
    expect((await office.reserve(free)).result).toMatchObject({ ok: false, error: { code: "bookings.not_on_sale" } });
    // News of what the event is leave it postponed, also where they overtake.
    await office.must("prepareSale", { event: { ...office.facts, version: version + 1, title: "Renamed" } });
    expect((await contents()).event).toMatchObject({ status: "postponed", title: "Renamed" });
    const startsAtMs = (office.facts.startsAtMs ?? 0) + 86_400_000;
    const event = { ...office.facts, version: version + 2, title: "Renamed", startsAtMs };
    await office.must("openSale", { event });
    expect((await contents()).event).toMatchObject({ status: "published", note: null, startsAtMs });
    expect((await office.reserve(free)).result.ok).toBe(true);
    await office.must("closeSale", { version, status: "postponed", note: "Late." });
    expect((await office.must("getSale", {}))?.status).toBe("open");
    await office.must("closeSale", { version: version + 3, status: "completed" });
    expect((await contents()).event).toMatchObject({ status: "completed" });
    expect((await office.must("getSale", {}))?.status).toBe("closed");
  });

  test("a newer one takes the place of one that is on its way: nobody is told twice of one version, nobody of neither", async () => {
    const { office, free } = await newOffice();
    const orders = await manyOrders(office, free, batch + 20);
    const version = office.facts.version + 1;
    // The first batch is told, and the second fails until the newer notice is there.
    await office.must("prepareSale", { event: { ...office.facts, version } });
    await office.sql(
      `CREATE TRIGGER blocked BEFORE INSERT ON rounds WHEN NEW.visited > ${batch} AND NEW.version = ${version}
       BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`,
    );
    await office.must("beginNotice", { notice: "relocated", version });
    await vi.waitFor(async () => expect(await office.sql("SELECT visited FROM rounds")).toEqual([{ visited: batch }]));
    await office.evict();
    await office.must("openSale", { event: { ...office.facts, version: version + 1 } });
    await office.must("beginNotice", { notice: "rescheduled", version: version + 1 });
    await finishRounds(office);
    const told = sentTo(office, "notifications", "order.notice_due");
    expect(told.size).toBe(orders.length);
    for (const [index, { id }] of orders.entries()) {
      const newer = { notice: "rescheduled", version: version + 1 };
      expect(told.get(id)).toMatchObject(index < batch ? [{ notice: "relocated", version }, newer] : [newer]);
    }
  });

  test("ends where the event is cancelled: whoever was not told yet is told of that only", async () => {
    const { office, free } = await newOffice();
    await manyOrders(office, free, batch + 5);
    const version = office.facts.version + 1;
    await office.sql(
      `CREATE TRIGGER blocked BEFORE INSERT ON rounds WHEN NEW.visited > ${batch} AND NEW.kind = 'notice'
       BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`,
    );
    await office.must("beginNotice", { notice: "postponed", version });
    await vi.waitFor(async () => expect(await office.sql("SELECT visited FROM rounds")).toEqual([{ visited: batch }]));
    await office.sql("DROP TRIGGER blocked");
    await cancelEvent(office);
    await office.must("beginNotice", { notice: "rescheduled", version: version + 3 });
    await finishRounds(office);
    expect(sentTo(office, "notifications", "order.notice_due").size).toBe(batch);
    expect(sentTo(office, "notifications", "order.cancelled").size).toBe(batch + 5);
  });

  test("of an event that was never prepared nobody is told", async () => {
    const office = new TestOffice();
    await office.must("beginNotice", { notice: "postponed", version: 3 });
    expect(await office.sql("SELECT name FROM sqlite_master WHERE name = 'rounds'")).toEqual([]);
  });
});

test("a box office of an earlier version is upgraded: what it lacks is null, and news that were old for it stay old", async () => {
  const { office, free } = await newOffice();
  const order = await office.order(free);
  const version = office.facts.version + 4;
  await office.must("openSale", { event: { ...office.facts, version } });
  await office.inside((_, { storage: { sql } }) => {
    sql.exec("UPDATE box_office_schema SET version = 3");
    sql.exec("ALTER TABLE sale DROP COLUMN status_version; DROP TABLE rounds");
    sql.exec("UPDATE sale SET facts = json_remove(facts, '$.note', '$.accessVersion')");
  });
  await office.evict();
  await office.must("closeSale", { version: version - 1, status: "postponed" });
  const { event } = await office.must("getOrderContents", { orderId: order.id });
  expect(event).toEqual({ ...office.facts, version });
  await cancelEvent(office);
  await finishRounds(office);
  expect(await statusOf(office, order)).toBe("cancelled");
});
