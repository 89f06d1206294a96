import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { EventFacts } from "@foyer/contracts/events/rpc";
import type { MessageType, Payload } from "@foyer/contracts/messages/catalog";
import { newMessage } from "@foyer/messaging/message";
import { newTestUser } from "@foyer/testing/tokens";
import { expect, test, vi } from "vitest";
import { BookingsWorker } from "../../src/entrypoint.ts";
import { addTicketType, http, newFacts, newSale, order, pay, reserve, rpc, systemCall } from "../support.ts";

function message<T extends MessageType>(type: T, payload: Payload<T>) {
  return newMessage(type, payload, { source: "tests", requestId: "req_tests", nowMs: Date.now() });
}

async function deliver(bodies: readonly unknown[], queue = "foyer-bookings") {
  const batch = createMessageBatch(
    queue,
    bodies.map((body, index) => ({ id: `m${index}`, timestamp: new Date(), attempts: 1, body })),
  );
  const ctx = createExecutionContext();
  await new BookingsWorker(ctx, env).queue(batch);
  return getQueueResult(batch, ctx);
}

function publicEvent(facts: EventFacts): Payload<"event.published">["event"] {
  return {
    ...facts,
    startsAtMs: facts.startsAtMs ?? 0,
    endsAtMs: facts.endsAtMs ?? 0,
    summary: "",
    description: "",
    online: false,
    latitude: null,
    longitude: null,
    categoryId: null,
    categoryName: null,
    tags: [],
    organizationName: "An organization",
    coverMediaId: null,
  };
}

async function rowOf(orderId: string) {
  return env.BOOKINGS_DB.prepare("SELECT status, sequence FROM orders WHERE id = ?1")
    .bind(orderId)
    .first<{ status: string; sequence: number }>();
}

test("an order's news, delivered twice and late, leaves the order's present state once", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale);
  const { order: placed } = await order(sale, type.id);
  await pay(placed);
  const { eventId, organizationId } = sale.facts;
  const news = message("order.changed", { eventId, organizationId, orderId: placed.id, sequence: 1 });
  expect((await deliver([news])).explicitAcks).toEqual(["m0"]);
  const first = await rowOf(placed.id);
  expect(first).toMatchObject({ status: "confirmed" });
  expect((await deliver([news, news])).explicitAcks).toEqual(["m0", "m1"]);
  expect(await rowOf(placed.id)).toEqual(first);
});

test("a newer state in the query model is never replaced by an older one", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale);
  const { order: placed } = await order(sale, type.id);
  const { eventId, organizationId } = sale.facts;
  const news = () => message("order.changed", { eventId, organizationId, orderId: placed.id, sequence: 1 });
  await deliver([news()]);
  await env.BOOKINGS_DB.prepare("UPDATE orders SET sequence = 99, status = 'refunded' WHERE id = ?1")
    .bind(placed.id)
    .run();
  await deliver([news()]);
  expect(await rowOf(placed.id)).toEqual({ status: "refunded", sequence: 99 });
});

test("event news opens, updates and closes the sale, by version and as often as they come", async () => {
  const facts = newFacts();
  const organizer = await newTestUser();
  await rpc.prepareSale(systemCall, { event: { ...facts, status: "draft" } });
  const sale = { facts, eventId: facts.eventId, organizer, path: `/v1/events/${facts.eventId}` };
  const published = message("event.published", { event: publicEvent({ ...facts, version: 2 }) });
  await deliver([published]);
  await deliver([published]);
  expect((await http("GET", `${sale.path}/availability`)).status).toBe(200);
  const { eventId, organizationId } = facts;
  const cancelled = message("event.cancelled", { eventId, organizationId, version: 3, note: null });
  await deliver([cancelled, message("event.updated", { event: publicEvent({ ...facts, version: 2 }) }), cancelled]);
  const late = message("event.published", { event: publicEvent({ ...facts, version: 2 }) });
  await deliver([late]);
  const typeless = await reserve(sale, [{ ticketTypeId: "tt_00000000000000000000000000", quantity: 1 }]);
  expect(typeless.status).toBe(404);
  expect(await rpc.getSaleReadiness(systemCall, { eventId })).toEqual({
    ok: true,
    value: { missing: ["bookings.no_ticket_types"] },
  });
});

test("what becomes of an event is told with why, and whoever holds a ticket is told once the facts are there", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale, { kind: "free", price: undefined });
  const { order: placed } = await order(sale, type.id);
  const { eventId, organizationId } = sale.facts;
  const ids = { eventId, organizationId };
  const event = async () => {
    const document = await rpc.getOrderDocument(systemCall, { orderId: placed.id });
    return document.ok ? document.value.event : document.error;
  };
  await deliver([message("event.postponed", { ...ids, version: 2, note: "Snow." })]);
  expect(await event()).toMatchObject({ status: "postponed", note: "Snow." });
  const due = message("event.notice_due", { ...ids, notice: "rescheduled", version: 3 });
  const early = await deliver([due]);
  expect(early.retryMessages.map(({ msgId }) => msgId)).toEqual(["m0"]);
  await deliver([message("event.published", { event: publicEvent({ ...sale.facts, version: 3, place: "Hall Two" }) })]);
  expect((await deliver([due])).explicitAcks).toEqual(["m0"]);
  expect(await event()).toMatchObject({ status: "published", note: null, place: "Hall Two" });
  await deliver([message("event.completed", { ...ids, version: 4 })]);
  expect(await event()).toMatchObject({ status: "completed" });
  expect((await reserve(sale, [{ ticketTypeId: type.id, quantity: 1 }])).body.code).toBe("bookings.not_on_sale");
  await deliver([message("event.cancelled", { ...ids, version: 5, note: "Never." })]);
  expect(await event()).toMatchObject({ status: "cancelled", note: "Never." });
  await vi.waitFor(async () =>
    expect(await rpc.getOrderDocument(systemCall, { orderId: placed.id })).toMatchObject({
      value: { status: "cancelled", tickets: [] },
    }),
  );
});

test("news of an order that does not exist come again, and harm no other message", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale);
  const { order: placed } = await order(sale, type.id);
  const { eventId, organizationId } = sale.facts;
  const absent = placed.id.replace(
    /^(ord_.{12})(.)/,
    (_all: string, start: string, last: string) => `${start}${last === "z" ? "y" : "z"}`,
  );
  const result = await deliver([
    message("order.changed", { eventId, organizationId, orderId: absent, sequence: 1 }),
    message("order.changed", { eventId, organizationId, orderId: placed.id, sequence: 1 }),
    { not: "a message" },
  ]);
  expect(result.retryMessages.map(({ msgId }) => msgId)).toEqual(["m0"]);
  expect(result.explicitAcks).toEqual(["m1", "m2"]);
});

test("what the queue gave up on is stored for a person to see and replay", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale);
  const { order: placed } = await order(sale, type.id);
  const { eventId, organizationId } = sale.facts;
  const letter = message("order.changed", { eventId, organizationId, orderId: placed.id, sequence: 1 });
  await deliver([letter], "foyer-bookings-dlq");
  const admin = await newTestUser({ platformAdmin: true });
  const path = "/v1/admin/bookings/dead-letters";
  expect((await http("GET", path, { headers: sale.organizer.headers })).status).toBe(403);
  const listed = await http("GET", path, { headers: admin.headers });
  const found = listed.body.data.find((row: { messageId: string }) => row.messageId === letter.id);
  expect((await http("POST", `${path}/${found.id}/replay`, { headers: admin.headers })).body).toEqual({
    replayed: true,
  });
  expect(await rowOf(placed.id)).toMatchObject({ status: "pending_payment" });
});
