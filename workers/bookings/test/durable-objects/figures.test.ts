import { newId } from "@foyer/kernel/ids";
import { expect, test } from "vitest";
import { TestOffice } from "./test-office.ts";

async function soldOffice() {
  const office = await TestOffice.open();
  const salesStart = office.nowMs - 1_000;
  const typeId = await office.addType({ salesStart });
  const userId = newId("user", office.nowMs);
  const reserved = await office.must("reserve", {
    items: [{ ticketTypeId: typeId, quantity: 2 }],
    accessCode: null,
    userId,
  });
  const order = await office.must("placeOrder", {
    reservationId: reserved.id,
    holder: { userId, proven: false },
    buyer: { name: "Buyer One", email: "buyer@example.com" },
    attendees: null,
    answers: {},
  });
  await office.pay(order);
  return { office, typeId, userId, salesStart };
}

test("a box office of an earlier version counts and finds what it had sold, and keeps its windows", async () => {
  const { office, typeId, userId, salesStart } = await soldOffice();
  await office.turnBack(2);
  await office.evict();
  const tally = { confirmedOrders: 1, openOrders: 0, activeReservations: 0, validTickets: 2 };
  expect(await office.must("getSaleTally", {})).toEqual(tally);
  expect(await office.must("hasTicketOfUser", { userId })).toBeNull();
  const read = () => office.must("getTicketType", { ticketTypeId: typeId, publicOnly: false });
  expect((await read()).type).toMatchObject({ salesStart, salesEnd: null });
  const salesEnd = { before: "PT1H", of: "start" } as const;
  await office.must("updateTicketType", { ticketTypeId: typeId, salesEnd });
  await office.evict();
  expect((await read()).type).toMatchObject({ salesStart, salesEnd });
  expect(await office.audit()).toEqual([]);
});

test("facts that were stored before gates and notes were known are of an open event", async () => {
  const { office, typeId } = await soldOffice();
  await office.inside((_, state) => {
    state.storage.sql.exec("UPDATE sale SET facts = json_remove(facts, '$.accessVersion', '$.note')");
  });
  await office.evict();
  expect((await office.reserve(typeId)).result.ok).toBe(true);
  expect(await office.must("getAvailability", {})).not.toBeNull();
});

test("counts and whose ticket it is come from indexes, never from all orders", async () => {
  const { office } = await soldOffice();
  const plans = await office.inside((_, state) =>
    [
      "SELECT count(*) AS n FROM orders WHERE status IN ('confirmed', 'partially_refunded')",
      "SELECT id FROM orders WHERE user_id = 'usr_1' AND status IN ('confirmed', 'partially_refunded')",
      "SELECT count(*) AS n FROM orders WHERE status = 'pending_payment' AND expires_at_ms > 5",
      "SELECT count(*) AS n FROM reservations WHERE status = 'active' AND expires_at_ms > 5",
    ].map(
      (query) => state.storage.sql.exec<{ detail: string }>(`EXPLAIN QUERY PLAN ${query}`).toArray()[0]?.detail ?? "",
    ),
  );
  expect(plans[0]).toMatch(/USING COVERING INDEX orders_standing$/);
  expect(plans[1]).toMatch(/^SEARCH orders USING COVERING INDEX orders_standing \(user_id=\? AND status=\?\)$/);
  expect(plans[2]).toMatch(/INDEX orders_to_expire \(expires_at_ms>\?\)$/);
  expect(plans[3]).toMatch(/INDEX reservations_to_expire \(expires_at_ms>\?\)$/);
});
