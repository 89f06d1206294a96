import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { intentParams, type Running, startWithReceiver } from "./support.ts";

let running: Running;
let client: Stripe;
const oldestFirst: string[] = [];

beforeAll(async () => {
  running = await startWithReceiver();
  client = running.client;
  for (let index = 0; index < 5; index += 1) {
    const intent = await client.paymentIntents.create({
      ...intentParams,
      amount: 1_000 + index,
      metadata: { foyer_order_id: `ord_${index}`, parity: index % 2 === 0 ? "even" : "odd" },
    });
    oldestFirst.push(intent.id);
  }
  await client.paymentIntents.confirm(oldestFirst[0] ?? "", { payment_method: "pm_card_visa" });
});

afterAll(() => running.stop());

function newestFirst(...indexes: number[]): (string | undefined)[] {
  return indexes.map((index) => oldestFirst[index]);
}

describe("a list", () => {
  it("is newest first, in pages that meet without gap or overlap", async () => {
    const first = await client.paymentIntents.list({ limit: 2 });
    expect(first.data.map(({ id }) => id)).toEqual(newestFirst(4, 3));
    expect(first.has_more).toBe(true);
    const second = await client.paymentIntents.list({ limit: 2, starting_after: first.data[1]?.id ?? "" });
    expect(second.data.map(({ id }) => id)).toEqual(newestFirst(2, 1));
    const back = await client.paymentIntents.list({ limit: 2, ending_before: second.data[0]?.id ?? "" });
    expect(back.data).toEqual(first.data);
  });

  it("can be walked by the SDK", async () => {
    const walked: string[] = [];
    for await (const intent of client.paymentIntents.list({ limit: 2 })) walked.push(intent.id);
    expect(walked).toEqual([...oldestFirst].reverse());
  });

  it("is filtered by time", async () => {
    const now = Math.floor(Date.now() / 1_000);
    const { data } = await client.paymentIntents.list({ created: { gte: now + 60 } });
    expect(data).toEqual([]);
    const all = await client.paymentIntents.list({ created: { gt: now - 600, lte: now + 60 } });
    expect(all.data).toHaveLength(5);
  });

  it("of events is filtered by types", async () => {
    const { data } = await client.events.list({ types: ["charge.succeeded", "payment_intent.succeeded"] });
    expect(data.map(({ type }) => type)).toEqual(["payment_intent.succeeded", "charge.succeeded"]);
  });

  it("expands the objects it lists", async () => {
    const { data } = await client.charges.list({ expand: ["data.payment_intent"] });
    expect(data).toMatchObject([{ payment_intent: { id: oldestFirst[0], status: "succeeded" } }]);
  });

  it.each([0, 101])("does not come in pages of %i", async (limit) => {
    await expect(client.paymentIntents.list({ limit })).rejects.toMatchObject({ param: "limit" });
  });
});

describe("a search", () => {
  it.each([
    ['metadata["foyer_order_id"]:"ord_3"', [3]],
    ["metadata['foyer_order_id']:'ord_3'", [3]],
    ['metadata["parity"]:"even" AND status:"succeeded"', [0]],
    ['metadata["parity"]:"even" AND -status:"succeeded"', [4, 2]],
    ['metadata["foyer_order_id"]:"ord_1" OR metadata["foyer_order_id"]:"ord_2"', [2, 1]],
    ["amount>1002", [4, 3]],
    ["amount:1002", [2]],
    ['metadata["parity"]:null', []],
    ['metadata["foyer_order_id"]:"ord_9"', []],
  ])("finds by %s", async (query, indexes) => {
    const found = await client.paymentIntents.search({ query });
    expect(found).toMatchObject({ object: "search_result", has_more: false, next_page: null });
    expect(found.data.map(({ id }) => id)).toEqual(newestFirst(...indexes));
  });

  it("comes in pages", async () => {
    const first = await client.paymentIntents.search({ query: "amount>0", limit: 3 });
    expect(first.has_more).toBe(true);
    const second = await client.paymentIntents.search({ query: "amount>0", limit: 3, page: first.next_page ?? "" });
    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual([...oldestFirst].reverse());
  });

  it.each(["", "metadata", 'colour:"red"', 'status:"a" AND currency:"b" OR status:"c"', 'status:"a" status:"b"'])(
    "refuses %j",
    async (query) => {
      await expect(client.paymentIntents.search({ query })).rejects.toMatchObject({ statusCode: 400, param: "query" });
    },
  );
});

describe("expansion", () => {
  it("leaves what is not there yet as null", async () => {
    const intent = await client.paymentIntents.retrieve(oldestFirst[1] ?? "", { expand: ["latest_charge"] });
    expect(intent.latest_charge).toBeNull();
  });

  it("refuses what cannot be expanded", async () => {
    await expect(
      client.paymentIntents.retrieve(oldestFirst[1] ?? "", { expand: ["amount.x", "colour"] }),
    ).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining("This property cannot be expanded"),
    });
  });

  it("is for the answer only: what is kept still holds ids", async () => {
    await client.paymentIntents.retrieve(oldestFirst[0] ?? "", { expand: ["latest_charge"] });
    expect((await client.paymentIntents.retrieve(oldestFirst[0] ?? "")).latest_charge).toMatch(/^ch_/);
  });
});
