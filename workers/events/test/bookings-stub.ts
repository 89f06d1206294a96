import type { StubWorker } from "@foyer/testing/worker-project";

/**
 * Stands in for bookings. It keeps what it was told of each event and in which order; `testMissing(eventId, codes)` sets what
 * a sale lacks, `testDown(organizationId, down)` makes every call about that organization's events throw, `testTally(eventId, ...tallies)` (one answer after the other, the last from then on) and
 * `testFigures(eventId, figures)` say what was sold, `testHolder(eventId, holder)` who holds a ticket: `{ userId }`, or `{ orderId, secret }`.
 */
export const bookingsStub: StubWorker = {
  name: "foyer-bookings",
  script: `
    import { WorkerEntrypoint } from "cloudflare:workers";
    const missing = new Map();
    const calls = new Map();
    const organizationOf = new Map();
    const down = new Set();
    const tallies = new Map();
    const figures = new Map();
    const holders = new Map();
    const nothingSold = { ordersConfirmed: 0, ticketsSold: 0, revenue: [] };
    const refuse = (code) => ({ ok: false, error: { code, detail: "Refused by the stub." } });
    const add = (left, right) => {
      const revenue = new Map(left.revenue.map((money) => [money.currency, money.amount]));
      for (const { amount, currency } of right.revenue) revenue.set(currency, (revenue.get(currency) ?? 0) + amount);
      return {
        ordersConfirmed: left.ordersConfirmed + right.ordersConfirmed,
        ticketsSold: left.ticketsSold + right.ticketsSold,
        revenue: [...revenue].sort().map(([currency, amount]) => ({ amount, currency })),
      };
    };
    const note = (method, eventId, detail) => {
      if (down.has(organizationOf.get(eventId))) throw new Error("bookings is down");
      calls.set(eventId, [...(calls.get(eventId) ?? []), { method, ...detail }]);
    };
    export default class extends WorkerEntrypoint {
      async fetch() { return Response.json({ status: "ok", checks: [] }); }
      async testMissing(eventId, codes) { missing.set(eventId, codes); }
      async testDown(organizationId, isDown) { if (isDown) down.add(organizationId); else down.delete(organizationId); }
      async testTally(eventId, ...given) { tallies.set(eventId, given); }
      async testFigures(eventId, sold) { figures.set(eventId, sold); }
      async testHolder(eventId, holder) { holders.set(eventId, [...(holders.get(eventId) ?? []), holder]); }
      async testCalls(eventId) { return calls.get(eventId) ?? []; }
      async testCallsAbout(organizationId) {
        return [...organizationOf].filter(([, known]) => known === organizationId).flatMap(([id]) => calls.get(id) ?? []);
      }
      async prepareSale(call, { event }) {
        organizationOf.set(event.eventId, event.organizationId);
        note("prepareSale", event.eventId, { actor: call.actor, event });
        return { ok: true, value: null };
      }
      async getSaleReadiness(call, { eventId }) {
        note("getSaleReadiness", eventId, { actor: call.actor });
        return { ok: true, value: { missing: missing.get(eventId) ?? [] } };
      }
      async openSale(call, { event }) {
        note("openSale", event.eventId, { actor: call.actor, event });
        return { ok: true, value: null };
      }
      async closeSale(call, { eventId, version }) {
        note("closeSale", eventId, { actor: call.actor, version });
        return { ok: true, value: null };
      }
      async getSaleTally(call, { eventId }) {
        note("getSaleTally", eventId, { actor: call.actor });
        const none = { confirmedOrders: 0, openOrders: 0, activeReservations: 0, validTickets: 0 };
        const given = tallies.get(eventId) ?? [];
        const tally = given.length > 1 ? given.shift() : given[0];
        return { ok: true, value: { ...none, ...tally } };
      }
      async copySale(call, { fromEventId, to }) {
        if (organizationOf.get(fromEventId) !== to.organizationId) return refuse("bookings.event_not_found");
        organizationOf.set(to.eventId, to.organizationId);
        note("copySale", to.eventId, { actor: call.actor, fromEventId, event: to });
        return { ok: true, value: null };
      }
      async holdsTicket(call, { eventId, orderId, proof }) {
        note("holdsTicket", eventId, { actor: call.actor, orderId });
        const held = (holders.get(eventId) ?? []).some((holder) =>
          orderId === undefined
            ? call.actor.kind === "user" && holder.userId === call.actor.userId
            : holder.orderId === orderId && holder.secret === proof.secret);
        return held ? { ok: true, value: null } : refuse("bookings.order_not_found");
      }
      async getSalesSummary(call, { organizationId, eventIds = [] }) {
        if (down.has(organizationId)) throw new Error("bookings is down");
        const soldAt = (id) => (organizationOf.get(id) === organizationId ? figures.get(id) : undefined) ?? nothingSold;
        const totals = [...figures.keys()].map(soldAt).reduce(add, nothingSold);
        return { ok: true, value: { events: eventIds.map((eventId) => ({ eventId, ...soldAt(eventId) })), totals } };
      }
    }
  `,
};
