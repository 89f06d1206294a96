import { expect, test } from "vitest";
import { addTicketType, http, newSale, reserve } from "../support.ts";
import { rush } from "./rush.ts";
import { TestOffice } from "./test-office.ts";

test("300 buyers at once for 50 tickets: exactly 50 hold one, and the books balance", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 50 });
  const outcome = await rush(300, 50, async () => (await office.reserve(type)).result.ok);
  expect(outcome).toEqual({ accepted: 50, refused: 250, oversold: 0 });
  expect(await office.sql("SELECT held, sold FROM pools")).toEqual([{ held: 50, sold: 0 }]);
  expect(await office.audit()).toEqual([]);
});

test("a rush through the API, with keys of its own for every buyer, sells what there is and no more", async () => {
  const sale = await newSale();
  const type = await addTicketType(sale, { capacity: 20 });
  const outcome = await rush(120, 20, async () => {
    const headers = { "idempotency-key": crypto.randomUUID() };
    const { status } = await reserve(sale, [{ ticketTypeId: type.id, quantity: 1 }], { headers });
    expect([201, 409]).toContain(status);
    return status === 201;
  });
  expect(outcome).toEqual({ accepted: 20, refused: 100, oversold: 0 });
  const pools = await http("GET", `${sale.path}/pools`, { headers: sale.organizer.headers });
  expect(pools.body.data).toMatchObject([{ held: 20, sold: 0, available: 0 }]);
});

test("orders of different sizes at once never take more than there is", async () => {
  const office = await TestOffice.open();
  const type = await office.addType({ capacity: 40 });
  const answers = await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const quantity = (index % 8) + 1;
      return (await office.reserve(type, quantity)).result.ok ? quantity : 0;
    }),
  );
  const held = answers.reduce((sum, quantity) => sum + quantity, 0);
  expect(held).toBe(40);
  expect(await office.sql("SELECT held FROM pools")).toEqual([{ held }]);
});

test("the same checker reports a sale that waits between its check and its write", async () => {
  let free = 10;
  const outcome = await rush(60, 10, async () => {
    if (free === 0) return false;
    const seen = free;
    await new Promise((resolve) => setTimeout(resolve, 1));
    free = seen - 1;
    return true;
  });
  expect(outcome.oversold).toBeGreaterThan(0);
});
