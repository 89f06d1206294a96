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

async function typesOf(paymentIntentId: string): Promise<string[]> {
  const { events } = await running.stripe.state();
  const isPart = (object: { id: string; payment_intent?: unknown }) =>
    object.id === paymentIntentId || object.payment_intent === paymentIntentId;
  return events.filter(({ data }) => isPart(data.object)).map(({ type }) => type);
}

describe("a PaymentIntent", () => {
  it("is made waiting for its payment method, with what was asked for", async () => {
    const intent = await client.paymentIntents.create({
      ...intentParams,
      metadata: { foyer_order_id: "ord_1" },
      description: "Two tickets",
      receipt_email: "buyer@example.com",
    });
    expect(intent).toMatchObject({
      object: "payment_intent",
      status: "requires_payment_method",
      amount: 5_000,
      amount_received: 0,
      currency: "eur",
      metadata: { foyer_order_id: "ord_1" },
      description: "Two tickets",
      receipt_email: "buyer@example.com",
      latest_charge: null,
      livemode: false,
    });
    expect(intent.client_secret).toContain(intent.id);
    expect(await client.paymentIntents.retrieve(intent.id)).toEqual(intent);
  });

  it("is paid by confirming it with a good card", async () => {
    const { id } = await client.paymentIntents.create(intentParams);
    const paid = await client.paymentIntents.confirm(id, {
      payment_method: "pm_card_visa",
      expand: ["latest_charge.balance_transaction"],
    });
    expect(paid).toMatchObject({
      status: "succeeded",
      amount_received: 5_000,
      latest_charge: {
        object: "charge",
        status: "succeeded",
        paid: true,
        amount: 5_000,
        payment_intent: id,
        payment_method_details: { type: "card", card: { brand: "visa", last4: "4242" } },
        balance_transaction: { object: "balance_transaction", amount: 5_000, fee: 100, net: 4_900 },
      },
    });
    expect(await typesOf(id)).toEqual(["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]);
  });

  it("can be made and paid in one call", async () => {
    const intent = await client.paymentIntents.create({
      ...intentParams,
      confirm: true,
      payment_method: "pm_card_visa",
    });
    expect(intent.status).toBe("succeeded");
  });

  it.each([
    ["pm_card_visa_chargeDeclined", "card_declined", "generic_decline", "Your card was declined."],
    [
      "pm_card_chargeDeclinedInsufficientFunds",
      "card_declined",
      "insufficient_funds",
      "Your card has insufficient funds.",
    ],
    ["pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card", "Your card has expired."],
  ])("declines %s with 402 and waits for another card", async (method, code, declineCode, message) => {
    const { id } = await client.paymentIntents.create(intentParams);
    await expect(client.paymentIntents.confirm(id, { payment_method: method })).rejects.toMatchObject({
      type: "StripeCardError",
      statusCode: 402,
      code,
      decline_code: declineCode,
      message,
      payment_intent: { id, status: "requires_payment_method" },
    });
    const intent = await client.paymentIntents.retrieve(id, { expand: ["latest_charge"] });
    expect(intent).toMatchObject({
      status: "requires_payment_method",
      payment_method: null,
      last_payment_error: { type: "card_error", code, decline_code: declineCode },
      latest_charge: { status: "failed", paid: false, failure_code: code },
    });
    expect(await typesOf(id)).toEqual(["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]);

    const paid = await client.paymentIntents.confirm(id, { payment_method: "pm_card_visa" });
    expect(paid).toMatchObject({ status: "succeeded", last_payment_error: null });
  });

  it("waits for the buyer where the card asks for authentication, and is paid once the buyer agrees", async () => {
    const { id } = await client.paymentIntents.create(intentParams);
    const waiting = await client.paymentIntents.confirm(id, {
      payment_method: "pm_card_authenticationRequired",
      return_url: "https://shop.example.com/return",
    });
    expect(waiting).toMatchObject({ status: "requires_action", next_action: { type: "redirect_to_url" } });

    const url = waiting.next_action?.redirect_to_url?.url ?? "";
    const answer = await fetch(url, {
      method: "POST",
      body: new URLSearchParams({ outcome: "succeeded" }),
      redirect: "manual",
    });
    expect(answer.status).toBe(303);
    const back = new URL(answer.headers.get("location") ?? "");
    expect(back.origin + back.pathname).toBe("https://shop.example.com/return");
    expect(back.searchParams.get("payment_intent")).toBe(id);
    expect((await client.paymentIntents.retrieve(id)).status).toBe("succeeded");
    expect(await typesOf(id)).toContain("payment_intent.requires_action");
  });

  it("goes back to waiting for a card where the buyer refuses to authenticate", async () => {
    const { id } = await client.paymentIntents.create(intentParams);
    await client.paymentIntents.confirm(id, { payment_method: "pm_card_authenticationRequired" });
    await running.stripe.settlePayment(id, "failed");
    expect(await client.paymentIntents.retrieve(id)).toMatchObject({
      status: "requires_payment_method",
      last_payment_error: { code: "payment_intent_authentication_failure" },
    });
  });

  it.each([
    ["succeeded", "succeeded", "charge.succeeded"],
    ["failed", "requires_payment_method", "charge.failed"],
  ] as const)("processes slow money until it has %s", async (outcome, status, type) => {
    const { id } = await client.paymentIntents.create(intentParams);
    const processing = await client.paymentIntents.confirm(id, { payment_method: "pm_usBankAccount_processing" });
    expect(processing.status).toBe("processing");
    await running.stripe.settlePayment(id, outcome);
    expect((await client.paymentIntents.retrieve(id)).status).toBe(status);
    expect(await typesOf(id)).toContain(type);
  });

  it("can be cancelled until it is paid, and not confirmed after that", async () => {
    const { id } = await client.paymentIntents.create(intentParams);
    const canceled = await client.paymentIntents.cancel(id, { cancellation_reason: "abandoned" });
    expect(canceled).toMatchObject({ status: "canceled", cancellation_reason: "abandoned" });
    await expect(client.paymentIntents.confirm(id, { payment_method: "pm_card_visa" })).rejects.toMatchObject({
      statusCode: 400,
      code: "payment_intent_unexpected_state",
    });
  });

  it("cannot be paid twice, nor cancelled once paid", async () => {
    const { id } = await client.paymentIntents.create({
      ...intentParams,
      confirm: true,
      payment_method: "pm_card_visa",
    });
    await expect(client.paymentIntents.confirm(id, { payment_method: "pm_card_visa" })).rejects.toMatchObject({
      code: "payment_intent_unexpected_state",
      payment_intent: { id, status: "succeeded" },
    });
    await expect(client.paymentIntents.cancel(id)).rejects.toMatchObject({
      code: "payment_intent_unexpected_state",
      message: expect.stringContaining("it has a status of succeeded"),
    });
    const charges = await client.charges.list({ payment_intent: id });
    expect(charges.data).toHaveLength(1);
  });

  it("is refused without a return_url where redirecting methods are allowed", async () => {
    const { id } = await client.paymentIntents.create({ amount: 5_000, currency: "eur" });
    await expect(client.paymentIntents.confirm(id, { payment_method: "pm_card_visa" })).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining("you must provide a `return_url`"),
    });
  });
});

describe("a dispute", () => {
  it("takes the money back and blocks refunds", async () => {
    const { id } = await client.paymentIntents.create({
      ...intentParams,
      confirm: true,
      payment_method: "pm_card_visa",
    });
    const disputeId = await running.stripe.dispute(id);
    expect(await client.disputes.retrieve(disputeId)).toMatchObject({
      status: "needs_response",
      amount: 5_000,
      payment_intent: id,
    });
    await expect(client.refunds.create({ payment_intent: id })).rejects.toMatchObject({ code: "charge_disputed" });
    await running.stripe.closeDispute(disputeId, "won");
    expect(await client.disputes.retrieve(disputeId)).toMatchObject({ status: "won" });
    const { events } = await running.stripe.state();
    const types = events.filter(({ data }) => data.object.id === disputeId).map(({ type }) => type);
    expect(types).toEqual([
      "charge.dispute.created",
      "charge.dispute.funds_withdrawn",
      "charge.dispute.funds_reinstated",
      "charge.dispute.closed",
    ]);
  });
});
