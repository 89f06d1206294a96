import type { OrganizationSummary, SalesSeries } from "@foyer/contracts/analytics/api";
import { dayMs, hourMs } from "@foyer/kernel/clock";
import { newId, newSaleId } from "@foyer/kernel/ids";
import { badTokens } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import { breakEvent, deliver, get, message, newMember, newScene, orderNews, summaryOf, viewed } from "../kit.ts";

const routes = [
  ["event summary", (scene: { eventId: string }) => `/v1/events/${scene.eventId}/analytics/summary`],
  ["sales", (scene: { eventId: string }) => `/v1/events/${scene.eventId}/analytics/sales`],
  [
    "organization summary",
    (scene: { organizationId: string }) => `/v1/organizations/${scene.organizationId}/analytics/summary`,
  ],
] as const;

test("an event's summary has every figure, and money by currency", async () => {
  const scene = await newScene();
  const ticket = { ...scene, ticketTypeId: newId("ticketType", Date.now()) };
  const ticketId = newSaleId("ticket", scene.eventId, Date.now());
  await deliver([
    viewed(scene, "one"),
    viewed(scene, "one"),
    viewed(scene, "two"),
    viewed(scene),
    message("reservations.counted", { ...scene, created: 5, released: 0, expired: 1 }),
    message("reservations.counted", { ...scene, created: 2, released: 3, expired: 0 }),
    orderNews("order.created", scene),
    orderNews("order.confirmed", scene, { amount: 7000, tickets: 3 }),
    orderNews("order.confirmed", scene, { amount: 500, currency: "JPY" }),
    orderNews("order.confirmed", scene, { amount: 0 }),
    orderNews("order.cancelled", scene),
    orderNews("order.expired", scene),
    orderNews("order.refunded", scene),
    message("refund.succeeded", {
      ...scene,
      orderId: newSaleId("order", scene.eventId, Date.now()),
      paymentId: newId("payment", Date.now()),
      refundId: newId("refund", Date.now()),
      amount: { amount: 2500, currency: "EUR" },
    }),
    message("ticket.checked_in", { ...ticket, ticketId, atMs: Date.now() }),
    message("ticket.checked_out", { ...ticket, ticketId, atMs: Date.now() + 1 }),
    message("ticket.checked_in", { ...ticket, ticketId, atMs: Date.now() + 2 }),
  ]);
  const summary = await summaryOf(scene);
  expect(summary).toEqual({
    eventId: scene.eventId,
    views: 4,
    visitors: 2,
    reservations: { created: 7, released: 3, expired: 1 },
    orders: { created: 1, confirmed: 3, cancelled: 1, refunded: 1, expired: 1 },
    ticketsSold: 7,
    revenue: [
      { amount: 7000, currency: "EUR" },
      { amount: 500, currency: "JPY" },
    ],
    refunds: [{ amount: 2500, currency: "EUR" }],
    checkIns: 1,
    updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  });
});

test("an event without news has a summary of nothing", async () => {
  const summary = await summaryOf(await newScene());
  expect(summary).toMatchObject({ views: 0, ticketsSold: 0, revenue: [], refunds: [], checkIns: 0, updatedAt: null });
});

test("an organization's summary adds up its events, and views count as soon as their event is known", async () => {
  const first = await newScene();
  const second = await newScene(first.organizationId);
  const foreign = await newScene();
  await deliver([viewed(first), viewed(second), viewed(foreign)]);
  const { headers } = await newMember(first.organizationId, "finance");
  const ask = async () =>
    (await get(`/v1/organizations/${first.organizationId}/analytics/summary`, headers)).json<OrganizationSummary>();
  expect(await ask()).toMatchObject({ events: 0, views: 0 });
  await deliver([
    orderNews("order.confirmed", first),
    orderNews("order.confirmed", second),
    orderNews("order.confirmed", foreign),
  ]);
  expect(await ask()).toMatchObject({
    organizationId: first.organizationId,
    events: 2,
    views: 2,
    orders: { confirmed: 2 },
    ticketsSold: 4,
    revenue: [{ amount: 10_000, currency: "EUR" }],
  });
});

test("sales are a series without gaps, by hour and by day", async () => {
  const scene = await newScene();
  const at = Date.parse("2026-03-10T10:30:00Z");
  await deliver([
    orderNews("order.confirmed", scene, { atMs: at }),
    orderNews("order.confirmed", scene, { atMs: at + 10 * 60_000, currency: "USD" }),
    orderNews("order.confirmed", scene, { atMs: at + 2 * hourMs }),
    orderNews("order.confirmed", scene, { atMs: at + 2 * dayMs }),
    orderNews("order.created", scene, { atMs: at }),
  ]);
  const { headers } = await newMember(scene.organizationId);
  const ask = async (query: string) => {
    const response = await get(`/v1/events/${scene.eventId}/analytics/sales?${query}`, headers);
    expect(response.headers.get("cache-control")).toBe("no-store");
    return response.json<SalesSeries>();
  };
  const hours = await ask("interval=hour&from=2026-03-10T10:00:00Z&to=2026-03-10T13:00:00Z");
  expect(hours).toEqual({
    eventId: scene.eventId,
    interval: "hour",
    data: [
      {
        startsAt: "2026-03-10T10:00:00.000Z",
        orders: 2,
        ticketsSold: 4,
        revenue: [
          { amount: 5000, currency: "EUR" },
          { amount: 5000, currency: "USD" },
        ],
        refunds: [],
      },
      { startsAt: "2026-03-10T11:00:00.000Z", orders: 0, ticketsSold: 0, revenue: [], refunds: [] },
      {
        startsAt: "2026-03-10T12:00:00.000Z",
        orders: 1,
        ticketsSold: 2,
        revenue: [{ amount: 5000, currency: "EUR" }],
        refunds: [],
      },
    ],
  });
  const days = await ask("interval=day&from=2026-03-09T23:00:00Z&to=2026-03-12T00:00:01Z");
  expect(days.data.map(({ startsAt, orders }) => [startsAt.slice(0, 10), orders])).toEqual([
    ["2026-03-09", 0],
    ["2026-03-10", 3],
    ["2026-03-11", 0],
    ["2026-03-12", 1],
  ]);
  expect((await ask("")).data).toHaveLength(31);
});

test.each([
  ["an unknown parameter", "colour=red", "query.colour"],
  ["an unknown interval", "interval=minute", "query.interval"],
  ["a date that is none", "from=yesterday", "query.from"],
  ["NUL", "from=%00", "query.from"],
  ["an end before its beginning", "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "query.from"],
  ["more steps than there may be", "interval=hour&from=2026-01-01T00:00:00Z&to=2026-02-03T08:00:01Z", "query.from"],
  ["the beginning of time", "from=0001-01-01T00:00:00Z", "query.from"],
])("sales with %s are refused with the field's name", async (_, query, path) => {
  const scene = await newScene();
  const { headers } = await newMember(scene.organizationId);
  const response = await get(`/v1/events/${scene.eventId}/analytics/sales?${query}`, headers);
  expect(response.status).toBe(422);
  const problem = await response.json<{ code: string; errors: { path: string }[] }>();
  expect(problem.errors.map((error) => error.path)).toContain(path);
});

test("the largest series is answered", async () => {
  const scene = await newScene();
  const { headers } = await newMember(scene.organizationId);
  const query = "interval=hour&from=2026-01-01T00:00:00Z&to=2026-02-03T08:00:00Z";
  const response = await get(`/v1/events/${scene.eventId}/analytics/sales?${query}`, headers);
  expect((await response.json<SalesSeries>()).data).toHaveLength(800);
});

describe.each(routes)("%s", (_, pathOf) => {
  test("needs a credential", async () => {
    expect((await get(pathOf(await newScene()))).status).toBe(401);
  });

  test("refuses every bad token", async () => {
    const path = pathOf(await newScene());
    for (const [fault, token] of Object.entries(await badTokens())) {
      expect((await get(path, { authorization: `Bearer ${token}` })).status, fault).toBe(401);
    }
  });

  test("is not there for another tenant", async () => {
    const scene = await newScene();
    const { headers } = await newMember(newId("organization", Date.now()));
    const response = await get(pathOf(scene), headers);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: expect.stringMatching(/^analytics\.\w+_not_found$/) });
  });

  test("is not for those who work at the door", async () => {
    const scene = await newScene();
    const { headers } = await newMember(scene.organizationId, "door");
    const response = await get(pathOf(scene), headers);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: "auth.forbidden" });
  });

  test("is not there for an id that was never given out, or is none", async () => {
    const scene = await newScene();
    const { headers } = await newMember(scene.organizationId);
    const unknown = { eventId: newId("event", Date.now()), organizationId: newId("organization", Date.now()) };
    expect((await get(pathOf(unknown), headers)).status).toBe(404);
    expect((await get(pathOf({ eventId: "1", organizationId: "1" }), headers)).status).toBe(404);
  });
});

test("while events cannot be asked, callers are told to come again", async () => {
  const scene = await newScene();
  await breakEvent(scene.eventId);
  const { headers } = await newMember(scene.organizationId);
  const response = await get(`/v1/events/${scene.eventId}/analytics/summary`, headers);
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).not.toBeNull();
});
