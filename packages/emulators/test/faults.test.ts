import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clientOf, intentParams, type Running, startWithReceiver } from "./support.ts";

let running: Running;

beforeEach(async () => {
  running = await startWithReceiver();
});

afterEach(() => running.stop());

async function countIntents(): Promise<number> {
  return (await running.stripe.state()).paymentIntents.length;
}

describe("API faults", () => {
  it("time out after the work is done, so that the same key finds it", async () => {
    const { stripe, client } = running;
    const impatient = clientOf(stripe, { timeout: 500 });
    await stripe.faults.api("timeout_after_success");
    await expect(
      impatient.paymentIntents.create(intentParams, { idempotencyKey: "lost-answer" }),
    ).rejects.toMatchObject({ type: "StripeConnectionError" });
    await expect.poll(countIntents).toBe(1);
    const again = await client.paymentIntents.create(intentParams, { idempotencyKey: "lost-answer" });
    expect(again.lastResponse.headers["idempotent-replayed"]).toBe("true");
    expect(await countIntents()).toBe(1);
  });

  it("time out without doing anything", async () => {
    const { stripe, client } = running;
    await stripe.faults.api("timeout");
    await expect(
      clientOf(stripe, { timeout: 500 }).paymentIntents.create(intentParams, { idempotencyKey: "never-began" }),
    ).rejects.toMatchObject({ type: "StripeConnectionError" });
    expect(await countIntents()).toBe(0);
    const again = await client.paymentIntents.create(intentParams, { idempotencyKey: "never-began" });
    expect(again.lastResponse.headers["idempotent-replayed"]).toBeUndefined();
  });

  it("cut the connection when the silence is over, for callers that wait for ever", async () => {
    const { stripe } = running;
    await stripe.faults.api("timeout", { delayMs: 50 });
    await expect(
      fetch(`${stripe.url}/v1/events`, { headers: { authorization: "Bearer sk_test_emulator" } }),
    ).rejects.toThrow("fetch failed");
  });

  it.each([
    ["500", 500, "StripeAPIError"],
    ["429", 429, "StripeRateLimitError"],
  ] as const)("refuse with %s before anything is done, as often as ordered", async (effect, statusCode, type) => {
    const { stripe, client } = running;
    await stripe.faults.api(effect, { count: 2 });
    for (const attempt of [1, 2]) {
      await expect(
        client.paymentIntents.create(intentParams, { idempotencyKey: `refused-${effect}` }),
        `attempt ${attempt}`,
      ).rejects.toMatchObject({ statusCode, type });
    }
    expect(await countIntents()).toBe(0);
    await client.paymentIntents.create(intentParams, { idempotencyKey: `refused-${effect}` });
    expect(await countIntents()).toBe(1);
  });

  it("fail in the middle with 500_kept, which the same key then repeats and another does not", async () => {
    const { stripe, client } = running;
    await stripe.faults.api("500_kept");
    const under = (idempotencyKey: string) => client.paymentIntents.create(intentParams, { idempotencyKey });
    await expect(under("kept")).rejects.toMatchObject({ statusCode: 500 });
    await expect(under("kept")).rejects.toMatchObject({ statusCode: 500, headers: { "idempotent-replayed": "true" } });
    await expect(under("another")).resolves.toMatchObject({ amount: 5_000 });
    expect(await countIntents()).toBe(1);
  });

  it("are survived by the SDK's own retries", async () => {
    const { stripe } = running;
    await stripe.faults.api("500");
    const patient = clientOf(stripe, { maxNetworkRetries: 2 });
    await expect(patient.paymentIntents.create(intentParams)).resolves.toMatchObject({ amount: 5_000 });
    expect(await countIntents()).toBe(1);
  });

  it("hit only the route they name", async () => {
    const { stripe, client } = running;
    await stripe.faults.api("500", { route: "POST /v1/refunds" });
    const { id } = await client.paymentIntents.create({
      ...intentParams,
      confirm: true,
      payment_method: "pm_card_visa",
    });
    await expect(client.refunds.create({ payment_intent: id })).rejects.toMatchObject({ statusCode: 500 });
    await expect(client.refunds.create({ payment_intent: id })).resolves.toMatchObject({ status: "succeeded" });
  });

  it("are refused where they could never strike", async () => {
    const { stripe } = running;
    await expect(stripe.faults.api("500", { route: "POST /v1/refund" })).rejects.toThrow("There is no route");
    await expect(stripe.faults.webhooks("lost", { count: 0 })).rejects.toThrow("422");
  });

  it("leave nothing behind after a reset", async () => {
    const { stripe, client } = running;
    await client.paymentIntents.create(intentParams, { idempotencyKey: "before-reset" });
    await stripe.faults.api("500", { count: 5 });
    await stripe.reset();
    const fresh = await client.paymentIntents.create(intentParams, { idempotencyKey: "before-reset" });
    expect(fresh.lastResponse.headers["idempotent-replayed"]).toBeUndefined();
    await stripe.waitForDeliveries();
    expect(await stripe.state()).toMatchObject({ paymentIntents: { length: 1 }, events: { length: 1 }, faults: [] });
    // The configured webhook is still there.
    expect(running.receiver.types().at(-1)).toBe("payment_intent.created");
  });
});
