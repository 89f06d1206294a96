import { expect, test } from "vitest";
import { addTicketType, http, newSale, reserve, rpc, systemCall } from "../support.ts";

const hourMs = 3_600_000;
const iso = (epochMs: number) => new Date(epochMs).toISOString();

async function statusOf(path: string, id: string): Promise<string> {
  const { body } = await http("GET", `${path}/availability`);
  return body.ticketTypes.find((type: { id: string }) => type.id === id)?.status;
}

test("a window that moves with the event is given back as it was given, and as instants", async () => {
  const sale = await newSale({ timezone: "UTC" });
  const startsAtMs = sale.facts.startsAtMs ?? 0;
  const salesStartAt = { before: "P30D", of: "start" };
  const salesEndAt = { after: "PT1H30M", of: "start" };
  const type = await addTicketType(sale, { salesStartAt, salesEndAt });
  const bounds = {
    salesStartAt,
    salesEndAt,
    salesOpensAt: iso(startsAtMs - 30 * 24 * hourMs),
    salesClosesAt: iso(startsAtMs + 1.5 * hourMs),
  };
  expect(type).toMatchObject(bounds);
  const path = `${sale.path}/ticket-types/${type.id}`;
  expect((await http("GET", path)).body).toMatchObject(bounds);
  const { headers } = sale.organizer;
  const fixed = iso(startsAtMs - hourMs);
  const changed = await http("PATCH", path, { headers, body: { salesEndAt: fixed } });
  expect(changed.body).toMatchObject({ ...bounds, salesEndAt: fixed, salesClosesAt: fixed });
  const open = await http("PATCH", path, { headers, body: { salesStartAt: null, salesEndAt: null } });
  expect(open.body).toMatchObject({ salesStartAt: null, salesEndAt: null, salesOpensAt: null, salesClosesAt: null });
});

test("a window moves when the event does, in the same breath as its facts", async () => {
  const sale = await newSale({ timezone: "UTC" });
  const type = await addTicketType(sale, { salesStartAt: { before: "PT2H", of: "start" } });
  const items = [{ ticketTypeId: type.id, quantity: 1 }];
  const tooEarly = await reserve(sale, items);
  expect(tooEarly.body).toMatchObject({ code: "bookings.not_on_sale", errors: [{ code: "not_yet" }] });
  const { body: before } = await http("GET", `${sale.path}/availability`);
  const startsAtMs = Date.now() + hourMs;
  const event = { ...sale.facts, version: 2, startsAtMs, endsAtMs: startsAtMs + hourMs };
  await rpc.prepareSale(systemCall, { event });
  expect((await reserve(sale, items)).status).toBe(201);
  const read = await http("GET", `${sale.path}/ticket-types/${type.id}`, { headers: sale.organizer.headers });
  expect(read.body).toMatchObject({ salesOpensAt: iso(startsAtMs - 2 * hourMs), available: 99 });
  // The crowd's view is at most a second old, and says by its version that something changed.
  await expect.poll(() => statusOf(sale.path, type.id), { timeout: 5_000, interval: 50 }).toBe("on_sale");
  expect((await http("GET", `${sale.path}/availability`)).body.version).toBeGreaterThan(before.version);
});

test("an event that moves so that a window is reversed sells nothing in it, and lets everything else be changed", async () => {
  const sale = await newSale({ timezone: "UTC" });
  const startsAtMs = sale.facts.startsAtMs ?? 0;
  const type = await addTicketType(sale, {
    salesStartAt: iso(startsAtMs - 20 * hourMs),
    salesEndAt: { before: "PT1H", of: "start" },
  });
  const moved = startsAtMs - 22 * hourMs;
  await rpc.prepareSale(systemCall, { event: { ...sale.facts, version: 2, startsAtMs: moved } });
  const refused = await reserve(sale, [{ ticketTypeId: type.id, quantity: 1 }]);
  expect(refused.body).toMatchObject({ code: "bookings.not_on_sale", errors: [{ code: "ended" }] });
  const { headers } = sale.organizer;
  const path = `${sale.path}/ticket-types/${type.id}`;
  expect((await http("PATCH", path, { headers, body: { name: "Renamed" } })).body).toMatchObject({ name: "Renamed" });
  const again = await http("PATCH", path, { headers, body: { salesEndAt: { before: "PT1H", of: "start" } } });
  expect(again).toMatchObject({
    status: 422,
    body: { code: "bookings.sales_window_invalid", errors: [{ path: "salesEndAt" }] },
  });
  expect((await http("PATCH", path, { headers, body: { salesStartAt: null } })).status).toBe(200);
  expect((await reserve(sale, [{ ticketTypeId: type.id, quantity: 1 }])).status).toBe(201);
});

test("an event without a date takes windows that wait for it, and sells nothing before", async () => {
  const sale = await newSale({ startsAtMs: null, endsAtMs: null });
  const type = await addTicketType(sale, { salesStartAt: { before: "P60D", of: "start" } });
  expect(type).toMatchObject({ salesOpensAt: null, salesClosesAt: null });
  const items = [{ ticketTypeId: type.id, quantity: 1 }];
  expect((await reserve(sale, items)).body).toMatchObject({ code: "bookings.not_on_sale" });
  const startsAtMs = Date.now() + 24 * hourMs;
  await rpc.prepareSale(systemCall, {
    event: { ...sale.facts, version: 2, startsAtMs, endsAtMs: startsAtMs + hourMs },
  });
  expect((await reserve(sale, items)).status).toBe(201);
});

test.each([
  [{ salesStartAt: { before: "P1W", of: "start" } }, "salesStartAt"],
  [{ salesStartAt: { before: "P1001D", of: "start" } }, "salesStartAt"],
  [{ salesEndAt: { before: "P1D", after: "P1D", of: "start" } }, "salesEndAt"],
  [{ salesEndAt: { before: "P1D" } }, "salesEndAt"],
  [{ salesEndAt: 5 }, "salesEndAt"],
  [{ salesStartAt: { before: "P1D", of: "start" }, salesEndAt: { before: "P2D", of: "start" } }, "salesEndAt"],
  [{ salesStartAt: { after: "PT0M", of: "end" } }, "salesStartAt"],
])("a window that cannot be is refused with its path, and nothing is made: %j", async (window, path) => {
  const sale = await newSale();
  const { headers } = sale.organizer;
  const answer = await http("POST", `${sale.path}/ticket-types`, {
    headers,
    body: { name: "Early", kind: "free", capacity: 1, ...window },
  });
  expect(answer.status).toBe(422);
  expect(answer.body.errors[0].path).toMatch(new RegExp(`^${path}(\\.|$)`));
  expect((await http("GET", `${sale.path}/ticket-types`, { headers })).body.data).toEqual([]);
  expect((await http("GET", `${sale.path}/pools`, { headers })).body.data).toEqual([]);
});
