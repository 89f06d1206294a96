import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { intentParams, type Running, startWithReceiver } from "./support.ts";

let running: Running;
let client: Stripe;

beforeAll(async () => {
  running = await startWithReceiver();
  client = running.client;
});

afterAll(() => running.stop());

describe("an idempotency key", () => {
  it("answers a repeated call with the first answer, and does it once", async () => {
    const before = (await running.stripe.state()).paymentIntents.length;
    const first = await client.paymentIntents.create(intentParams, { idempotencyKey: "repeat-1" });
    const second = await client.paymentIntents.create(intentParams, { idempotencyKey: "repeat-1" });
    expect(second).toEqual(first);
    expect(second.lastResponse.headers["idempotent-replayed"]).toBe("true");
    expect(second.lastResponse.headers["original-request"]).toBe(first.lastResponse.requestId);
    expect(first.lastResponse.headers["idempotent-replayed"]).toBeUndefined();
    expect((await running.stripe.state()).paymentIntents).toHaveLength(before + 1);
  });

  it("is in the event that the call brought about", async () => {
    const intent = await client.paymentIntents.create(intentParams, { idempotencyKey: "event-1" });
    const { events } = await running.stripe.state();
    const event = events.find(({ data }) => data.object.id === intent.id);
    expect(event?.request).toEqual({ id: intent.lastResponse.requestId, idempotency_key: "event-1" });
  });

  it("is refused with other parameters, and at another endpoint", async () => {
    await client.paymentIntents.create(intentParams, { idempotencyKey: "conflict-1" });
    await expect(
      client.paymentIntents.create({ ...intentParams, amount: 6_000 }, { idempotencyKey: "conflict-1" }),
    ).rejects.toMatchObject({
      type: "StripeIdempotencyError",
      statusCode: 400,
      message: expect.stringContaining("same parameters they were first used with"),
    });
    await expect(
      client.refunds.create({ payment_intent: "pi_none" }, { idempotencyKey: "conflict-1" }),
    ).rejects.toMatchObject({ message: expect.stringContaining("same endpoint they were first used for") });
  });

  it("answers 409 while its first call is under way, and the answer once it is done", async () => {
    await running.stripe.faults.api("slow", { delayMs: 1_500, route: "POST /v1/payment_intents" });
    const first = client.paymentIntents.create(intentParams, { idempotencyKey: "at-once-1" });
    // The first call holds the key as soon as the fault is used up.
    await expect.poll(async () => (await running.stripe.state()).faults).toEqual([]);
    await expect(client.paymentIntents.create(intentParams, { idempotencyKey: "at-once-1" })).rejects.toMatchObject({
      statusCode: 409,
      code: "idempotency_key_in_use",
    });
    const { id } = await first;
    const repeated = await client.paymentIntents.create(intentParams, { idempotencyKey: "at-once-1" });
    expect(repeated.id).toBe(id);
  });

  it("keeps a decline: a repeated confirmation is the same refusal, not a second attempt", async () => {
    const { id } = await client.paymentIntents.create(intentParams);
    const confirm = () =>
      client.paymentIntents.confirm(id, { payment_method: "pm_card_chargeDeclined" }, { idempotencyKey: "decline-1" });
    await expect(confirm()).rejects.toMatchObject({ statusCode: 402 });
    await expect(confirm()).rejects.toMatchObject({ statusCode: 402, headers: { "idempotent-replayed": "true" } });
    expect((await client.charges.list({ payment_intent: id })).data).toHaveLength(1);
  });

  it("may be used again after parameters that were refused", async () => {
    const options = { idempotencyKey: "corrected-1" };
    await expect(client.paymentIntents.create({ ...intentParams, amount: 1 }, options)).rejects.toMatchObject({
      code: "amount_too_small",
    });
    await expect(client.paymentIntents.create(intentParams, options)).resolves.toMatchObject({ amount: 5_000 });
  });
});
