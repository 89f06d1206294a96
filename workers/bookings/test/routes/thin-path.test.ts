import { expect, test, vi } from "vitest";
import { addTicketType, http, newSale, order, pay, reserve, rpc, systemCall } from "../support.ts";

test("a paid ticket goes from reservation over order and payment to a signed ticket and the query model", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale, { capacity: 3 });
  const { order: pending, secret } = await order(sale, type.id, 2);
  expect(pending).toMatchObject({ status: "pending_payment", total: { amount: 5_000, currency: "USD" } });
  expect(await pay(pending)).toEqual({ ok: true, value: { outcome: "confirmed", alreadyApplied: false } });
  const tickets = await http("GET", `/v1/orders/${pending.id}/tickets`, { headers: { "x-order-secret": secret } });
  expect(tickets.body.data).toHaveLength(2);
  expect(tickets.body.data[0].code).toMatch(/^F1\.tkt_/);
  await vi.waitFor(
    async () => {
      const listed = await http("GET", `${sale.path}/orders`, { headers: sale.organizer.headers });
      expect(listed.body.data).toMatchObject([{ id: pending.id, status: "confirmed" }]);
    },
    { timeout: 10_000, interval: 50 },
  );
  const document = await rpc.getOrderDocument(systemCall, { orderId: pending.id });
  expect(document).toMatchObject({ ok: true, value: { secret, status: "confirmed" } });
});

test("what is sold out answers 409 with what is left, and tells the gateway", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale, { capacity: 2 });
  expect((await reserve(sale, [{ ticketTypeId: type.id, quantity: 2 }])).status).toBe(201);
  const refused = await reserve(sale, [{ ticketTypeId: type.id, quantity: 1 }]);
  expect(refused.status).toBe(409);
  expect(refused.body).toMatchObject({
    code: "bookings.sold_out",
    available: [{ ticketTypeId: type.id, available: 0 }],
  });
  expect(refused.headers.get("foyer-sold-out")).toBe(type.id);
});
