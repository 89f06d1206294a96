import Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiVersion } from "../src/stripe/api-version.ts";
import { signPayload } from "../src/stripe/webhooks/signature.ts";
import {
  intentParams,
  type Running,
  sessionParams,
  startReceiver,
  startWithReceiver,
  webhookSecret,
} from "./support.ts";

let running: Running;

beforeEach(async () => {
  running = await startWithReceiver({ webhookRetryDelaysMs: [10, 20] });
});

afterEach(() => running.stop());

async function payOnce(): Promise<void> {
  const { client, stripe } = running;
  await client.paymentIntents.create({ ...intentParams, confirm: true, payment_method: "pm_card_visa" });
  await stripe.waitForDeliveries();
}

const paidTypes = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"];

describe("a webhook", () => {
  it("is a whole event, signed so that the SDK accepts it", async () => {
    const { client, stripe, receiver } = running;
    const session = await client.checkout.sessions.create({ ...sessionParams, metadata: { foyer_order_id: "ord_1" } });
    await stripe.payCheckout(session.id);
    await stripe.waitForDeliveries();
    expect(receiver.types()).toEqual([...paidTypes, "checkout.session.completed"]);
    const last = receiver.received.at(-1)?.event;
    expect(last).toMatchObject({
      id: expect.stringMatching(/^evt_/),
      object: "event",
      api_version: apiVersion,
      created: expect.any(Number),
      livemode: false,
      pending_webhooks: 1,
      request: { id: null, idempotency_key: null },
      data: { object: { id: session.id, payment_status: "paid", metadata: { foyer_order_id: "ord_1" } } },
    });
    expect(await client.events.retrieve(last?.id ?? "")).toMatchObject({ id: last?.id, type: last?.type });
  });

  it("carries the version that the SDK is pinned to", () => {
    expect(apiVersion).toBe(Stripe.API_VERSION);
  });

  it("shows its object as it was then, not as it is now", async () => {
    await payOnce();
    const [created] = running.receiver.received;
    expect(created?.event.data.object).toMatchObject({ status: "requires_payment_method", latest_charge: null });
  });

  it("is not valid under another secret, when altered, or when old", () => {
    const verifier = new Stripe("sk_test_verifier");
    const now = Math.floor(Date.now() / 1_000);
    const payload = JSON.stringify({ object: "event", id: "evt_1" }, null, 2);
    const verify = (body: string, signature: string) => () =>
      verifier.webhooks.constructEvent(body, signature, webhookSecret);
    expect(verify(payload, signPayload(webhookSecret, payload, now))).not.toThrow();
    expect(verify(payload, signPayload("whsec_other", payload, now))).toThrow("No signatures found");
    expect(verify(`${payload} `, signPayload(webhookSecret, payload, now))).toThrow("No signatures found");
    expect(verify(payload, signPayload(webhookSecret, payload, now - 301))).toThrow("outside the tolerance");
  });

  it("keeps the order of one payment's events even where one of them must be repeated", async () => {
    running.receiver.answerNext(500, 503);
    await payOnce();
    expect(running.receiver.types()).toEqual(paidTypes);
    const [first] = (await running.stripe.state()).deliveries;
    expect(first).toMatchObject({ eventType: "payment_intent.created", outcome: "delivered" });
    expect(first?.attempts.map(({ status }) => status)).toEqual([500, 503, 200]);
  });

  it("is given up after its last repetition, and can be sent again by hand", async () => {
    const { client, stripe, receiver } = running;
    receiver.answerNext(500, 500, 500);
    await client.paymentIntents.create(intentParams);
    const [failed] = await stripe.waitForDeliveries();
    expect(failed).toMatchObject({ outcome: "failed", attempts: { length: 3 } });
    await stripe.resendEvent(failed?.eventId ?? "");
    await stripe.waitForDeliveries();
    expect(receiver.received.map(({ event }) => event.id)).toEqual([failed?.eventId]);
  });

  it("tells why nobody answered", async () => {
    const { client, stripe, receiver } = running;
    await receiver.stop();
    await client.paymentIntents.create(intentParams);
    const [failed] = await stripe.waitForDeliveries();
    expect(failed).toMatchObject({ outcome: "failed" });
    expect(failed?.attempts[0]).toMatchObject({ status: null, error: expect.stringContaining("fetch failed") });
  });

  it("goes to another address once it is pointed there", async () => {
    const { stripe, receiver } = running;
    await stripe.setWebhookUrl(`${receiver.url}/elsewhere`);
    await payOnce();
    const { deliveries } = await stripe.state();
    expect(new Set(deliveries.map(({ url }) => url))).toEqual(new Set([`${receiver.url}/elsewhere`]));
  });
});

describe("a webhook endpoint made through the API", () => {
  it("gets only the events it asked for, under a secret of its own", async () => {
    const { client, receiver } = running;
    let secret = "";
    const own = await startReceiver(() => secret);
    try {
      const endpoint = await client.webhookEndpoints.create({
        url: own.url,
        enabled_events: ["payment_intent.succeeded"],
      });
      secret = endpoint.secret ?? "";
      expect(await client.webhookEndpoints.retrieve(endpoint.id)).not.toHaveProperty("secret");
      await payOnce();
      expect(own.types()).toEqual(["payment_intent.succeeded"]);
      expect(receiver.types()).toEqual(paidTypes);
      expect(own.received[0]?.signature).not.toBe(receiver.received.at(-1)?.signature);
      await client.webhookEndpoints.del(endpoint.id);
      await payOnce();
      expect(own.received).toHaveLength(1);
    } finally {
      await own.stop();
    }
  });
});

describe("webhook faults", () => {
  it("lose an event, which can still be read from the API", async () => {
    const { client, stripe, receiver } = running;
    await stripe.faults.webhooks("lost", { eventTypes: ["payment_intent.succeeded"] });
    await payOnce();
    expect(receiver.types()).toEqual(["payment_intent.created", "charge.succeeded"]);
    const { data } = await client.events.list({ type: "payment_intent.succeeded" });
    expect(data).toHaveLength(1);
    const { deliveries } = await stripe.state();
    expect(deliveries.find(({ eventId }) => eventId === data[0]?.id)).toMatchObject({ outcome: "lost", attempts: [] });
  });

  it("send an event twice, the same both times", async () => {
    const { stripe, receiver } = running;
    await stripe.faults.webhooks("twice", { eventTypes: ["charge.succeeded"] });
    await payOnce();
    expect(receiver.types()).toEqual([paidTypes[0], "charge.succeeded", "charge.succeeded", paidTypes[2]]);
    expect(receiver.received[1]?.body).toBe(receiver.received[2]?.body);
  });

  it("send an event late, after those that followed it", async () => {
    const { stripe, receiver } = running;
    await stripe.faults.webhooks("late", { delayMs: 200 });
    await payOnce();
    expect(receiver.types()).toEqual(["charge.succeeded", "payment_intent.succeeded", "payment_intent.created"]);
  });

  it("send events in reverse", async () => {
    const { stripe, receiver } = running;
    await stripe.faults.webhooks("out_of_order", { count: 3 });
    await payOnce();
    expect(receiver.types()).toEqual([...paidTypes].reverse());
  });

  it("send events in reverse after a while, where fewer come than were waited for", async () => {
    const { stripe, receiver } = running;
    await stripe.faults.webhooks("out_of_order", { count: 10, delayMs: 100 });
    await payOnce();
    expect(receiver.types()).toEqual([...paidTypes].reverse());
  });

  it("strike as often as ordered, and not after they are cleared", async () => {
    const { stripe, receiver } = running;
    await stripe.faults.webhooks("lost", { count: 2 });
    await payOnce();
    expect(receiver.types()).toEqual(["payment_intent.succeeded"]);
    await stripe.faults.webhooks("lost", { count: 100 });
    await stripe.faults.clear();
    await payOnce();
    expect(receiver.types()).toEqual(["payment_intent.succeeded", ...paidTypes]);
  });
});
