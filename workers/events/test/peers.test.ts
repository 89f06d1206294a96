import { env } from "cloudflare:workers";
import type { BookingsRpc } from "@foyer/contracts/bookings/rpc";
import type { EventFacts } from "@foyer/contracts/events/rpc";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { newId } from "@foyer/kernel/ids";
import { createLogger } from "@foyer/telemetry/logger";
import { expect, test } from "vitest";
import { createBookingsClient } from "../src/clients/peers.ts";

/** What the stub of bookings lets tests set. */
interface BookingsStub {
  testDown(organizationId: string, down: boolean): Promise<void>;
  testTally(eventId: string, tally: object): Promise<void>;
  testFigures(eventId: string, figures: object): Promise<void>;
  testHolder(eventId: string, holder: object): Promise<void>;
}

const stub = env.BOOKINGS as unknown as BookingsStub; // bound to the stub of the test project
const bookings = createBookingsClient(env.BOOKINGS satisfies BookingsRpc, createLogger("events", { write: () => {} }));
const system: CallContext = { actor: { kind: "system", name: "events" }, requestId: "req_tests" };
const anonymous: CallContext = { actor: { kind: "anonymous" }, requestId: "req_tests" };

async function prepared(): Promise<EventFacts> {
  const nowMs = Date.now();
  const event: EventFacts = {
    eventId: newId("event", nowMs),
    organizationId: newId("organization", nowMs),
    version: 1,
    status: "draft",
    slug: "an-event",
    title: "An event",
    startsAtMs: null,
    endsAtMs: null,
    timezone: "UTC",
    place: "Online",
    accessVersion: null,
    note: null,
  };
  await bookings.prepareSale(system, { event });
  return event;
}

test("whoever holds no ticket is told so, and nobody is told it while bookings is away", async () => {
  const { eventId, organizationId } = await prepared();
  const orderId = newId("event", Date.now()).replace("evt_", "ord_") as `ord_${string}`;
  await stub.testHolder(eventId, { orderId, secret: "right" });
  const ask = (secret: string) => bookings.holdsTicket(anonymous, { eventId, orderId, proof: { secret } });
  expect(await ask("right")).toEqual({ ok: true, value: null });
  expect(await ask("wrong")).toMatchObject({ ok: false, error: { code: "bookings.order_not_found" } });
  await stub.testDown(organizationId, true);
  expect(await ask("wrong")).toMatchObject({ ok: false, error: { code: "platform.unavailable" } });
});

test("any other refusal of bookings is the platform's own fault", async () => {
  const [source, target] = [await prepared(), await prepared()];
  const copied = await bookings.copySale(system, { fromEventId: source.eventId, to: target });
  expect(copied).toMatchObject({ ok: false, error: { code: "platform.unavailable" } });
  const to = { ...target, organizationId: source.organizationId };
  expect(await bookings.copySale(system, { fromEventId: source.eventId, to })).toEqual({ ok: true, value: null });
});

test("what was sold is asked by event and by organization", async () => {
  const { eventId, organizationId } = await prepared();
  const sold = { ordersConfirmed: 1, ticketsSold: 2, revenue: [{ amount: 500, currency: "EUR" }] };
  await stub.testTally(eventId, { validTickets: 2 });
  await stub.testFigures(eventId, sold);
  expect(await bookings.getSaleTally(system, { eventId })).toMatchObject({
    ok: true,
    value: { validTickets: 2, openOrders: 0 },
  });
  const summary = await bookings.getSalesSummary(system, { organizationId, eventIds: [eventId] });
  expect(summary).toEqual({ ok: true, value: { events: [{ eventId, ...sold }], totals: sold } });
});
