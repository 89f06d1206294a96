import type { StubWorker } from "@foyer/testing/worker-project";

/**
 * Stands in for bookings. It keeps what it was told of each event and in which order; `testMissing(eventId, codes)` sets what
 * a sale lacks, `testTally(eventId, ...tallies)` what is out of it, one answer after the other, the last one from then on, and `testDown(organizationId, down)` makes every call about that organization's events throw.
 */
export const bookingsStub: StubWorker = {
  name: "foyer-bookings",
  script: `
    import { WorkerEntrypoint } from "cloudflare:workers";
    const missing = new Map();
    const tallies = new Map();
    const calls = new Map();
    const organizationOf = new Map();
    const down = new Set();
    const sales = new Map();
    const note = (method, eventId, detail) => {
      if (down.has(organizationOf.get(eventId))) throw new Error("bookings is down");
      calls.set(eventId, [...(calls.get(eventId) ?? []), { method, ...detail }]);
    };
    export default class extends WorkerEntrypoint {
      async fetch() { return Response.json({ status: "ok", checks: [] }); }
      async testMissing(eventId, codes) { missing.set(eventId, codes); }
      async testTally(eventId, ...given) { tallies.set(eventId, given); }
      async testDown(organizationId, isDown) { if (isDown) down.add(organizationId); else down.delete(organizationId); }
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
      async testSales(organizationId, summary) { sales.set(organizationId, summary); }
      async getSalesSummary(call, { organizationId, eventIds }) {
        if (down.has(organizationId)) throw new Error("bookings is down");
        const none = { events: [], totals: { ordersConfirmed: 0, ticketsSold: 0, revenue: [] } };
        const { events, totals } = sales.get(organizationId) ?? none;
        return { ok: true, value: { events: events.filter((sold) => eventIds.includes(sold.eventId)), totals } };
      }
      async closeSale(call, { eventId, version }) {
        note("closeSale", eventId, { actor: call.actor, version });
        return { ok: true, value: null };
      }
      async getSaleTally(call, { eventId }) {
        note("getSaleTally", eventId, { actor: call.actor });
        const given = tallies.get(eventId) ?? [];
        const tally = given.length > 1 ? given.shift() : given[0];
        return { ok: true, value: { confirmedOrders: 0, openOrders: 0, activeReservations: 0, validTickets: 0, ...tally } };
      }
      async copySale(call, { fromEventId, to }) {
        organizationOf.set(to.eventId, to.organizationId);
        note("copySale", to.eventId, { actor: call.actor, fromEventId, event: to });
        return { ok: true, value: null };
      }
    }
  `,
};
