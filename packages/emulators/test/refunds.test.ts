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

async function pay(paymentMethod = "pm_card_visa"): Promise<string> {
  const intent = await client.paymentIntents.create({ ...intentParams, confirm: true, payment_method: paymentMethod });
  return intent.id;
}

async function chargeOf(paymentIntentId: string): Promise<Stripe.Charge> {
  const { data } = await client.charges.list({ payment_intent: paymentIntentId, expand: ["data.refunds"] });
  const [charge] = data;
  if (charge === undefined) throw new Error("the payment has no charge");
  return charge;
}

describe("a refund", () => {
  it("gives everything back where no amount is named", async () => {
    const intent = await pay();
    const refund = await client.refunds.create({
      payment_intent: intent,
      reason: "requested_by_customer",
      metadata: { foyer_order_id: "ord_1" },
    });
    expect(refund).toMatchObject({
      object: "refund",
      status: "succeeded",
      amount: 5_000,
      currency: "eur",
      payment_intent: intent,
      reason: "requested_by_customer",
      metadata: { foyer_order_id: "ord_1" },
    });
    expect(await client.refunds.retrieve(refund.id)).toEqual(refund);
    const charge = await chargeOf(intent);
    expect(charge).toMatchObject({ refunded: true, amount_refunded: 5_000 });
    expect(charge.refunds?.data.map(({ id }) => id)).toEqual([refund.id]);
  });

  it("gives parts back until nothing is left, and never more", async () => {
    const intent = await pay();
    await client.refunds.create({ payment_intent: intent, amount: 2_000 });
    expect(await chargeOf(intent)).toMatchObject({ refunded: false, amount_refunded: 2_000 });
    await expect(client.refunds.create({ payment_intent: intent, amount: 3_001 })).rejects.toMatchObject({
      type: "StripeInvalidRequestError",
      statusCode: 400,
      param: "amount",
      message: "Refund amount (€30.01) is greater than unrefunded amount on charge (€30.00)",
    });
    await client.refunds.create({ payment_intent: intent, amount: 3_000 });
    expect(await chargeOf(intent)).toMatchObject({ refunded: true, amount_refunded: 5_000 });
    await expect(client.refunds.create({ payment_intent: intent, amount: 1 })).rejects.toMatchObject({
      code: "charge_already_refunded",
    });
    const list = await client.refunds.list({ payment_intent: intent });
    expect(list.data.map(({ amount }) => amount)).toEqual([3_000, 2_000]);
  });

  it("is not given for a payment that never succeeded", async () => {
    const { id } = await client.paymentIntents.create(intentParams);
    await expect(client.refunds.create({ payment_intent: id })).rejects.toMatchObject({
      statusCode: 400,
      message: `This PaymentIntent (${id}) does not have a successful charge to refund.`,
    });
    await expect(client.refunds.create({ payment_intent: "pi_none" })).rejects.toMatchObject({
      statusCode: 404,
      code: "resource_missing",
      param: "payment_intent",
    });
  });

  it.each([
    ["succeeded", 5_000, ["refund.created", "refund.updated", "charge.refund.updated"]],
    ["failed", 0, ["refund.created", "refund.failed", "refund.updated", "charge.refund.updated"]],
  ] as const)("that is pending waits until it has %s", async (outcome, amountRefunded, types) => {
    const intent = await pay("pm_card_pendingRefund");
    const refund = await client.refunds.create({ payment_intent: intent });
    expect(refund).toMatchObject({ status: "pending", pending_reason: "processing" });
    await running.stripe.settleRefund(refund.id, outcome);
    expect((await client.refunds.retrieve(refund.id)).status).toBe(outcome);
    expect((await chargeOf(intent)).amount_refunded).toBe(amountRefunded);
    const { events } = await running.stripe.state();
    expect(events.filter(({ data }) => data.object.id === refund.id).map(({ type }) => type)).toEqual(types);
  });

  it("that had succeeded may still come back from the bank", async () => {
    const intent = await pay();
    const refund = await client.refunds.create({ payment_intent: intent, amount: 1_000 });
    await running.stripe.settleRefund(refund.id, "failed");
    expect(await client.refunds.retrieve(refund.id)).toMatchObject({
      status: "failed",
      failure_reason: "expired_or_canceled_card",
    });
    expect((await chargeOf(intent)).amount_refunded).toBe(0);
  });
});
