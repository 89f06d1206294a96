import type { CallContext } from "@foyer/contracts/shared/actor";
import { newTestUser, type TestUser } from "@foyer/testing/tokens";
import { expect, test } from "vitest";
import {
  addTicketType,
  grant,
  http,
  newFacts,
  newSale,
  order,
  pay,
  refund,
  reserve,
  rpc,
  systemCall,
  type TestSale,
  ticketsOf,
} from "../support.ts";

const anonymous: CallContext = { actor: { kind: "anonymous" }, requestId: "req_buyer" };
const nothing = { ok: true, value: { confirmedOrders: 0, openOrders: 0, activeReservations: 0, validTickets: 0 } };
const notFound = { ok: false, error: { code: "bookings.order_not_found" } };

function callOf(user: TestUser): CallContext {
  return {
    actor: {
      kind: "user",
      userId: user.userId,
      sessionId: "ses_tests",
      emailVerified: true,
      platformAdmin: false,
      authenticatedAtMs: Date.now(),
      impersonatorId: null,
    },
    requestId: "req_user",
  };
}

test("nobody from outside asks what is for other workers", async () => {
  const { eventId, organizationId } = newFacts();
  const calls = [anonymous, callOf(await newTestUser())];
  for (const call of calls) {
    const answers = [
      await rpc.getSaleTally(call, { eventId }),
      await rpc.copySale(call, { fromEventId: eventId, to: newFacts() }),
      await rpc.getSalesSummary(call, { organizationId }),
    ];
    for (const answer of answers) expect(answer).toMatchObject({ ok: false, error: { code: "auth.forbidden" } });
  }
});

test("a tally is of what is held and stands now, and zero for an event that was never prepared", async () => {
  const tally = (sale: { readonly eventId: `evt_${string}` }) =>
    rpc.getSaleTally(systemCall, { eventId: sale.eventId });
  expect(await tally(newFacts())).toEqual(nothing);
  const sale = await newSale();
  expect(await tally(sale)).toEqual(nothing);
  const type = await addTicketType(sale);
  const { body: held } = await reserve(sale, [{ ticketTypeId: type.id, quantity: 1 }]);
  const { order: open, secret } = await order(sale, type.id, 2);
  expect(await tally(sale)).toEqual({
    ok: true,
    value: { confirmedOrders: 0, openOrders: 1, activeReservations: 1, validTickets: 0 },
  });
  await pay(open);
  await http("DELETE", `/v1/reservations/${held.id}`, { headers: { "x-reservation-secret": held.secret } });
  const standing = { confirmedOrders: 1, openOrders: 0, activeReservations: 0 };
  expect(await tally(sale)).toEqual({ ok: true, value: { ...standing, validTickets: 2 } });
  const [first, second] = await ticketsOf(open, secret);
  const door = await newTestUser();
  await grant(door, sale.facts.organizationId, "door");
  const scan = (direction: string) =>
    http("POST", `${sale.path}/check-ins`, { headers: door.headers, body: { code: first.code, direction } });
  for (const direction of ["in", "out"]) {
    expect((await scan(direction)).status).toBe(200);
    expect(await tally(sale)).toEqual({ ok: true, value: { ...standing, validTickets: 2 } });
  }
  await refund(open, 2_500, [second.id]);
  expect(await tally(sale)).toEqual({ ok: true, value: { ...standing, validTickets: 1 } });
  await refund(open, 2_500, []);
  expect(await tally(sale)).toEqual(nothing);
});

test("whoever holds a ticket is known by the order's secret or their account, and everyone else is told one thing", async () => {
  const sale = await newSale();
  const elsewhere = await newSale();
  const type = await addTicketType(sale);
  const { eventId } = sale;
  const { order: placed, secret } = await order(sale, type.id, 2);
  const bySecret = { eventId, orderId: placed.id, proof: { secret } };
  expect(await rpc.holdsTicket(anonymous, bySecret)).toMatchObject(notFound);
  await pay(placed);
  const [first, second] = await ticketsOf(placed, secret);
  expect(await rpc.holdsTicket(anonymous, bySecret)).toEqual({ ok: true, value: null });
  const stranger = callOf(await newTestUser());
  const refused = [
    rpc.holdsTicket(anonymous, { eventId, orderId: placed.id, proof: {} }),
    rpc.holdsTicket(anonymous, { eventId, orderId: placed.id, proof: { secret: `${secret.slice(0, -1)}_` } }),
    rpc.holdsTicket(anonymous, { eventId, proof: { secret } }),
    rpc.holdsTicket(stranger, { eventId, proof: {} }),
    rpc.holdsTicket(stranger, { eventId, orderId: placed.id, proof: {} }),
    rpc.holdsTicket(systemCall, { eventId, proof: {} }),
    rpc.holdsTicket(anonymous, { ...bySecret, eventId: elsewhere.eventId }),
    rpc.holdsTicket(anonymous, { ...bySecret, eventId: newFacts().eventId }),
    rpc.holdsTicket(stranger, { eventId: newFacts().eventId, proof: {} }),
  ];
  const answers = await Promise.all(refused);
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(answers[0]).toMatchObject(notFound);
  await refund(placed, 2_500, [second.id]);
  expect(await rpc.holdsTicket(anonymous, bySecret)).toEqual({ ok: true, value: null });
  await refund(placed, 2_500, [first.id]);
  expect(await rpc.holdsTicket(anonymous, bySecret)).toMatchObject(notFound);
});

test("an account holds a ticket while any of its orders at the event has one that admits", async () => {
  const sale = await newSale();
  const elsewhere = await newSale();
  const type = await addTicketType(sale, { kind: "free", price: undefined });
  const buyer = await newTestUser();
  const buy = async () => {
    const { body: held } = await reserve(sale, [{ ticketTypeId: type.id, quantity: 1 }], { headers: buyer.headers });
    const made = { reservationId: held.id, buyer: { name: "Buyer One", email: "buyer@example.com" } };
    return (await http("POST", "/v1/orders", { headers: buyer.headers, body: made })).body.order;
  };
  const holds = (eventId = sale.eventId) => rpc.holdsTicket(callOf(buyer), { eventId, proof: {} });
  expect(await holds()).toMatchObject(notFound);
  const [first, second] = [await buy(), await buy()];
  expect(await holds()).toEqual({ ok: true, value: null });
  expect(await holds(elsewhere.eventId)).toMatchObject(notFound);
  expect((await http("POST", `/v1/orders/${first.id}/cancel`, { headers: buyer.headers })).status).toBe(200);
  expect(await holds()).toEqual({ ok: true, value: null });
  expect((await http("POST", `/v1/orders/${second.id}/cancel`, { headers: buyer.headers })).status).toBe(200);
  expect(await holds()).toMatchObject(notFound);
});

/** What members see of an event's offer, without what tells one event's from another's. */
async function offerOf(path: string, user: TestUser) {
  const read = async (what: string) =>
    (await http("GET", `${path}/${what}?limit=100`, { headers: user.headers })).body.data;
  const pools = await read("pools");
  const places = new Map<string, number>(pools.map(({ id }: { id: string }, index: number) => [id, index]));
  const types = (await read("ticket-types")).map(
    ({ id: _id, eventId: _event, poolIds, ...type }: { id: string; eventId: string; poolIds: string[] }) => ({
      ...type,
      pools: poolIds.map((id) => places.get(id)),
    }),
  );
  return { pools: pools.map(({ id: _id, eventId: _event, ...pool }: { id: string; eventId: string }) => pool), types };
}

async function soldSale(): Promise<TestSale> {
  const sale = await newSale({ timezone: "UTC" });
  const { headers } = sale.organizer;
  const hall = (await http("POST", `${sale.path}/pools`, { headers, body: { name: "Hall", capacity: 40 } })).body;
  const balcony = (await http("POST", `${sale.path}/pools`, { headers, body: { name: "Balcony", capacity: 0 } })).body;
  const startsAtMs = sale.facts.startsAtMs ?? 0;
  await addTicketType(sale, {
    capacity: undefined,
    poolIds: [hall.id, balcony.id],
    name: "Both",
    minPerOrder: 2,
    maxPerOrder: 7,
  });
  const sold = await addTicketType(sale, {
    name: "Early",
    description: "Until noon.",
    capacity: 9,
    salesStartAt: new Date(startsAtMs - 40 * 86_400_000).toISOString(),
    salesEndAt: { before: "PT1H", of: "start" },
  });
  await addTicketType(sale, {
    name: "Inside",
    visibility: "hidden",
    accessCode: "SESAME",
    kind: "free",
    price: undefined,
    capacity: undefined,
    poolIds: [hall.id],
  });
  await order(sale, sold.id, 3);
  await reserve(sale, [{ ticketTypeId: sold.id, quantity: 1 }]);
  return sale;
}

test("a copied sale has the same offer under new ids and in the same order, nothing of it sold, and windows that went along", async () => {
  const sale = await soldSale();
  const before = await offerOf(sale.path, sale.organizer);
  const weekMs = 7 * 86_400_000;
  const { organizationId, startsAtMs, endsAtMs } = sale.facts;
  const to = newFacts({
    organizationId,
    timezone: "UTC",
    startsAtMs: (startsAtMs ?? 0) + weekMs,
    endsAtMs: (endsAtMs ?? 0) + weekMs,
  });
  expect(await rpc.copySale(systemCall, { fromEventId: sale.eventId, to })).toEqual({ ok: true, value: null });
  const later = (text: string | null) => (text === null ? null : new Date(Date.parse(text) + weekMs).toISOString());
  const copied = await offerOf(`/v1/events/${to.eventId}`, sale.organizer);
  expect(before.pools.some(({ held }: { held: number }) => held > 0)).toBe(true);
  expect(copied.pools).toEqual(
    before.pools.map(({ capacity, ...pool }: { capacity: number }) => ({
      ...pool,
      capacity,
      held: 0,
      sold: 0,
      available: capacity,
    })),
  );
  expect(copied.types.map(({ name }: { name: string }) => name)).toEqual(["Both", "Early", "Inside"]);
  expect(copied.types).toEqual(
    // biome-ignore lint/suspicious/noExplicitAny: bodies are compared with what is expected of them
    before.types.map((type: any) => ({
      ...type,
      available: type.capacity,
      salesStartAt: later(type.salesStartAt),
      salesOpensAt: later(type.salesOpensAt),
      salesClosesAt: later(type.salesClosesAt),
    })),
  );
  // The source is as it was.
  expect(await offerOf(sale.path, sale.organizer)).toEqual(before);
  // What was copied sells by itself.
  await rpc.openSale(systemCall, { event: { ...to, version: 2 } });
  const { data } = (await http("GET", `/v1/events/${to.eventId}/ticket-types`)).body;
  const early = data.find(({ name }: { name: string }) => name === "Early");
  const bought = await http("POST", `/v1/events/${to.eventId}/reservations`, {
    body: { items: [{ ticketTypeId: early.id, quantity: 9 }] },
  });
  expect(bought.status).toBe(201);
  expect(await offerOf(sale.path, sale.organizer)).toEqual(before);
});

test("a copy that is made again changes nothing, also after the offer was changed or newer facts came", async () => {
  const sale = await soldSale();
  const to = newFacts({ organizationId: sale.facts.organizationId });
  const path = `/v1/events/${to.eventId}`;
  const copy = () => rpc.copySale(systemCall, { fromEventId: sale.eventId, to });
  await Promise.all([copy(), copy(), copy()]);
  const first = await offerOf(path, sale.organizer);
  expect(first.types).toHaveLength(3);
  const { headers } = sale.organizer;
  const { data } = (await http("GET", `${path}/ticket-types`, { headers })).body;
  await http("PATCH", `${path}/ticket-types/${data[0].id}`, { headers, body: { name: "Own" } });
  await http("DELETE", `${path}/ticket-types/${data[1].id}`, { headers });
  const changed = await offerOf(path, sale.organizer);
  expect(await copy()).toEqual({ ok: true, value: null });
  expect(await offerOf(path, sale.organizer)).toEqual(changed);
  expect(await rpc.getSaleReadiness(systemCall, { eventId: to.eventId })).toEqual({ ok: true, value: { missing: [] } });
});

test("a date that either event lacks moves no window", async () => {
  const sale = await newSale();
  const salesStartAt = "2030-01-01T00:00:00.000Z";
  await addTicketType(sale, { salesStartAt });
  const to = newFacts({ organizationId: sale.facts.organizationId, startsAtMs: null, endsAtMs: null });
  await rpc.copySale(systemCall, { fromEventId: sale.eventId, to });
  expect((await offerOf(`/v1/events/${to.eventId}`, sale.organizer)).types).toMatchObject([{ salesStartAt }]);
});

test("another organization's sale is not there to be copied, and neither is one that never was", async () => {
  const sale = await soldSale();
  const stranger = await newTestUser();
  const to = newFacts();
  await grant(stranger, to.organizationId, "owner");
  const refused = { ok: false, error: { code: "bookings.event_not_found" } };
  expect(await rpc.copySale(systemCall, { fromEventId: sale.eventId, to })).toMatchObject(refused);
  expect(await rpc.copySale(systemCall, { fromEventId: newFacts().eventId, to })).toMatchObject(refused);
  expect((await http("GET", `/v1/events/${to.eventId}/pools`, { headers: stranger.headers })).status).toBe(404);
  // An event does not change hands by being copied to.
  await rpc.prepareSale(systemCall, { event: to });
  const taken = { ...to, version: 2, organizationId: sale.facts.organizationId };
  expect(await rpc.copySale(systemCall, { fromEventId: sale.eventId, to: taken })).toMatchObject(refused);
  expect((await http("GET", `/v1/events/${to.eventId}/pools`, { headers: stranger.headers })).body.data).toEqual([]);
});
