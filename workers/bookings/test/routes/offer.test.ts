import { expect, test } from "vitest";
import { addTicketType, http, newSale, order, reserve } from "../support.ts";

test("pools are made, read, changed under If-Match, and removed", async () => {
  const sale = await newSale();
  const { headers } = sale.organizer;
  const made = await http("POST", `${sale.path}/pools`, { headers, body: { name: "Hall", capacity: 10 } });
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ name: "Hall", capacity: 10, held: 0, sold: 0, available: 10 });
  const path = `${sale.path}/pools/${made.body.id}`;
  const etag = made.headers.get("etag") ?? "";
  const changed = await http("PATCH", path, { headers: { ...headers, "if-match": etag }, body: { capacity: 12 } });
  expect(changed.body).toMatchObject({ name: "Hall", capacity: 12 });
  const stale = await http("PATCH", path, { headers: { ...headers, "if-match": etag }, body: { capacity: 13 } });
  expect(stale.status).toBe(412);
  expect((await http("GET", path, { headers })).body.capacity).toBe(12);
  expect((await http("DELETE", path, { headers })).status).toBe(204);
  expect((await http("GET", path, { headers })).status).toBe(404);
});

test("a capacity never goes below what is sold and held", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale, { capacity: 5 });
  await reserve(sale, [{ ticketTypeId: type.id, quantity: 2 }]);
  await order(sale, type.id, 1);
  const { headers } = sale.organizer;
  const path = `${sale.path}/ticket-types/${type.id}`;
  const below = await http("PATCH", path, { headers, body: { capacity: 2 } });
  expect(below.status).toBe(409);
  expect(below.body).toMatchObject({ code: "bookings.capacity_in_use", inUse: 3 });
  expect((await http("PATCH", path, { headers, body: { capacity: 3 } })).body).toMatchObject({
    capacity: 3,
    available: 0,
  });
  const pool = await http("DELETE", `${sale.path}/pools/${type.poolIds[0]}`, { headers });
  expect(pool.body.code).toBe("bookings.pool_in_use");
});

test("types that share a pool share its places, and a type over two pools takes from both", async () => {
  const sale = await newSale();
  const { headers } = sale.organizer;
  const hall = (await http("POST", `${sale.path}/pools`, { headers, body: { name: "Hall", capacity: 4 } })).body;
  const balcony = (await http("POST", `${sale.path}/pools`, { headers, body: { name: "Balcony", capacity: 2 } })).body;
  const plain = await addTicketType(sale, { capacity: undefined, poolIds: [hall.id] });
  const both = await addTicketType(sale, { capacity: undefined, poolIds: [hall.id, balcony.id] });
  expect(both).toMatchObject({ capacity: 2, available: 2 });
  expect((await reserve(sale, [{ ticketTypeId: both.id, quantity: 2 }])).status).toBe(201);
  expect((await reserve(sale, [{ ticketTypeId: both.id, quantity: 1 }])).status).toBe(409);
  expect((await reserve(sale, [{ ticketTypeId: plain.id, quantity: 3 }])).status).toBe(409);
  expect((await reserve(sale, [{ ticketTypeId: plain.id, quantity: 2 }])).status).toBe(201);
  const capacity = await http("PATCH", `${sale.path}/ticket-types/${plain.id}`, { headers, body: { capacity: 9 } });
  expect(capacity.body.code).toBe("bookings.capacity_shared");
});

test("an event sells in one currency", async () => {
  const sale = await newSale();
  await addTicketType(sale);
  const other = await http("POST", `${sale.path}/ticket-types`, {
    headers: sale.organizer.headers,
    body: { name: "Other", kind: "paid", price: { amount: 100, currency: "EUR" }, capacity: 1 },
  });
  expect(other.status).toBe(422);
  expect(other.body).toMatchObject({ code: "bookings.mixed_currencies", errors: [{ path: "price.currency" }] });
});

test("a changed price is for those who come after", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale);
  const { body: before } = await reserve(sale, [{ ticketTypeId: type.id, quantity: 1 }]);
  await http("PATCH", `${sale.path}/ticket-types/${type.id}`, {
    headers: sale.organizer.headers,
    body: { price: { amount: 9_900, currency: "USD" }, name: "Late" },
  });
  const { body: after } = await reserve(sale, [{ ticketTypeId: type.id, quantity: 1 }]);
  expect([before.total.amount, after.total.amount]).toEqual([2_500, 9_900]);
  const placed = await http("POST", "/v1/orders", {
    headers: { "x-reservation-secret": before.secret },
    body: { reservationId: before.id, buyer: { name: "Buyer One", email: "buyer@example.com" } },
  });
  expect(placed.body.order.total.amount).toBe(2_500);
});

test("the public sees what it may buy, without codes; members see everything", async () => {
  const sale = await newSale();
  const shown = await addTicketType(sale);
  await addTicketType(sale, { visibility: "hidden", accessCode: "inside" });
  const anyone = await http("GET", `${sale.path}/ticket-types`);
  expect(anyone.body.data.map((type: { id: string }) => type.id)).toEqual([shown.id]);
  expect(anyone.body.data[0]).not.toHaveProperty("accessCode");
  expect(anyone.headers.get("cache-control")).toContain("s-maxage");
  const member = await http("GET", `${sale.path}/ticket-types?limit=1`, { headers: sale.organizer.headers });
  expect(member.body.data).toHaveLength(1);
  const rest = await http("GET", `${sale.path}/ticket-types?cursor=${member.body.nextCursor}`, {
    headers: sale.organizer.headers,
  });
  expect(rest.body.data).toMatchObject([{ accessCode: "inside" }]);
});

test("a ticket type that is taken off sale cannot be had, and what was sold of it stays", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale, { kind: "free", price: undefined });
  const { order: placed, secret } = await order(sale, type.id);
  const path = `${sale.path}/ticket-types/${type.id}`;
  expect((await http("DELETE", path, { headers: sale.organizer.headers })).status).toBe(204);
  expect((await reserve(sale, [{ ticketTypeId: type.id, quantity: 1 }])).status).toBe(404);
  const tickets = await http("GET", `/v1/orders/${placed.id}/tickets`, { headers: { "x-order-secret": secret } });
  expect(tickets.body.data).toMatchObject([{ status: "valid" }]);
});
