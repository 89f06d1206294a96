import type { StubWorker } from "@foyer/testing/worker-project";

/**
 * Stands in for bookings. It keeps what it was told of each event and in which order; `testMissing(eventId, codes)` sets what
 * a sale lacks, `testDown(organizationId, down)` makes every call about that organization's events throw.
 */
export const bookingsStub: StubWorker = {
  name: "foyer-bookings",
  script: `
    import { WorkerEntrypoint } from "cloudflare:workers";
    const missing = new Map();
    const calls = new Map();
    const organizationOf = new Map();
    const down = new Set();
    const holders = new Set();
    const note = (method, eventId, detail) => {
      if (down.has(organizationOf.get(eventId))) throw new Error("bookings is down");
      calls.set(eventId, [...(calls.get(eventId) ?? []), { method, ...detail }]);
    };
    export default class extends WorkerEntrypoint {
      async fetch() { return Response.json({ status: "ok", checks: [] }); }
      async testMissing(eventId, codes) { missing.set(eventId, codes); }
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
      /** Gives somebody a ticket: an account by its id, or whoever shows an order with its secret. */
      async testTicket(eventId, holder) { holders.add(eventId + " " + holder); }
      async holdsTicket(call, { eventId, orderId, proof }) {
        note("holdsTicket", eventId, { actor: call.actor });
        const holder = orderId === undefined ? call.actor.userId : orderId + " " + proof.secret;
        return holders.has(eventId + " " + holder)
          ? { ok: true, value: null }
          : { ok: false, error: { code: "bookings.order_not_found", detail: "No such order." } };
      }
      async closeSale(call, { eventId, version }) {
        note("closeSale", eventId, { actor: call.actor, version });
        return { ok: true, value: null };
      }
    }
  `,
};
