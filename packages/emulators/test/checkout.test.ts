import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Running, sessionParams, startWithReceiver } from "./support.ts";

let running: Running;
let client: Stripe;

beforeAll(async () => {
  running = await startWithReceiver();
  client = running.client;
});

afterAll(() => running.stop());

/** The types of all events about a session, in their order. */
async function sessionTypes(sessionId: string): Promise<string[]> {
  const { events } = await running.stripe.state();
  return events.filter(({ data }) => data.object.id === sessionId).map(({ type }) => type);
}

describe("a checkout session", () => {
  it("is priced from its line items and has no intent before the buyer pays", async () => {
    const session = await client.checkout.sessions.create({
      ...sessionParams,
      client_reference_id: "ord_1",
      customer_email: "buyer@example.com",
      metadata: { foyer_order_id: "ord_1" },
      expires_at: Math.floor(Date.now() / 1_000) + 1_860,
      expand: ["line_items"],
    });
    expect(session).toMatchObject({
      object: "checkout.session",
      mode: "payment",
      status: "open",
      payment_status: "unpaid",
      amount_total: 5_000,
      currency: "eur",
      client_reference_id: "ord_1",
      customer_email: "buyer@example.com",
      metadata: { foyer_order_id: "ord_1" },
      payment_intent: null,
    });
    expect(session.line_items?.data).toMatchObject([
      { description: "General admission", quantity: 2, amount_total: 5_000, price: { unit_amount: 2_500 } },
    ]);
    const items = await client.checkout.sessions.listLineItems(session.id);
    expect(items.data).toHaveLength(1);
  });

  it("is paid on its page, and sends the buyer back with its id", async () => {
    const session = await client.checkout.sessions.create({
      ...sessionParams,
      payment_intent_data: { metadata: { foyer_payment_id: "pay_1" } },
    });
    const page = await fetch(session.url ?? "");
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("General admission");

    const answer = await fetch(session.url ?? "", {
      method: "POST",
      body: new URLSearchParams({ email: "buyer@example.com" }),
      redirect: "manual",
    });
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe(`https://shop.example.com/return?session=${session.id}`);
    const paid = await client.checkout.sessions.retrieve(session.id, { expand: ["payment_intent.latest_charge"] });
    expect(paid).toMatchObject({
      status: "complete",
      payment_status: "paid",
      url: null,
      customer_details: { email: "buyer@example.com" },
      payment_intent: {
        status: "succeeded",
        amount_received: 5_000,
        metadata: { foyer_payment_id: "pay_1" },
        latest_charge: { status: "succeeded", billing_details: { email: "buyer@example.com" } },
      },
    });
    expect(await sessionTypes(session.id)).toEqual(["checkout.session.completed"]);
  });

  it("charges once however often the buyer presses the button", async () => {
    const session = await client.checkout.sessions.create(sessionParams);
    const answers = await Promise.all(Array.from({ length: 5 }, () => running.stripe.payCheckout(session.id)));
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303, 303, 303]);
    const { payment_intent: intent } = await client.checkout.sessions.retrieve(session.id);
    const charges = await client.charges.list({ payment_intent: String(intent) });
    expect(charges.data).toHaveLength(1);
    expect(await sessionTypes(session.id)).toEqual(["checkout.session.completed"]);
  });

  it("stays open after a decline, shows why, and can be paid with another card", async () => {
    const session = await client.checkout.sessions.create(sessionParams);
    const declined = await fetch(session.url ?? "", {
      method: "POST",
      body: new URLSearchParams({ payment_method: "pm_card_chargeDeclinedInsufficientFunds" }),
    });
    expect(declined.status).toBe(402);
    expect(await declined.text()).toContain("Your card has insufficient funds.");
    const open = await client.checkout.sessions.retrieve(session.id);
    expect(open).toMatchObject({ status: "open", payment_status: "unpaid" });

    await running.stripe.payCheckout(session.id);
    const paid = await client.checkout.sessions.retrieve(session.id);
    expect(paid).toMatchObject({ status: "complete", payment_intent: open.payment_intent });
  });

  it("sends the buyer to the bank where the card asks for it, and on from there", async () => {
    const session = await client.checkout.sessions.create(sessionParams);
    const toBank = await running.stripe.payCheckout(session.id, { paymentMethod: "pm_card_authenticationRequired" });
    expect(toBank.location).toContain("/authenticate/pi_");
    expect(await (await fetch(toBank.location ?? "")).text()).toContain("€50.00");
    const back = await fetch(toBank.location ?? "", {
      method: "POST",
      body: new URLSearchParams({ outcome: "succeeded" }),
      redirect: "manual",
    });
    expect(back.headers.get("location")).toContain(session.id);
    expect(await client.checkout.sessions.retrieve(session.id)).toMatchObject({ payment_status: "paid" });
  });

  it.each([
    ["succeeded", "paid", "checkout.session.async_payment_succeeded"],
    ["failed", "unpaid", "checkout.session.async_payment_failed"],
  ] as const)(
    "is complete but unpaid while slow money is under way, until it has %s",
    async (outcome, status, type) => {
      const session = await client.checkout.sessions.create(sessionParams);
      await running.stripe.payCheckout(session.id, { paymentMethod: "pm_usBankAccount_processing" });
      const waiting = await client.checkout.sessions.retrieve(session.id);
      expect(waiting).toMatchObject({ status: "complete", payment_status: "unpaid" });
      await running.stripe.settlePayment(String(waiting.payment_intent), outcome);
      expect((await client.checkout.sessions.retrieve(session.id)).payment_status).toBe(status);
      expect(await sessionTypes(session.id)).toEqual(["checkout.session.completed", type]);
    },
  );

  it("lets the buyer go back without paying", async () => {
    const session = await client.checkout.sessions.create(sessionParams);
    const answer = await fetch(session.url ?? "", {
      method: "POST",
      body: new URLSearchParams({ action: "cancel" }),
      redirect: "manual",
    });
    expect(answer.headers.get("location")).toBe("https://shop.example.com/cancelled");
    expect(await client.checkout.sessions.retrieve(session.id)).toMatchObject({ status: "open" });
  });

  it("cannot be paid once expired, nor expired once paid", async () => {
    const expired = await client.checkout.sessions.create(sessionParams);
    expect(await client.checkout.sessions.expire(expired.id)).toMatchObject({ status: "expired", url: null });
    expect(await running.stripe.payCheckout(expired.id)).toMatchObject({ status: 404 });
    expect(await sessionTypes(expired.id)).toEqual(["checkout.session.expired"]);

    const paid = await client.checkout.sessions.create(sessionParams);
    await running.stripe.payCheckout(paid.id);
    await expect(client.checkout.sessions.expire(paid.id)).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining("has a status of complete"),
    });
  });

  it("takes its attempted payment with it when it expires", async () => {
    const session = await client.checkout.sessions.create(sessionParams);
    await running.stripe.payCheckout(session.id, { paymentMethod: "pm_card_chargeDeclined" });
    await client.checkout.sessions.expire(session.id);
    const { payment_intent: intent } = await client.checkout.sessions.retrieve(session.id, {
      expand: ["payment_intent"],
    });
    expect(intent).toMatchObject({ status: "canceled", cancellation_reason: "expired" });
  });

  it("keeps its intent to itself: nobody cancels or confirms it past the page", async () => {
    const session = await client.checkout.sessions.create(sessionParams);
    await running.stripe.payCheckout(session.id, { paymentMethod: "pm_card_chargeDeclined" });
    const intent = String((await client.checkout.sessions.retrieve(session.id)).payment_intent);
    const refusal = { statusCode: 400, message: expect.stringContaining("created by Checkout") };
    await expect(client.paymentIntents.cancel(intent)).rejects.toMatchObject(refusal);
    await expect(client.paymentIntents.confirm(intent, { payment_method: "pm_card_visa" })).rejects.toMatchObject(
      refusal,
    );
    await running.stripe.payCheckout(session.id);
    expect(await client.checkout.sessions.retrieve(session.id)).toMatchObject({ payment_status: "paid" });
  });

  it("shows names as text, never as markup", async () => {
    const session = await client.checkout.sessions.create({
      ...sessionParams,
      line_items: [
        {
          quantity: 1,
          price_data: { currency: "eur", unit_amount: 900, product_data: { name: "<script>alert('x')</script>" } },
        },
      ],
    });
    const page = await (await fetch(session.url ?? "")).text();
    expect(page).not.toContain("<script>");
    expect(page).toContain("&lt;script&gt;");
  });

  it.each([
    ["sooner than 30 minutes", 1_700, "at least 30 minutes"],
    ["later than 24 hours", 90_000, "less than 24 hours"],
  ])("is refused where it would expire %s", async (_when, seconds, message) => {
    const params = { ...sessionParams, expires_at: Math.floor(Date.now() / 1_000) + seconds };
    await expect(client.checkout.sessions.create(params)).rejects.toMatchObject({
      param: "expires_at",
      message: expect.stringContaining(message),
    });
  });
});
