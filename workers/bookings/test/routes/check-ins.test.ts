import { newTestUser } from "@foyer/testing/tokens";
import { expect, test } from "vitest";
import { addTicketType, grant, http, newSale, order, pay, type TestSale } from "../support.ts";

async function admittedTicket(sale: TestSale) {
  const type = await addTicketType(sale);
  const { order: placed, secret } = await order(sale, type.id);
  await pay(placed);
  const { body } = await http("GET", `/v1/orders/${placed.id}/tickets`, { headers: { "x-order-secret": secret } });
  return { ticket: body.data[0], secret, placed };
}

function scan(sale: TestSale, body: object, headers = sale.organizer.headers) {
  return http("POST", `${sale.path}/check-ins`, { headers, body });
}

test("a ticket is admitted once, goes out and in again, and the figures follow", async () => {
  const sale = await newSale();
  const { ticket } = await admittedTicket(sale);
  const first = await scan(sale, { code: ticket.code });
  expect(first.body).toMatchObject({ result: "admitted", ticket: { id: ticket.id, status: "checked_in" } });
  const second = await scan(sale, { code: ticket.code });
  expect(second.body).toMatchObject({ result: "already_checked_in", checkedInAt: first.body.checkedInAt });
  expect((await scan(sale, { code: ticket.code, direction: "out" })).body.result).toBe("checked_out");
  expect((await scan(sale, { code: ticket.code, direction: "out" })).body.result).toBe("not_checked_in");
  expect((await scan(sale, { code: ticket.code })).body.result).toBe("admitted");
  const stats = await http("GET", `${sale.path}/check-ins/stats`, { headers: sale.organizer.headers });
  expect(stats.body).toMatchObject({
    total: 1,
    checkedIn: 1,
    checkedOut: 0,
    ticketTypes: [{ name: "Standard", checkedIn: 1 }],
  });
});

test("the same nonce again gives the first answer, and another scan may not use it", async () => {
  const sale = await newSale();
  const { ticket } = await admittedTicket(sale);
  const first = await scan(sale, { code: ticket.code, nonce: "scan-1" });
  expect((await scan(sale, { code: ticket.code, nonce: "scan-1" })).body).toEqual(first.body);
  expect((await scan(sale, { code: ticket.code, nonce: "scan-1", direction: "out" })).status).toBe(422);
});

test("two doors at once admit a ticket once", async () => {
  const sale = await newSale();
  const { ticket } = await admittedTicket(sale);
  const results = await Promise.all(Array.from({ length: 10 }, () => scan(sale, { code: ticket.code })));
  expect(results.filter(({ body }) => body.result === "admitted")).toHaveLength(1);
});

test("a forged code is unknown, one of another event says so, and a cancelled ticket is void", async () => {
  const sale = await newSale();
  const elsewhere = await newSale();
  const { ticket, placed } = await admittedTicket(sale);
  const forged = `${ticket.code.slice(0, -4)}${ticket.code.endsWith("AAAA") ? "BBBB" : "AAAA"}`;
  expect((await scan(sale, { code: forged })).body).toEqual({ result: "unknown", ticket: null, checkedInAt: null });
  expect((await scan(sale, { code: ticket.code.replace(".1.", ".2.") })).body.result).toBe("unknown");
  expect((await scan(sale, { code: "not a code" })).body.result).toBe("unknown");
  expect((await scan(elsewhere, { code: ticket.code })).body.result).toBe("wrong_event");
  await http("POST", `${sale.path}/orders/${placed.id}/cancel`, { headers: sale.organizer.headers });
  expect((await scan(sale, { code: ticket.code })).body.result).toBe("void");
});

test("a code can be checked with the published key and nothing else", async () => {
  const sale = await newSale();
  const { ticket } = await admittedTicket(sale);
  const { body: jwk } = await http("GET", `${sale.path}/check-ins/key`, { headers: sale.organizer.headers });
  const key = await crypto.subtle.importKey("jwk", jwk, { name: "Ed25519" }, false, ["verify"]);
  const cut = ticket.code.lastIndexOf(".");
  const signature = Uint8Array.from(
    atob(
      ticket.code
        .slice(cut + 1)
        .replaceAll("-", "+")
        .replaceAll("_", "/"),
    ),
    (char: string) => char.charCodeAt(0),
  );
  const signed = new TextEncoder().encode(ticket.code.slice(0, cut));
  expect(await crypto.subtle.verify({ name: "Ed25519" }, key, signature, signed)).toBe(true);
});

test("a door may scan and may not sell; a stranger sees no event at all", async () => {
  const sale = await newSale();
  const { ticket } = await admittedTicket(sale);
  const door = await newTestUser();
  await grant(door, sale.facts.organizationId, "door");
  expect((await scan(sale, { code: ticket.code }, door.headers)).body.result).toBe("admitted");
  const create = await http("POST", `${sale.path}/pools`, { headers: door.headers, body: { name: "A", capacity: 1 } });
  expect(create.status).toBe(403);
  const stranger = await newTestUser();
  expect((await scan(sale, { code: ticket.code }, stranger.headers)).status).toBe(404);
});

test("a ticket is for the holder of its order", async () => {
  const sale = await newSale();
  const { ticket, secret } = await admittedTicket(sale);
  const path = `/v1/tickets/${ticket.id}`;
  expect((await http("GET", path)).status).toBe(404);
  expect((await http("GET", path, { headers: { "x-order-secret": "wrong" } })).status).toBe(404);
  const read = await http("GET", path, { headers: { "x-order-secret": secret } });
  expect(read.body).toEqual(ticket);
  expect(read.headers.get("cache-control")).toBe("no-store");
});
