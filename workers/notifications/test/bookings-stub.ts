import type { StubWorker } from "@foyer/testing/worker-project";

/** Stands in for bookings: it knows the orders that tests put there, and is down when told so. */
export const bookingsStub: StubWorker = {
  name: "foyer-bookings",
  script: `
    import { WorkerEntrypoint } from "cloudflare:workers";
    const orders = new Map();
    const asked = [];
    let failuresLeft = 0;
    export default class extends WorkerEntrypoint {
      async testOrder(order) { orders.set(order.orderId, order); }
      async testDown(calls) { failuresLeft = calls; }
      async testAsked() { return asked; }
      async getOrderDocument(call, { orderId }) {
        if (failuresLeft > 0) { failuresLeft -= 1; throw new Error("bookings is down"); }
        if (call.actor.kind !== "system") return { ok: false, error: { code: "auth.forbidden", detail: "Not for callers from outside." } };
        asked.push({ orderId, requestId: call.requestId });
        const order = orders.get(orderId);
        return order === undefined
          ? { ok: false, error: { code: "bookings.order_not_found", detail: "No such order." } }
          : { ok: true, value: order };
      }
    }
  `,
};
