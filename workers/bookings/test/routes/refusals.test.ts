import { newId, newSaleId } from "@foyer/kernel/ids";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import { beforeAll, expect, test } from "vitest";
import { type Answer, addTicketType, http, newSale, reserve, rpc, systemCall, type TestSale } from "../support.ts";

let sale: TestSale;
let type: Answer["body"];

beforeAll(async () => {
  sale = await newSale();
  type = await addTicketType(sale, { minPerOrder: 2, maxPerOrder: 4 });
});

/** Every route that is for members of the organization. */
function memberRoutes(): readonly (readonly [string, string, object?])[] {
  const poolId = type.poolIds[0];
  const orderId = newSaleId("order", sale.eventId, Date.now());
  return [
    ["POST", `${sale.path}/pools`, { name: "A", capacity: 1 }],
    ["GET", `${sale.path}/pools`],
    ["GET", `${sale.path}/pools/${poolId}`],
    ["PATCH", `${sale.path}/pools/${poolId}`, { capacity: 1 }],
    ["DELETE", `${sale.path}/pools/${poolId}`],
    ["POST", `${sale.path}/ticket-types`, { name: "A", kind: "free", capacity: 1 }],
    ["PATCH", `${sale.path}/ticket-types/${type.id}`, { name: "B" }],
    ["DELETE", `${sale.path}/ticket-types/${type.id}`],
    ["GET", `${sale.path}/orders`],
    ["POST", `${sale.path}/orders/${orderId}/cancel`],
    ["POST", `${sale.path}/check-ins`, { code: "F1" }],
    ["GET", `${sale.path}/check-ins/stats`],
    ["GET", `${sale.path}/check-ins/key`],
  ];
}

test("no organizer's route answers without a token, or to a member of another organization", async () => {
  const stranger = (await newSale()).organizer;
  for (const [method, path, body] of memberRoutes()) {
    expect((await http(method, path, { body })).status, `${method} ${path} without a token`).toBe(401);
    const answer = await http(method, path, { body, headers: stranger.headers });
    expect(answer.status, `${method} ${path} as a stranger`).toBe(404);
  }
});

test("a token that does not verify is refused everywhere, also where none is needed", async () => {
  const items = [{ ticketTypeId: type.id, quantity: 2 }];
  for (const [fault, token] of Object.entries(await badTokens())) {
    const headers = { authorization: `Bearer ${token}` };
    expect((await http("GET", `${sale.path}/pools`, { headers })).status, fault).toBe(401);
    expect((await reserve(sale, items, { headers })).status, fault).toBe(401);
  }
});

test("ids of another event's things are absent here", async () => {
  const other = await newSale();
  const otherType = await addTicketType(other);
  const { headers } = sale.organizer;
  expect((await http("GET", `${sale.path}/pools/${otherType.poolIds[0]}`, { headers })).status).toBe(404);
  expect((await http("GET", `${sale.path}/ticket-types/${otherType.id}`, { headers })).status).toBe(404);
  expect((await reserve(sale, [{ ticketTypeId: otherType.id, quantity: 1 }])).status).toBe(404);
  const foreign = newSaleId("order", other.eventId, Date.now());
  expect((await http("POST", `${sale.path}/orders/${foreign}/cancel`, { headers })).status).toBe(404);
});

test("what does not exist is 404, and never 500", async () => {
  const unknown = newId("event", Date.now());
  const paths = [
    `/v1/events/${unknown}/availability`,
    `/v1/events/${unknown}/ticket-types`,
    "/v1/events/evt_nonsense/availability",
    `/v1/orders/${newSaleId("order", unknown, Date.now())}`,
    `/v1/orders/${newSaleId("order", sale.eventId, Date.now())}/tickets`,
    `/v1/tickets/${newSaleId("ticket", unknown, Date.now())}`,
    `/v1/reservations/${newSaleId("reservation", unknown, Date.now())}`,
    "/v1/reservations/rsv_1",
  ];
  for (const path of paths) expect((await http("GET", path)).status, path).toBe(404);
  const body = { items: [{ ticketTypeId: type.id, quantity: 2 }] };
  expect((await http("POST", `/v1/events/${unknown}/reservations`, { body })).body.code).toBe(
    "bookings.event_not_found",
  );
});

const hostile: readonly (readonly [string, unknown])[] = [
  ["an unknown field", { promoCode: "X" }],
  ["a price of the caller's choosing", { price: { amount: 1, currency: "USD" } }],
  ["no items", { items: [] }],
  ["items that are no list", { items: "all" }],
  ["a quantity of zero", { items: [{ quantity: 0 }] }],
  ["a negative quantity", { items: [{ quantity: -1 }] }],
  ["a fraction", { items: [{ quantity: 1.5 }] }],
  ["a huge quantity", { items: [{ quantity: 1e9 }] }],
  ["a quantity as text", { items: [{ quantity: "2" }] }],
  ["a code with NUL", { accessCode: "a\u0000b" }],
  ["a code that is too long", { accessCode: "🎟".repeat(100) }],
  ["too many items", { items: Array.from({ length: 21 }, () => ({ quantity: 2 })) }],
];

test.each(hostile)("a reservation with %s is 422 and holds nothing", async (_, change) => {
  const given = change as { items?: unknown }; // rows of the table above
  const items = Array.isArray(given.items)
    ? given.items.map((item: object) => ({ ticketTypeId: type.id, ...item }))
    : (given.items ?? [{ ticketTypeId: type.id, quantity: 2 }]);
  const answer = await http("POST", `${sale.path}/reservations`, { body: { ...given, items } });
  expect(answer.status).toBe(422);
  expect(answer.body.code).toBe("request.invalid");
});

test("a reservation below or above a type's range, or of a type twice, says which item is at fault", async () => {
  const at = (items: { ticketTypeId: string; quantity: number }[]) => reserve(sale, items);
  const item = (quantity: number) => ({ ticketTypeId: type.id as string, quantity });
  expect((await at([item(1)])).body).toMatchObject({
    code: "bookings.quantity_out_of_range",
    errors: [{ path: "items.0.quantity" }],
  });
  expect((await at([item(5)])).status).toBe(422);
  expect((await at([item(2), item(2)])).body).toMatchObject({
    code: "bookings.duplicate_item",
    errors: [{ path: "items.1.ticketTypeId" }],
  });
  expect((await at([item(2)])).status).toBe(201);
  expect((await at([item(4)])).status).toBe(201);
});

test("malformed bodies are 400, wrong content types 415", async () => {
  const raw = await http("POST", `${sale.path}/reservations`, { raw: "{" });
  expect(raw.status).toBe(400);
  const text = await http("POST", `${sale.path}/reservations`, {
    raw: "{}",
    headers: { "content-type": "text/plain" },
  });
  expect(text.status).toBe(415);
});

const badTypes: readonly (readonly [string, object])[] = [
  ["a paid type without a price", { kind: "paid", capacity: 1 }],
  ["a free type with a price", { kind: "free", price: { amount: 5, currency: "USD" }, capacity: 1 }],
  ["a donation, which is not sold", { kind: "donation", capacity: 1 }],
  ["neither pools nor capacity", { kind: "free" }],
  ["pools and capacity", { kind: "free", capacity: 1, poolIds: ["pool_00000000000000000000000000"] }],
  ["an unknown pool", { kind: "free", poolIds: ["pool_00000000000000000000000000"] }],
  ["a negative capacity", { kind: "free", capacity: -1 }],
  ["an endless capacity", { kind: "free", capacity: 1e9 }],
  ["a minimum above the maximum", { kind: "free", capacity: 5, minPerOrder: 5, maxPerOrder: 2 }],
  [
    "sales that end before they start",
    { kind: "free", capacity: 5, salesStartAt: "2030-01-02T00:00:00Z", salesEndAt: "2030-01-01T00:00:00Z" },
  ],
  ["counters of its own", { kind: "free", capacity: 5, sold: 3 }],
];

test.each(badTypes)("a ticket type with %s is refused", async (_, fields) => {
  const answer = await http("POST", `${sale.path}/ticket-types`, {
    headers: sale.organizer.headers,
    body: { name: "Bad", ...fields },
  });
  expect([404, 422]).toContain(answer.status);
});

test("an order needs a holder, a buyer and as many attendees as tickets", async () => {
  const { body } = await reserve(sale, [{ ticketTypeId: type.id, quantity: 2 }]);
  const headers = { "x-reservation-secret": body.secret };
  const buyer = { name: "Buyer One", email: "buyer@example.com" };
  const place = (fields: object, proof: Record<string, string> = headers) =>
    http("POST", "/v1/orders", { headers: proof, body: { reservationId: body.id, buyer, ...fields } });
  expect((await place({}, {})).status).toBe(404);
  expect((await place({}, (await newTestUser()).headers)).status).toBe(404);
  expect((await place({ buyer: { name: "Buyer One" } })).status).toBe(422);
  expect((await place({ buyer: { name: "a\nb", email: "buyer@example.com" } })).status).toBe(422);
  expect((await place({ status: "confirmed" })).status).toBe(422);
  expect((await place({ total: { amount: 0, currency: "USD" } })).status).toBe(422);
  expect((await place({ answers: { "bad key!": "x" } })).status).toBe(422);
  expect((await place({ attendees: [{ name: "Guest One" }] })).body.code).toBe("bookings.attendees_mismatch");
  expect((await place({})).status).toBe(201);
});

test("what only workers may ask is refused to people, and order documents do not leave the platform", async () => {
  const person = { actor: { kind: "anonymous" as const }, requestId: "req_person" };
  const orderId = newSaleId("order", sale.eventId, Date.now());
  const paymentId = newId("payment", Date.now());
  const refused = { ok: false, error: { code: "auth.forbidden" } };
  const paid = { amount: 1, currency: "USD" };
  expect(await rpc.openSale(person, { event: sale.facts })).toMatchObject(refused);
  expect(await rpc.closeSale(person, { eventId: sale.eventId, version: 9 })).toMatchObject(refused);
  expect(await rpc.confirmOrder(person, { orderId, paymentId, paid, paidAtMs: 1 })).toMatchObject(refused);
  expect(await rpc.expireOrder(person, { orderId })).toMatchObject(refused);
  expect(await rpc.getOrderDocument(person, { orderId })).toMatchObject(refused);
  expect(await rpc.getOrderDocument(systemCall, { orderId })).toMatchObject({
    ok: false,
    error: { code: "bookings.order_not_found" },
  });
});

test("health names each store", async () => {
  const { body } = await http("GET", "/health/ready");
  expect(body).toMatchObject({ status: "ok", checks: [{ name: "database" }, { name: "objects" }] });
});
