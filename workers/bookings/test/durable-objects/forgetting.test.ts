import { newId, type OrderId, type UserId } from "@foyer/kernel/ids";
import { describe, expect, test } from "vitest";
import type { ForgottenPerson } from "../../src/domain/forgetting.ts";
import { proven, TestOffice } from "./test-office.ts";

const address = "buyer@example.com";
const buyer = { name: "Buyer One", email: address };
const attendees = [
  { name: "Guest Two", email: "two@example.com" },
  { name: "Guest Three", email: null },
];
const answers = { diet: "No nuts please" };
/** Everything that these orders say of persons. */
const said = ["Buyer One", address, "Guest Two", "two@example.com", "Guest Three", "No nuts please"];

function newPerson(change: Partial<ForgottenPerson> = {}): ForgottenPerson & { readonly userId: UserId } {
  const nowMs = Date.now();
  return { address, requestedAtMs: nowMs + 3_600_000, ...change, userId: newId("user", nowMs) };
}

/** An office with a paid and a free ticket type. */
async function newOffice() {
  const office = await TestOffice.open();
  const typeId = await office.addType();

  /** An order of two tickets, of an account or of nobody's. */
  async function buy(
    userId: UserId | null,
    change: { readonly idempotencyKey?: string; readonly email?: string } = {},
  ) {
    const holder = { userId, proven: userId === null };
    const reserved = await office.must("reserve", {
      items: [{ ticketTypeId: typeId, quantity: 2 }],
      accessCode: null,
      userId,
    });
    const input = {
      reservationId: reserved.id,
      holder,
      buyer: { ...buyer, email: change.email ?? address },
      attendees,
      answers,
    };
    const key = change.idempotencyKey;
    const claim = key === undefined ? null : { key, fingerprint: `={"buyer":${JSON.stringify(input.buyer)}}` };
    const { result } = await office.ask("placeOrder", input, claim);
    if (!result.ok) throw new Error(result.error.code);
    return result.value;
  }

  /** Names of the tables that hold one of these texts. */
  async function tablesHolding(...texts: readonly string[]): Promise<string[]> {
    const tables = await office.sql<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*' ORDER BY name",
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const rows = JSON.stringify(await office.sql(`SELECT * FROM "${name}"`));
      if (texts.some((text) => rows.includes(text))) found.push(name);
    }
    return found;
  }

  const forget = (person: ForgottenPerson, ...orderIds: OrderId[]) => office.must("forgetOrders", { orderIds, person });
  return { office, typeId, buy, tablesHolding, forget };
}

describe("an order of the person's account", () => {
  test("says nothing of anybody any more, in any table, and its tickets admit as before", async () => {
    const { office, buy, forget, tablesHolding } = await newOffice();
    const person = newPerson();
    const order = await buy(person.userId, { idempotencyKey: "k1" });
    await office.pay(order);
    const [scanned, other] = await office.must("listAnyTickets", { orderId: order.id });
    if (scanned === undefined || other === undefined) throw new Error("two tickets");
    const scan = (ticketId: typeof scanned.id, nonce: string) =>
      office.must("checkIn", {
        ticketId,
        codeVersion: 1,
        direction: "in",
        nonce,
        scannedAtMs: null,
        scannedBy: "usr_door",
      });
    const first = await scan(scanned.id, "n1");
    expect(first.ticket?.holderName).toBe("Guest Two");
    expect(await tablesHolding(...said, person.userId)).toEqual(["idempotency", "orders", "reservations", "tickets"]);
    const before = (await office.must("getOrderContents", { orderId: order.id })).order;

    expect(await forget(person, order.id)).toEqual({ forgotten: [order.id] });
    expect(await tablesHolding(...said, person.userId)).toEqual([]);
    const after = (await office.must("getOrderContents", { orderId: order.id })).order;
    expect(after).toEqual({
      ...before,
      sequence: before.sequence + 1,
      updatedAtMs: office.nowMs,
      buyer: { name: "Deleted", email: "" },
      userId: null,
      attendees: null,
      answers: {},
    });
    const tickets = await office.must("listAnyTickets", { orderId: order.id });
    expect(tickets.map(({ id, status, codeVersion, holder }) => ({ id, status, codeVersion, holder }))).toEqual(
      [scanned, other].map(({ id, codeVersion }, index) => ({
        id,
        status: index === 0 ? "checked_in" : "valid",
        codeVersion,
        holder: { name: "Deleted", email: null },
      })),
    );
    // The scan that was answered is answered again, and the ticket that was not used still lets somebody in.
    expect(await scan(scanned.id, "n1")).toEqual({ ...first, ticket: { ...first.ticket, holderName: "Deleted" } });
    expect(await scan(other.id, "n2")).toMatchObject({ result: "admitted", ticket: { holderName: "Deleted" } });
    expect(await office.audit()).toEqual([]);
  });

  test("leaves stock, money and the ledger alone", async () => {
    const { office, buy, forget } = await newOffice();
    const person = newPerson();
    const paid = await buy(person.userId);
    await office.pay(paid);
    const unpaid = await buy(person.userId);
    const books = async () => [
      await office.sql("SELECT * FROM pools"),
      await office.sql("SELECT * FROM ledger"),
      await office.sql("SELECT * FROM order_payments"),
      await office.sql("SELECT * FROM ticket_tallies ORDER BY status"),
      await office.sql("SELECT id, status, total_minor, refunded_minor, lines, payment_id FROM orders ORDER BY id"),
    ];
    const before = await books();
    await forget(person, paid.id, unpaid.id);
    expect(await books()).toEqual(before);
    // An unpaid order may still be paid, and gives tickets of nobody's name.
    expect(await office.pay(unpaid)).toMatchObject({ outcome: "confirmed" });
    const tickets = await office.must("listAnyTickets", { orderId: unpaid.id });
    expect(tickets.map(({ holder }) => holder)).toEqual(Array(2).fill({ name: "Deleted", email: null }));
  });

  test("tells of itself anew, and that it was forgotten, once however often it is asked for", async () => {
    const { office, buy, forget } = await newOffice();
    const person = newPerson();
    const order = await buy(person.userId);
    office.nowMs += 1_000;
    await office.alarm();
    const earlier = office.queues.bookings.sent.length;
    for (let times = 0; times < 3; times += 1) await forget(person, order.id);
    office.nowMs += 1_000;
    await office.alarm();
    const { eventId, organizationId } = office.facts;
    const scope = { eventId, organizationId, orderId: order.id };
    expect(office.queues.bookings.sent.slice(earlier).map(({ type, payload }) => [type, payload])).toEqual([
      ["order.changed", { ...scope, sequence: order.sequence + 1 }],
    ]);
    const told = office.queues.payments.sent.filter(({ type }) => type === "order.forgotten");
    expect(told.map(({ payload }) => payload)).toEqual([scope]);
    for (const queue of Object.values(office.queues)) {
      const text = JSON.stringify(queue.sent);
      for (const secret of said) expect(text).not.toContain(secret);
    }
  });

  test("is forgotten for good: a crash right after finds it so", async () => {
    const { office, buy, forget, tablesHolding } = await newOffice();
    const person = newPerson();
    const order = await buy(person.userId, { idempotencyKey: "k1" });
    await forget(person, order.id);
    await office.evict();
    expect(await tablesHolding(...said, person.userId)).toEqual([]);
    expect(await forget(person, order.id)).toEqual({ forgotten: [] });
  });
});

test("a request that placed an order and is sent again meets the order as it is, and takes nothing twice", async () => {
  const { office, buy, forget } = await newOffice();
  const person = newPerson();
  const order = await buy(person.userId, { idempotencyKey: "k1" });
  const other = await buy(null, { idempotencyKey: "k2", email: "another@example.com" });
  await forget(person, order.id);
  const again = await office.ask(
    "placeOrder",
    { reservationId: order.reservationId, holder: proven, buyer, attendees: null, answers: {} },
    { key: "k1", fingerprint: "=" },
  );
  expect(again).toMatchObject({ replayed: false, result: { ok: false } });
  const kept = await office.ask(
    "placeOrder",
    { reservationId: other.reservationId, holder: proven, buyer, attendees: null, answers: {} },
    { key: "k2", fingerprint: '={"buyer":{"name":"Buyer One","email":"another@example.com"}}' },
  );
  expect(kept).toMatchObject({ replayed: true, result: { value: { id: other.id } } });
  expect(await office.audit()).toEqual([]);
});

describe("an order that nobody's account made", () => {
  test("is the person's where it was made under their proven address before they asked to be forgotten", async () => {
    const { office, buy, forget, tablesHolding } = await newOffice();
    const order = await buy(null);
    await forget(newPerson({ requestedAtMs: order.createdAtMs }), order.id);
    expect(await tablesHolding(...said)).toEqual([]);
    expect((await office.must("getOrderContents", { orderId: order.id })).order).toMatchObject({
      buyer: { name: "Deleted" },
    });
  });

  test.each([
    ["was made later", { requestedAtMs: 1 }],
    ["names an address that was never proven", { address: null }],
    ["names another address", { address: "another@example.com" }],
  ])("is not where it %s", async (_, change) => {
    const { office, buy, forget } = await newOffice();
    const order = await buy(null);
    expect(await forget(newPerson(change), order.id)).toEqual({ forgotten: [] });
    expect((await office.must("getOrderContents", { orderId: order.id })).order).toEqual(order);
  });
});

test("another account's order that names the address keeps all but the address", async () => {
  const { office, buy, forget, tablesHolding } = await newOffice();
  const owner = newPerson().userId;
  const order = await buy(owner);
  await office.pay(order);
  await forget(newPerson(), order.id);
  expect(await tablesHolding(address)).toEqual([]);
  expect((await office.must("getOrderContents", { orderId: order.id })).order).toMatchObject({
    userId: owner,
    buyer: { name: "Buyer One", email: "" },
    attendees,
    answers,
  });
  const tickets = await office.must("listAnyTickets", { orderId: order.id });
  expect(tickets.map(({ holder }) => holder)).toEqual(attendees);
});

test("orders that are not here, or an event that never was, are nothing to forget", async () => {
  const { office, buy, forget } = await newOffice();
  const order = await buy(null);
  const absent = order.id.replace(/^(ord_.{12})./, "$1z") as OrderId;
  expect(await forget(newPerson(), absent)).toEqual({ forgotten: [] });
  const empty = new TestOffice();
  expect(await empty.must("forgetOrders", { orderIds: [order.id], person: newPerson() })).toEqual({ forgotten: [] });
  expect(await office.audit()).toEqual([]);
});

test("a box office of the first version is upgraded: what the door was told names nobody any more", async () => {
  const { office, buy, tablesHolding } = await newOffice();
  const order = await buy(null);
  await office.pay(order);
  const [ticket] = await office.must("listAnyTickets", { orderId: order.id });
  if (ticket === undefined) throw new Error("a ticket");
  const answer = {
    result: "admitted",
    ticket: {
      id: ticket.id,
      ticketTypeId: ticket.ticketTypeId,
      ticketTypeName: "Standard",
      holderName: "Old Name",
      status: "checked_in",
    },
    checkedInAtMs: 5,
  };
  await office.turnBack(1);
  await office.inside((_, state) => {
    state.storage.sql.exec(
      `INSERT INTO check_ins (ticket_id, direction, result, nonce, answer, scanned_at_ms, recorded_at_ms, scanned_by)
       VALUES (?, 'in', 'admitted', 'old', ?, 5, 5, 'usr_door')`,
      ticket.id,
      JSON.stringify(answer),
    );
  });
  await office.evict();
  const again = await office.must("checkIn", {
    ticketId: ticket.id,
    codeVersion: 1,
    direction: "in",
    nonce: "old",
    scannedAtMs: null,
    scannedBy: "usr_door",
  });
  expect(again).toEqual({ ...answer, ticket: { ...answer.ticket, holderName: "Guest Two" } });
  expect(await tablesHolding("Old Name")).toEqual([]);
});
