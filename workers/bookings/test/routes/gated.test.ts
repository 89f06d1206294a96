import { env } from "cloudflare:workers";
import { signEventAccess } from "@foyer/auth/event-access";
import type { EventId } from "@foyer/kernel/ids";
import { newTestUser } from "@foyer/testing/tokens";
import { expect, test } from "vitest";
import {
  addTicketType,
  grant as giveRole,
  http,
  newFacts,
  newSale,
  reserve,
  rpc,
  systemCall,
  type TestSale,
} from "../support.ts";

const soon = () => Math.floor(Date.now() / 1_000) + 3_600;

/** What events gives to whoever may enter. */
function grantTo(eventId: EventId, accessVersion: number, endsAtSeconds = soon(), secret = env.EVENT_ACCESS_SECRET) {
  return signEventAccess(secret, { eventId, accessVersion, endsAtSeconds });
}

const shown = (grant: string) => ({ "x-event-access": grant });

/** Every grant that opens nothing. */
async function badGrants(sale: TestSale, accessVersion: number): Promise<Readonly<Record<string, string>>> {
  const good = await grantTo(sale.eventId, accessVersion);
  return {
    "for another event": await grantTo(newFacts().eventId, accessVersion),
    "of an earlier gate": await grantTo(sale.eventId, accessVersion - 1),
    "of a later gate": await grantTo(sale.eventId, accessVersion + 1),
    ended: await grantTo(sale.eventId, accessVersion, Math.floor(Date.now() / 1_000)),
    "signed by others": await grantTo(sale.eventId, accessVersion, soon(), "a secret of nobody in particular here"),
    cut: good.slice(0, -1),
    "with another end": good.replace(/\.\d+\./, `.${soon() + 1}.`),
    long: `${good}${"A".repeat(10_000)}`,
    empty: "",
    nonsense: "let me in",
  };
}

async function gatedSale(accessVersion = 3) {
  const sale = await newSale({ accessVersion });
  const type = await addTicketType(sale, { kind: "free", price: undefined });
  const items = [{ ticketTypeId: type.id, quantity: 1 }];
  return { sale, type, items, good: shown(await grantTo(sale.eventId, accessVersion)) };
}

test("only a good grant buys at a gated event; nothing is held for anyone else", async () => {
  const { sale, items, good } = await gatedSale();
  const refused = { status: 403, body: { code: "bookings.access_required" } };
  expect(await reserve(sale, items)).toMatchObject(refused);
  for (const [what, grant] of Object.entries(await badGrants(sale, 3)))
    expect(await reserve(sale, items, { headers: shown(grant) }), what).toMatchObject(refused);
  // Who may sell is not who may buy.
  expect(await reserve(sale, items, { headers: sale.organizer.headers })).toMatchObject(refused);
  const pools = () => http("GET", `${sale.path}/pools`, { headers: sale.organizer.headers });
  expect((await pools()).body.data).toMatchObject([{ held: 0, sold: 0 }]);
  expect((await reserve(sale, items, { headers: good })).status).toBe(201);
  expect((await pools()).body.data).toMatchObject([{ held: 1, sold: 0 }]);
});

test("without a good grant a gated event is not there to be read, in the very words of one that does not exist", async () => {
  const { sale, type, good } = await gatedSale();
  const absent = `/v1/events/${newFacts().eventId}`;
  const stranger = await newTestUser();
  const withoutIds = (answer: Awaited<ReturnType<typeof http>>) => ({
    status: answer.status,
    body: { ...answer.body, requestId: "" },
    cache: answer.headers.get("cache-control"),
  });
  for (const path of ["/availability", "/ticket-types", `/ticket-types/${type.id}`]) {
    const nothing = withoutIds(await http("GET", `${absent}${path}`));
    expect(nothing.status).toBe(404);
    const callers: [string, Record<string, string>][] = [
      ["nobody", {}],
      ["a stranger", stranger.headers],
      ...Object.entries(await badGrants(sale, 3)).map(([what, grant]): [string, Record<string, string>] => [
        what,
        shown(grant),
      ]),
    ];
    for (const [what, headers] of callers)
      expect(withoutIds(await http("GET", `${sale.path}${path}`, { headers })), `${path} ${what}`).toEqual(nothing);
    const read = await http("GET", `${sale.path}${path}`, { headers: good });
    expect(read.status).toBe(200);
    expect(read.headers.get("cache-control")).toBe("private, no-store");
    // What the invited read has not been kept for anyone.
    expect(withoutIds(await http("GET", `${sale.path}${path}`))).toEqual(nothing);
  }
});

test("members who may read sales need no grant for it", async () => {
  const { sale, type } = await gatedSale();
  const door = await newTestUser();
  await giveRole(door, sale.facts.organizationId, "door");
  for (const path of ["/ticket-types", `/ticket-types/${type.id}`])
    expect((await http("GET", `${sale.path}${path}`, { headers: door.headers })).status).toBe(200);
});

test("a new gate shuts out earlier grants at once, and what was held before goes on to be an order", async () => {
  const { sale, items, good } = await gatedSale();
  const held = await reserve(sale, items, { headers: good });
  await rpc.prepareSale(systemCall, { event: { ...sale.facts, version: 2, accessVersion: 4 } });
  expect((await reserve(sale, items, { headers: good })).status).toBe(403);
  expect((await http("GET", `${sale.path}/availability`, { headers: good })).status).toBe(404);
  expect((await reserve(sale, items, { headers: shown(await grantTo(sale.eventId, 4)) })).status).toBe(201);
  const headers = { "x-reservation-secret": held.body.secret };
  const path = `/v1/reservations/${held.body.id}`;
  const more = [{ ...items[0], quantity: 2 }];
  expect((await http("PATCH", path, { headers, body: { items: more } })).status).toBe(200);
  expect((await http("POST", `${path}/extend`, { headers })).status).toBe(200);
  const placed = await http("POST", "/v1/orders", {
    headers,
    body: { reservationId: held.body.id, buyer: { name: "Buyer One", email: "buyer@example.com" } },
  });
  expect(placed.body.order).toMatchObject({ status: "confirmed" });
  const read = await http("GET", `/v1/orders/${placed.body.order.id}/tickets`, {
    headers: { "x-order-secret": placed.body.secret },
  });
  expect(read.body.data).toHaveLength(2);
});

test("a gate that is put up or taken down counts from the next reservation on", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale);
  const items = [{ ticketTypeId: type.id, quantity: 1 }];
  expect((await reserve(sale, items)).status).toBe(201);
  await rpc.prepareSale(systemCall, { event: { ...sale.facts, version: 2, accessVersion: 1 } });
  expect((await reserve(sale, items)).status).toBe(403);
  await rpc.prepareSale(systemCall, { event: { ...sale.facts, version: 3, accessVersion: null } });
  expect((await reserve(sale, items)).status).toBe(201);
  for (const grant of Object.values(await badGrants(sale, 3)))
    expect((await reserve(sale, items, { headers: shown(grant) })).status).toBe(201);
});

test("a refusal at the gate is not kept for a key: the same request with a grant is another one", async () => {
  const { sale, items, good } = await gatedSale();
  const key = { "idempotency-key": crypto.randomUUID() };
  expect((await reserve(sale, items, { headers: key })).status).toBe(403);
  const first = await reserve(sale, items, { headers: { ...key, ...good } });
  expect(first.status).toBe(201);
  const again = await reserve(sale, items, { headers: { ...key, ...good } });
  expect(again).toMatchObject({ status: 201, body: { id: first.body.id } });
  expect(again.headers.get("idempotent-replayed")).toBe("true");
});

test("the gate stands before everything else that a refusal would tell", async () => {
  const { sale, items } = await gatedSale();
  const { headers } = sale.organizer;
  await http("PATCH", `${sale.path}/ticket-types/${items[0]?.ticketTypeId}`, { headers, body: { capacity: 0 } });
  for (const wanted of [items, [{ ticketTypeId: `tt_${"0".repeat(26)}`, quantity: 1 }]]) {
    const refused = await reserve(sale, wanted);
    expect(refused.body.code).toBe("bookings.access_required");
    expect(refused.body).not.toHaveProperty("available");
    expect(refused.headers.get("foyer-sold-out")).toBeNull();
  }
});
