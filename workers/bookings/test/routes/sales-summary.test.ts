import type { D1Migration } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { newId, type OrganizationId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { expect, test } from "vitest";
import { createOrdersRepository } from "../../src/repository/orders.ts";
import { salesSummaryInputSchema } from "../../src/rpc-inputs.ts";
import {
  addTicketType,
  http,
  newFacts,
  newSale,
  order,
  pay,
  refund,
  rpc,
  systemCall,
  type TestSale,
  ticketsOf,
} from "../support.ts";

const none = { ordersConfirmed: 0, ticketsSold: 0, revenue: [] };

/** What the summary says once the query model has caught up with these orders. */
async function summaryOf(organizationId: OrganizationId, eventIds: readonly `evt_${string}`[], orders: number) {
  const read = () => rpc.getSalesSummary(systemCall, { organizationId, eventIds });
  await expect
    .poll(
      () =>
        env.BOOKINGS_DB.prepare(
          "SELECT count(*) AS n FROM orders WHERE organization_id = ?1 AND status NOT IN ('pending_payment')",
        )
          .bind(organizationId)
          .first("n"),
      { timeout: 10_000, interval: 50 },
    )
    .toBe(orders);
  return read();
}

test("a summary adds up what stands, by event and currency, for its organization alone", async () => {
  const { organizationId } = newFacts();
  const [dollars, yen, quiet] = [
    await newSale({ organizationId }),
    await newSale({ organizationId }),
    await newSale({ organizationId }),
  ];
  const foreign = await newSale();
  const seat = await addTicketType(dollars);
  const free = await addTicketType(dollars, { kind: "free", price: undefined });
  const place = await addTicketType(yen, { price: { amount: 900, currency: "JPY" } });
  const paid = async (sale: TestSale, typeId: string, quantity: number) => {
    const placed = await order(sale, typeId, quantity);
    if (placed.order.total.amount > 0) await pay(placed.order);
    return placed;
  };
  const part = await paid(dollars, seat.id, 3);
  const whole = await paid(dollars, seat.id, 1);
  await paid(dollars, free.id, 2);
  await paid(yen, place.id, 2);
  await order(yen, place.id, 5);
  const given = await paid(dollars, free.id, 1);
  await http("POST", `/v1/orders/${given.order.id}/cancel`, { headers: { "x-order-secret": given.secret } });
  await paid(foreign, (await addTicketType(foreign)).id, 4);
  const [ticket] = await ticketsOf(part.order, part.secret);
  await refund(part.order, 2_500, [ticket.id]);
  await refund(whole.order, 2_500, []);
  const eventIds = [quiet.eventId, yen.eventId, foreign.eventId, dollars.eventId];
  const expected = {
    ok: true,
    value: {
      events: [
        { eventId: quiet.eventId, ...none },
        { eventId: yen.eventId, ordersConfirmed: 1, ticketsSold: 2, revenue: [{ amount: 1_800, currency: "JPY" }] },
        { eventId: foreign.eventId, ...none },
        { eventId: dollars.eventId, ordersConfirmed: 2, ticketsSold: 4, revenue: [{ amount: 5_000, currency: "USD" }] },
      ],
      totals: {
        ordersConfirmed: 3,
        ticketsSold: 6,
        revenue: [
          { amount: 1_800, currency: "JPY" },
          { amount: 5_000, currency: "USD" },
        ],
      },
    },
  };
  await expect.poll(() => summaryOf(organizationId, eventIds, 5), { timeout: 10_000, interval: 50 }).toEqual(expected);
  const totals = await rpc.getSalesSummary(systemCall, { organizationId });
  expect(totals).toEqual({ ok: true, value: { events: [], totals: expected.value.totals } });
});

test("a summary reads nothing but its organization's part of an index, in one round trip", async () => {
  const { organizationId, eventId } = newFacts();
  const asked: string[] = [];
  let trips = 0;
  const db = {
    prepare(query: string) {
      asked.push(query);
      return env.BOOKINGS_DB.prepare(query);
    },
    batch(statements: D1PreparedStatement[]) {
      trips += 1;
      return env.BOOKINGS_DB.batch(statements);
    },
  };
  await createOrdersRepository(db as D1Database).sumUp(organizationId, [eventId]); // which uses these two alone
  expect(trips).toBe(1);
  expect(asked).toHaveLength(2);
  for (const query of asked) {
    const values = query.includes("?2") ? [organizationId, "[]"] : [organizationId];
    const plan = env.BOOKINGS_DB.prepare(`EXPLAIN QUERY PLAN ${query}`).bind(...values);
    const steps = (await plan.all<{ detail: string }>()).results.map(({ detail }) => detail);
    const ofOrders = steps.filter((step) => /\borders\b/.test(step));
    expect(ofOrders).toHaveLength(1);
    expect(ofOrders[0]).toMatch(/^SEARCH orders USING COVERING INDEX orders_sold \(organization_id=\?/);
  }
});

test("as many events as the limit are summed up at once, and no more", () => {
  const { organizationId, eventId } = newFacts();
  const takes = (count: number) =>
    salesSummaryInputSchema.safeParse({ organizationId, eventIds: Array.from({ length: count }, () => eventId) })
      .success;
  const max = limits.idsPerCallMax;
  expect([max - 1, max, max + 1].map(takes)).toEqual([true, true, false]);
});

test("orders from before tickets were counted are taken to have all of theirs, where they are sold", async () => {
  const { organizationId, eventId } = newFacts();
  // Bound by the test project, which runs them all.
  const { TEST_MIGRATIONS } = env as unknown as { readonly TEST_MIGRATIONS: readonly D1Migration[] };
  const migration = TEST_MIGRATIONS.find(({ name }) => name.includes("sales_figures"));
  const count = migration?.queries.find((query) => query.includes("UPDATE")) ?? expect.unreachable("it counts");
  const items = JSON.stringify([{ quantity: 2 }, { quantity: 3 }]);
  for (const status of ["confirmed", "partially_refunded", "cancelled", "pending_payment"]) {
    await env.BOOKINGS_DB.prepare(
      `INSERT INTO orders (id, event_id, organization_id, status, sequence, items, total_minor, refunded_minor, currency, buyer_name, buyer_email,
         created_at_ms, updated_at_ms) VALUES (?1, ?2, ?3, ?4, 1, ?5, 500, 0, 'USD', 'B', 'b@example.com', 1, 1)`,
    )
      .bind(newId("event", Date.now()).replace("evt", "ord"), eventId, organizationId, status, items)
      .run();
  }
  await env.BOOKINGS_DB.prepare(count).run();
  const { results } = await env.BOOKINGS_DB.prepare(
    "SELECT status, tickets FROM orders WHERE organization_id = ?1 ORDER BY status",
  )
    .bind(organizationId)
    .all();
  expect(results).toEqual([
    { status: "cancelled", tickets: 0 },
    { status: "confirmed", tickets: 5 },
    { status: "partially_refunded", tickets: 5 },
    { status: "pending_payment", tickets: 0 },
  ]);
});
