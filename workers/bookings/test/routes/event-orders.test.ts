import { limits } from "@foyer/kernel/limits";
import { beforeAll, expect, test, vi } from "vitest";
import { addTicketType, http, newSale, order, type TestSale } from "../support.ts";

const longAddress = `${"first.middle.last".repeat(3)}@department.example.com`;
let sale: TestSale;
let ids: readonly string[];

/** Names of the buyers whose orders are found, newest first. */
async function buyersFor(q: string): Promise<unknown> {
  const found = await http("GET", `${sale.path}/orders?q=${encodeURIComponent(q)}`, {
    headers: sale.organizer.headers,
  });
  return found.status === 200
    ? found.body.data.map(({ buyer }: { buyer: { name: string } }) => buyer.name)
    : found.status;
}

beforeAll(async () => {
  sale = await newSale();
  const type = await addTicketType(sale, { kind: "free", price: undefined });
  const buyers = [
    { name: "Buyer One", email: "one@example.com" },
    { name: "Buyer 100% \\ _", email: longAddress },
  ];
  const placed: string[] = [];
  for (const buyer of buyers) placed.push((await order(sale, type.id, 1, { buyer })).order.id);
  ids = placed;
  await vi.waitFor(async () => expect(await buyersFor("buyer")).toHaveLength(2), { timeout: 10_000, interval: 50 });
});

test("an order is found by any part of its buyer's name or address, in either case, and by its id", async () => {
  expect(await buyersFor("BUYER ONE")).toEqual(["Buyer One"]);
  expect(await buyersFor("one@EXAMPLE")).toEqual(["Buyer One"]);
  expect(await buyersFor(ids[0] ?? "")).toEqual(["Buyer One"]);
  expect(await buyersFor(ids[1] ?? "")).toEqual(["Buyer 100% \\ _"]);
});

test("a long address is found, and what is longer than anything finds nothing", async () => {
  expect(await buyersFor(longAddress)).toEqual(["Buyer 100% \\ _"]);
  expect(await buyersFor("x".repeat(limits.searchQueryCharsMax))).toEqual([]);
  expect(await buyersFor("é".repeat(limits.searchQueryCharsMax))).toEqual([]);
});

test("signs that mean something to a database mean themselves", async () => {
  for (const q of ["0%", "\\ _", "%", "_"]) expect(await buyersFor(q)).toEqual(["Buyer 100% \\ _"]);
  for (const q of ["%%", "o_e", "'", "' OR 1=1 --"]) expect(await buyersFor(q)).toEqual([]);
});
