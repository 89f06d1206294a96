import { limits } from "@foyer/kernel/limits";
import { newTestUser } from "@foyer/testing/tokens";
import { expect, test, vi } from "vitest";
import { addTicketType, grant, http, newSale, order, pay, reserve, rpc, systemCall } from "../support.ts";

test("a paid ticket goes from reservation over order and payment to a signed ticket and the query model", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale, { capacity: 3 });
  const { order: pending, secret } = await order(sale, type.id, 2);
  expect(pending).toMatchObject({ status: "pending_payment", total: { amount: 5_000, currency: "USD" } });
  expect(await pay(pending)).toEqual({ ok: true, value: { outcome: "confirmed", alreadyApplied: false } });
  const tickets = await http("GET", `/v1/orders/${pending.id}/tickets`, { headers: { "x-order-secret": secret } });
  expect(tickets.body.data).toHaveLength(2);
  expect(tickets.body.data[0].code).toMatch(/^F1\.tkt_/);
  await vi.waitFor(
    async () => {
      const listed = await http("GET", `${sale.path}/orders`, { headers: sale.organizer.headers });
      expect(listed.body.data).toMatchObject([{ id: pending.id, status: "confirmed" }]);
    },
    { timeout: 10_000, interval: 50 },
  );
  const document = await rpc.getOrderDocument(systemCall, { orderId: pending.id });
  expect(document).toMatchObject({ ok: true, value: { secret, status: "confirmed" } });
});

test("an order that costs nothing is confirmed at once, with a ticket for each attendee", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale, { kind: "free", price: undefined });
  const { order: confirmed, secret } = await order(sale, type.id, 2, {
    attendees: [{ name: "Guest One" }, { name: "Guest Two", email: "guest@example.com" }],
    answers: { diet: "none" },
  });
  expect(confirmed).toMatchObject({ status: "confirmed", total: { amount: 0 }, answers: { diet: "none" } });
  const tickets = await http("GET", `/v1/orders/${confirmed.id}/tickets`, { headers: { "x-order-secret": secret } });
  expect(tickets.body.data.map((ticket: { holderName: string }) => ticket.holderName)).toEqual([
    "Guest One",
    "Guest Two",
  ]);
});

test("what is sold out answers 409 with what is left, and tells the gateway", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale, { capacity: 2 });
  expect((await reserve(sale, [{ ticketTypeId: type.id, quantity: 2 }])).status).toBe(201);
  const refused = await reserve(sale, [{ ticketTypeId: type.id, quantity: 1 }]);
  expect(refused.status).toBe(409);
  expect(refused.body).toMatchObject({
    code: "bookings.sold_out",
    available: [{ ticketTypeId: type.id, available: 0 }],
  });
  expect(refused.headers.get("foyer-sold-out")).toBe(type.id);
});

test("a request for more than is left does not make the gateway refuse smaller ones", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale, { capacity: 2 });
  const refused = await reserve(sale, [{ ticketTypeId: type.id, quantity: 3 }]);
  expect(refused.body).toMatchObject({ code: "bookings.sold_out", available: [{ available: 2 }] });
  expect(refused.headers.get("foyer-sold-out")).toBeNull();
});

test("a reservation of two types takes all or nothing", async () => {
  const sale = await newSale();
  const plenty = await addTicketType(sale, { capacity: 10 });
  const scarce = await addTicketType(sale, { capacity: 1 });
  const items = [
    { ticketTypeId: plenty.id, quantity: 2 },
    { ticketTypeId: scarce.id, quantity: 2 },
  ];
  expect((await reserve(sale, items)).status).toBe(409);
  const pools = await http("GET", `${sale.path}/pools`, { headers: sale.organizer.headers });
  expect(pools.body.data.map((pool: { held: number }) => pool.held)).toEqual([0, 0]);
});

test("a reservation is for its holder: by its secret or account, and absent for everyone else", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale);
  const { body } = await reserve(sale, [{ ticketTypeId: type.id, quantity: 1 }]);
  const path = `/v1/reservations/${body.id}`;
  const mine = { headers: { "x-reservation-secret": body.secret } };
  expect((await http("GET", path)).status).toBe(404);
  expect(
    (await http("GET", path, { headers: { "x-reservation-secret": `${body.secret.slice(0, -1)}_` } })).status,
  ).toBe(404);
  expect((await http("GET", path, { headers: sale.organizer.headers })).status).toBe(404);
  expect((await http("GET", path, mine)).body).toMatchObject({ status: "active", extendable: true });
  const extended = await http("POST", `${path}/extend`, mine);
  expect(Date.parse(extended.body.expiresAt)).toBe(Date.parse(body.expiresAt) + 300_000);
  expect((await http("POST", `${path}/extend`, mine)).body.code).toBe("bookings.already_extended");
  expect((await http("DELETE", path)).status).toBe(404);
  expect((await http("DELETE", path, mine)).status).toBe(204);
  expect((await http("DELETE", path, mine)).status).toBe(204);
  expect((await http("GET", path, mine)).body.status).toBe("released");
});

test("a reservation is changed as a whole or not at all, and what it holds counts for the change", async () => {
  const sale = await newSale();
  const first = await addTicketType(sale, { capacity: 3 });
  const second = await addTicketType(sale, { capacity: 2 });
  const { body } = await reserve(sale, [{ ticketTypeId: first.id, quantity: 2 }]);
  const path = `/v1/reservations/${body.id}`;
  const headers = { "x-reservation-secret": body.secret };
  const change = (items: object[], proof: Record<string, string> = headers) =>
    http("PATCH", path, { headers: proof, body: { items } });
  expect((await change([{ ticketTypeId: first.id, quantity: 1 }], {})).status).toBe(404);
  const refused = await change([
    { ticketTypeId: first.id, quantity: 3 },
    { ticketTypeId: second.id, quantity: 3 },
  ]);
  expect(refused.status).toBe(409);
  expect((await http("GET", path, { headers })).body.items).toEqual(body.items);
  const changed = await change([
    { ticketTypeId: first.id, quantity: 3 },
    { ticketTypeId: second.id, quantity: 1 },
  ]);
  expect(changed.status).toBe(200);
  expect(changed.body).toMatchObject({ total: { amount: 10_000 }, expiresAt: body.expiresAt });
  const pools = await http("GET", `${sale.path}/pools`, { headers: sale.organizer.headers });
  expect(pools.body.data.map((pool: { held: number }) => pool.held)).toEqual([3, 1]);
  expect((await change([{ ticketTypeId: first.id, quantity: 3, price: 1 }])).status).toBe(422);
});

test("a reservation made by an account is that account's without any secret", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale);
  const { headers } = sale.organizer;
  const { body } = await reserve(sale, [{ ticketTypeId: type.id, quantity: 1 }], { headers });
  expect((await http("GET", `/v1/reservations/${body.id}`, { headers })).status).toBe(200);
});

test("a reservation becomes one order, however often it is asked", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale);
  const { reservation, order: placed } = await order(sale, type.id);
  const again = await http("POST", "/v1/orders", {
    headers: { "x-reservation-secret": reservation.secret },
    body: { reservationId: reservation.id, buyer: { name: "Buyer One", email: "buyer@example.com" } },
  });
  expect(again.status).toBe(409);
  expect(again.body).toMatchObject({ code: "bookings.reservation_not_active", orderId: placed.id });
});

test("the same idempotency key answers once and replays, refuses another body, and is nobody else's", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale);
  const items = [{ ticketTypeId: type.id, quantity: 1 }];
  const key = { "idempotency-key": crypto.randomUUID() };
  const first = await reserve(sale, items, { headers: key });
  const second = await reserve(sale, items, { headers: key });
  expect(second.status).toBe(201);
  expect(second.body).toEqual(first.body);
  expect(first.headers.get("idempotent-replayed")).toBeNull();
  expect(second.headers.get("idempotent-replayed")).toBe("true");
  const other = await reserve(sale, [{ ticketTypeId: type.id, quantity: 2 }], { headers: key });
  expect(other.status).toBe(422);
  expect(other.body.code).toBe("idempotency.mismatch");
  const someoneElse = await reserve(sale, items, { headers: { ...key, ...sale.organizer.headers } });
  expect(someoneElse.headers.get("idempotent-replayed")).toBeNull();
  expect(someoneElse.body.id).not.toBe(first.body.id);
  const bad = await reserve(sale, items, { headers: { "idempotency-key": "x".repeat(256) } });
  expect(bad.status).toBe(400);
});

test("an order with a key replays with its secret", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale);
  const { body } = await reserve(sale, [{ ticketTypeId: type.id, quantity: 1 }]);
  const place = () =>
    http("POST", "/v1/orders", {
      headers: { "x-reservation-secret": body.secret, "idempotency-key": "order-1" },
      body: { reservationId: body.id, buyer: { name: "Buyer One", email: "buyer@example.com" } },
    });
  const first = await place();
  const second = await place();
  expect(second.status).toBe(201);
  expect(second.body).toEqual(first.body);
});

test("strangers who happen on the same short key never get each other's reservation", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale);
  const items = [{ ticketTypeId: type.id, quantity: 1 }];
  for (const key of ["1", "reserve", "k".repeat(limits.sharedIdempotencyKeyCharsMin - 1)]) {
    const refused = await reserve(sale, items, { headers: { "idempotency-key": key } });
    expect([refused.status, refused.body.code]).toEqual([400, "idempotency.invalid_key"]);
  }
  const shortest = { "idempotency-key": "k".repeat(limits.sharedIdempotencyKeyCharsMin) };
  expect((await reserve(sale, items, { headers: shortest })).status).toBe(201);
  // An account or a secret keeps keys apart, however short they are.
  const { headers } = await newTestUser();
  const mine = await reserve(sale, items, { headers: { ...headers, "idempotency-key": "1" } });
  expect(mine.status).toBe(201);
  const others = (await newTestUser()).headers;
  const theirs = await reserve(sale, items, { headers: { ...others, "idempotency-key": "1" } });
  expect(theirs.body.id).not.toBe(mine.body.id);
});

test("a ticket type with an access code is sold for that code only, although everybody sees it", async () => {
  const sale = await newSale();
  const listed = await addTicketType(sale, { visibility: "public", accessCode: "members" });
  const secret = await addTicketType(sale, { visibility: "hidden" });
  const items = [{ ticketTypeId: listed.id, quantity: 1 }];
  for (const extra of [{}, { accessCode: "wrong" }]) {
    const refused = await reserve(sale, items, { extra });
    expect([refused.status, refused.body.code]).toEqual([404, "bookings.ticket_type_not_found"]);
  }
  const both = [...items, { ticketTypeId: secret.id, quantity: 1 }];
  expect((await reserve(sale, both, { extra: { accessCode: "members" } })).status).toBe(201);
  expect((await reserve(sale, both.slice(1))).status).toBe(201);
});

test("hidden ticket types are sold to whoever knows the code, and do not exist for others", async () => {
  const sale = await newSale();
  const hidden = await addTicketType(sale, { visibility: "hidden", accessCode: "open sesame" });
  const items = [{ ticketTypeId: hidden.id, quantity: 1 }];
  expect((await reserve(sale, items)).status).toBe(404);
  expect((await reserve(sale, items, { extra: { accessCode: "wrong" } })).status).toBe(404);
  expect((await reserve(sale, items, { extra: { accessCode: "open sesame" } })).status).toBe(201);
  const availability = await http("GET", `${sale.path}/availability`);
  expect(availability.body.ticketTypes).toEqual([]);
  const listed = await http("GET", `${sale.path}/ticket-types`);
  expect(listed.body.data).toEqual([]);
});

test("availability is for the crowd: public, short-lived, and without what is not for sale", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale, { capacity: 20 });
  const later = await addTicketType(sale, { salesStartAt: new Date(Date.now() + 3_600_000).toISOString() });
  const answer = await http("GET", `${sale.path}/availability`);
  expect(answer.headers.get("cache-control")).toBe("public, max-age=0, s-maxage=1");
  expect(answer.body.ticketTypes).toEqual([
    { id: type.id, status: "on_sale", available: 20 },
    { id: later.id, status: "not_yet", available: 100 },
  ]);
});

test("nothing is sold before the sale opens, outside a type's window, or after the sale closed", async () => {
  const draft = await newSale({}, false);
  const type = await addTicketType(draft);
  const early = await reserve(draft, [{ ticketTypeId: type.id, quantity: 1 }]);
  expect(early.status).toBe(409);
  expect(early.body).toMatchObject({ code: "bookings.not_on_sale", errors: [{ path: "items.0.ticketTypeId" }] });
  expect((await http("GET", `${draft.path}/availability`)).status).toBe(404);
  await rpc.openSale(systemCall, { event: draft.facts });
  expect((await reserve(draft, [{ ticketTypeId: type.id, quantity: 1 }])).status).toBe(201);
  await rpc.closeSale(systemCall, { eventId: draft.eventId, version: 2 });
  expect((await reserve(draft, [{ ticketTypeId: type.id, quantity: 1 }])).body.code).toBe("bookings.not_on_sale");
});

test("a buyer gives up an unpaid order, and a paid one is the organizer's to cancel", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale, { capacity: 5 });
  const unpaid = await order(sale, type.id, 2);
  const proof = { headers: { "x-order-secret": unpaid.secret } };
  expect((await http("POST", `/v1/orders/${unpaid.order.id}/cancel`)).status).toBe(404);
  expect((await http("POST", `/v1/orders/${unpaid.order.id}/cancel`, proof)).body.status).toBe("cancelled");
  const paid = await order(sale, type.id, 2);
  await pay(paid.order);
  const path = `/v1/orders/${paid.order.id}`;
  const headers = { "x-order-secret": paid.secret };
  expect((await http("POST", `${path}/cancel`, { headers })).body.code).toBe("bookings.order_not_cancellable");
  const cancelPath = `${sale.path}/orders/${paid.order.id}/cancel`;
  const support = await newTestUser();
  await grant(support, sale.facts.organizationId, "support");
  expect((await http("POST", cancelPath, { headers: support.headers })).body.code).toBe("auth.forbidden");
  expect((await http("GET", path, { headers })).body.status).toBe("confirmed");
  const { userId } = sale.organizer;
  const longAgo = await newTestUser({ userId, authenticatedAtMs: Date.now() - (limits.stepUpFreshSeconds + 1) * 1000 });
  const stale = await http("POST", cancelPath, { headers: longAgo.headers });
  expect([stale.status, stale.body.code]).toEqual([401, "auth.step_up_required"]);
  const cancelled = await http("POST", cancelPath, { headers: sale.organizer.headers });
  expect(cancelled.body.status).toBe("cancelled");
  const tickets = await http("GET", `${path}/tickets`, { headers });
  expect(tickets.body.data.map((ticket: { status: string; code: null }) => [ticket.status, ticket.code])).toEqual([
    ["void", null],
    ["void", null],
  ]);
});

test("an order answers 304 to whoever has it already, and is never cached by others", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale);
  const { order: placed, secret } = await order(sale, type.id);
  const headers = { "x-order-secret": secret };
  const read = await http("GET", `/v1/orders/${placed.id}`, { headers });
  expect(read.headers.get("cache-control")).toBe("no-store");
  const etag = read.headers.get("etag") ?? "";
  expect(
    (await http("GET", `/v1/orders/${placed.id}`, { headers: { ...headers, "if-none-match": etag } })).status,
  ).toBe(304);
  await pay(placed);
  expect(
    (await http("GET", `/v1/orders/${placed.id}`, { headers: { ...headers, "if-none-match": etag } })).status,
  ).toBe(200);
});

test("my orders are those of my account, newest first, page by page", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale, { kind: "free", price: undefined });
  const { headers } = sale.organizer;
  const ids: string[] = [];
  for (let count = 0; count < 3; count += 1) {
    const { body } = await reserve(sale, [{ ticketTypeId: type.id, quantity: 1 }], { headers });
    const placed = await http("POST", "/v1/orders", {
      headers,
      body: { reservationId: body.id, buyer: { name: "Buyer One", email: "buyer@example.com" } },
    });
    ids.unshift(placed.body.order.id);
  }
  await vi.waitFor(async () => expect((await http("GET", "/v1/orders", { headers })).body.data).toHaveLength(3), {
    timeout: 10_000,
    interval: 50,
  });
  const first = await http("GET", "/v1/orders?limit=2", { headers });
  const second = await http("GET", `/v1/orders?limit=2&cursor=${first.body.nextCursor}`, { headers });
  expect([...first.body.data, ...second.body.data].map((listed: { id: string }) => listed.id)).toEqual(ids);
  expect(second.body.nextCursor).toBeNull();
  expect((await http("GET", "/v1/orders")).status).toBe(401);
  expect((await http("GET", "/v1/orders?cursor=nonsense", { headers })).status).toBe(422);
});
