import { WorkerEntrypoint } from "cloudflare:workers";

// Stands in for bookings: knows the orders that tests make, and can be taken down.
const orders = new Map();
let down = false;

const fail = (code) => ({ ok: false, error: { code, detail: code } });
const holds = (order, call, proof) =>
  order !== undefined &&
  (proof.secret === order.secret || (call.actor.kind === "user" && call.actor.userId === order.userId));

export default class extends WorkerEntrypoint {
  async fetch() {
    return Response.json({ status: "ok", checks: [] });
  }

  // --- for tests
  async testOrder(order) {
    orders.set(order.orderId, {
      status: "pending_payment",
      outcome: "confirmed",
      payments: {},
      confirmations: 0,
      refunds: [],
      ...order,
    });
  }
  async testDown(isDown) {
    down = isDown;
  }
  async testPatch(orderId, patch) {
    Object.assign(orders.get(orderId), patch);
  }
  async testRead(orderId) {
    return structuredClone(orders.get(orderId));
  }

  // --- the contract
  async getPayableOrder(call, { orderId, proof, holdUntilMs }) {
    if (down) throw new Error("bookings is down");
    const order = orders.get(orderId);
    if (!holds(order, call, proof)) return fail("bookings.order_not_found");
    if (order.status === "expired") return fail("bookings.order_expired");
    if (order.status !== "pending_payment") return fail("bookings.order_not_payable");
    return {
      ok: true,
      value: {
        orderId,
        eventId: order.eventId,
        organizationId: order.organizationId,
        eventTitle: "Evening of songs",
        buyer: { name: "Buyer One", email: order.email ?? "buyer@example.com", userId: order.userId ?? null },
        items: order.items,
        total: order.total,
        heldUntilMs: order.heldUntilMs ?? holdUntilMs,
      },
    };
  }
  async getOrderState(call, { orderId, proof }) {
    if (down) throw new Error("bookings is down");
    const order = orders.get(orderId);
    if (!holds(order, call, proof)) return fail("bookings.order_not_found");
    return { ok: true, value: { organizationId: order.organizationId, status: order.status } };
  }
  async confirmOrder(call, { orderId, paymentId, paid }) {
    if (down) throw new Error("bookings is down");
    if (call.actor.kind !== "system") return fail("auth.forbidden");
    const order = orders.get(orderId);
    if (order === undefined || order.unknown) return fail("bookings.order_not_found");
    const known = order.payments[paymentId];
    if (known !== undefined) return { ok: true, value: { outcome: known, alreadyApplied: true } };
    order.confirmations += 1;
    const outcome = order.status === "confirmed" ? "refund_due" : order.outcome;
    order.payments[paymentId] = outcome;
    order.paid = paid;
    order.status = outcome === "confirmed" ? "confirmed" : order.status === "confirmed" ? "confirmed" : "refund_due";
    return { ok: true, value: { outcome, alreadyApplied: false } };
  }
  async getOrderDocument(call, { orderId }) {
    if (down) throw new Error("bookings is down");
    if (call.actor.kind !== "system") return fail("auth.forbidden");
    const order = orders.get(orderId);
    if (order === undefined) return fail("bookings.order_not_found");
    return { ok: true, value: { orderId, tickets: (order.tickets ?? []).map((ticketId) => ({ ticketId })) } };
  }
  async listOrdersOfPerson(call, { userId, email, madeUntilMs, after }) {
    if (down) throw new Error("bookings is down");
    if (call.actor.kind !== "system") return fail("auth.forbidden");
    const own = [...orders.values()]
      .filter((order) =>
        order.userId == null
          ? email !== null && order.email === email && (order.createdAtMs ?? 0) <= madeUntilMs
          : order.userId === userId,
      )
      .map((order) => order.orderId)
      .sort();
    const rest = after === null ? own : own.filter((orderId) => orderId > after[1]);
    // Fewer than the contract allows, so that every list has pages.
    const orderIds = rest.slice(0, 2);
    return { ok: true, value: { orderIds, next: rest.length > 2 ? [0, orderIds[1]] : null } };
  }
  async recordRefund(_call, { orderId, refundId, paymentId, amount, ticketIds }) {
    if (down) throw new Error("bookings is down");
    const order = orders.get(orderId);
    if (order === undefined || order.refuseRefunds) return fail("bookings.order_not_found");
    if (!order.refunds.some((refund) => refund.refundId === refundId))
      order.refunds.push({ refundId, paymentId, amount, ticketIds, orderWas: order.status });
    return { ok: true, value: null };
  }
}
