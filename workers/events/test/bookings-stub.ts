import type { StubWorker } from "@foyer/testing/worker-project";

/**
 * Stands in for bookings. It keeps what it was told of each event and in which order; `testMissing(eventId, codes)` sets what
 * a sale lacks, `testTickets(eventId, count)` how many tickets are out, `testDown(organizationId, down)` makes every call about that organization's events throw.
 */
export const bookingsStub: StubWorker = {
  name: "foyer-bookings",
  script: `
    import { WorkerEntrypoint } from "cloudflare:workers";
    const missing = new Map();
    const calls = new Map();
    const organizationOf = new Map();
    const down = new Set();
    const tickets = new Map();
    const note = (method, eventId, detail) => {
      if (down.has(organizationOf.get(eventId))) throw new Error("bookings is down");
      calls.set(eventId, [...(calls.get(eventId) ?? []), { method, ...detail }]);
    };
    export default class extends WorkerEntrypoint {
      async fetch() { return Response.json({ status: "ok", checks: [] }); }
      async testMissing(eventId, codes) { missing.set(eventId, codes); }
      async testTickets(eventId, count) { tickets.set(eventId, count); }
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
      async getSaleTally(call, { eventId }) {
        note("getSaleTally", eventId, { actor: call.actor });
        const validTickets = tickets.get(eventId) ?? 0;
        return { ok: true, value: { confirmedOrders: validTickets, openOrders: 0, activeReservations: 0, validTickets } };
      }
      async copySale(call, { fromEventId, to }) {
        organizationOf.set(to.eventId, to.organizationId);
        note("copySale", to.eventId, { actor: call.actor, event: to, fromEventId });
        return { ok: true, value: null };
      }
      async closeSale(call, { eventId, version }) {
        note("closeSale", eventId, { actor: call.actor, version });
        return { ok: true, value: null };
      }
    }
  `,
};
