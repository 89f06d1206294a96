import { signEventAccess } from "@foyer/auth/event-access";
import type { BookingsRpc } from "@foyer/contracts/bookings/rpc";
import type { EventFacts } from "@foyer/contracts/events/rpc";
import type { EventId, OrganizationId } from "@foyer/kernel/ids";
import { createFoyer, FoyerProblem } from "@foyer/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { workerNameOf } from "../../scripts/platform/workers.ts";
import { type Bought, pay, ticketsOf, untilOrder } from "../../scripts/sale/buyer.ts";
import { type Organizer, type PublishedEvent, publishEvent } from "../../scripts/sale/organizer.ts";
import { newAddress, newOrganizer, newPlan, startWorld, type World } from "./support/world.ts";

let world: World;
let organizer: Organizer;
let event: PublishedEvent;
let eventId: EventId;
let version: number;

beforeAll(async () => {
  world = await startWorld();
  organizer = await newOrganizer(world);
  event = await publishEvent(organizer, newPlan({ paid: 4, free: 4 }, "Members' Evening"));
  eventId = event.eventId as EventId; // as events made it
  version = (
    await createFoyer({ baseUrl: world.url }).get("/v1/events/{idOrSlug}", { params: { path: { idOrSlug: eventId } } })
  ).data.version;
});
afterAll(() => world?.stop());

/** Tells bookings of a gate, as events does when it is put up or changed. */
async function gate(accessVersion: number): Promise<void> {
  const worker = await world.platform.miniflare.getWorker(workerNameOf("bookings"));
  const bookings = worker as unknown as Pick<BookingsRpc, "prepareSale">; // the default entrypoint, by RPC
  version += 1;
  const facts: EventFacts = {
    eventId,
    organizationId: organizer.organizationId as OrganizationId,
    version,
    status: "published",
    slug: "members-evening",
    title: "Members' Evening",
    startsAtMs: Date.now() + 86_400_000,
    endsAtMs: Date.now() + 2 * 86_400_000,
    timezone: "Europe/Berlin",
    place: "Harbour Hall, Hamburg",
    accessVersion,
    note: null,
  };
  const prepared = await bookings.prepareSale(
    { actor: { kind: "system", name: "events" }, requestId: "req_gate" },
    { event: facts },
  );
  expect(prepared).toEqual({ ok: true, value: null });
}

/** A grant as events signs it with the secret that this deployment's workers share. */
function grant(accessVersion: number, to: EventId = eventId): Promise<string> {
  const secret = world.secrets.events?.EVENT_ACCESS_SECRET ?? expect.unreachable("the deployment has it");
  return signEventAccess(secret, { eventId: to, accessVersion, endsAtSeconds: Math.floor(Date.now() / 1_000) + 3_600 });
}

const path = () => ({ params: { path: { id: eventId } } });
const shown = (eventAccess: string | null) => (eventAccess === null ? {} : { eventAccess });

async function reserve(eventAccess: string | null, ticketTypeId = event.paidTypeId, quantity = 1) {
  const body = { items: [{ ticketTypeId, quantity }] };
  return (
    await createFoyer({ baseUrl: world.url }).post("/v1/events/{id}/reservations", {
      ...path(),
      body,
      ...shown(eventAccess),
    })
  ).data;
}

const codeOf = (thrown: unknown) => (thrown instanceof FoyerProblem ? thrown.code : String(thrown));
const refusalOf = (asked: Promise<unknown>) => asked.then(() => "let in", codeOf);

async function availability(eventAccess: string | null) {
  return createFoyer({ baseUrl: world.url }).get("/v1/events/{id}/availability", { ...path(), ...shown(eventAccess) });
}

let bought: Bought;

test("while an event is open, anyone reserves and the gateway keeps what anyone may read", async () => {
  const held = await reserve(null, event.freeTypeId);
  expect(held.status).toBe("active");
  for (let times = 0; times < 3; times += 1)
    expect((await availability(null)).response.headers.get("cache-control")).toContain("s-maxage");
});

test("behind a gate nothing is sold or shown without a grant, however warm the caches were", async () => {
  await availability(null);
  await gate(1);
  expect(await refusalOf(reserve(null))).toBe("bookings.access_required");
  // What anyone could read a second ago may still be given for that second, and not longer.
  await expect
    .poll(() => refusalOf(availability(null)), { timeout: 5_000, interval: 100 })
    .toBe("bookings.event_not_found");
  const listed = createFoyer({ baseUrl: world.url }).get("/v1/events/{id}/ticket-types", path());
  expect(await refusalOf(listed)).toBe("bookings.event_not_found");
  for (const bad of ["", "1.2.x", await grant(2), await grant(1, "evt_00000000000000000000000000")]) {
    expect(await refusalOf(reserve(bad))).toBe("bookings.access_required");
    expect(await refusalOf(availability(bad))).toBe("bookings.event_not_found");
  }
});

test("whoever was let in reads, buys and pays; nobody else is given what they read", async () => {
  const good = await grant(1);
  for (let times = 0; times < 4; times += 1) {
    const { data, response } = await availability(good);
    expect(data.ticketTypes.map(({ id }) => id)).toContain(event.paidTypeId);
    expect(response.headers.get("cache-control")).toBe("private, no-store");
    expect(await refusalOf(availability(null))).toBe("bookings.event_not_found");
  }
  const held = await reserve(good, event.paidTypeId, 2);
  // What is held goes on when the gate changes.
  await gate(2);
  expect(await refusalOf(reserve(good))).toBe("bookings.access_required");
  const email = newAddress("buyer");
  const { data } = await createFoyer({ baseUrl: world.url }).post("/v1/orders", {
    reservationSecret: held.secret,
    body: { reservationId: held.id, buyer: { name: "Buyer One", email } },
  });
  bought = { orderId: data.order.id, orderSecret: data.secret, email, totalMinor: data.order.total.amount };
  await pay(world, bought);
  await untilOrder(world, bought, "confirmed");
  expect(await ticketsOf(world, bought)).toHaveLength(2);
});

test("what the invited are told is sold out, is told to nobody else", async () => {
  const good = await grant(2);
  await reserve(good, event.paidTypeId, 2);
  for (let times = 0; times < 3; times += 1) {
    expect(await refusalOf(reserve(good))).toBe("bookings.sold_out");
    expect(await refusalOf(reserve(null))).toBe("bookings.access_required");
  }
});

test("no worker has logged a grant", async () => {
  const good = (await grant(2)).split(".").at(-1) ?? "";
  expect(good).toHaveLength(43);
  expect(world.logs.filter(({ text }) => /\d\.\d{10}\.[\w-]{43}/.test(text))).toEqual([]);
});
