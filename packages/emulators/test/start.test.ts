import { createServer } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { type Emulators, startEmulators } from "../src/start.ts";
import { clientOf, intentParams, type Receiver, sessionParams, startReceiver, webhookSecret } from "./support.ts";

const running: { stop: () => Promise<void> }[] = [];

afterEach(async () => {
  for (const { stop } of running.splice(0)) await stop();
});

async function start(options: { stripePort?: number; receiver?: Receiver } = {}): Promise<Emulators> {
  const emulators = await startEmulators({
    stripe: {
      webhookSecret,
      ...(options.stripePort === undefined ? {} : { port: options.stripePort }),
      ...(options.receiver === undefined ? {} : { webhookUrl: options.receiver.url }),
    },
    resend: {},
    oauth: { callbackBaseUrl: "https://shop.example.com" },
  });
  running.push(emulators);
  return emulators;
}

describe("the emulators", () => {
  it("start within a second, each at an address of its own on the loopback interface", async () => {
    const before = performance.now();
    const { stripe, resend, oauth } = await start();
    expect(performance.now() - before).toBeLessThan(1_000);
    const urls = [stripe.url, resend.url, oauth.url];
    for (const url of urls) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(new Set(urls).size).toBe(3);
  });

  it("free their ports when stopped, even with a call unanswered and a webhook under way", async () => {
    let calledBack = false;
    const deaf = createServer(() => {
      calledBack = true;
    });
    await new Promise<void>((resolve) => deaf.listen(0, "127.0.0.1", resolve));
    const address = deaf.address();
    if (address === null || typeof address === "string") throw new Error("the deaf receiver has no port");

    const emulators = await start();
    const { stripe } = emulators;
    const client = clientOf(stripe);
    await stripe.setWebhookUrl(`http://127.0.0.1:${address.port}/`);
    await client.paymentIntents.create(intentParams);
    await stripe.faults.api("timeout");
    const unanswered = fetch(`${stripe.url}/v1/events`, { headers: { authorization: "Bearer sk_test_emulator" } });
    const rejected = expect(unanswered).rejects.toThrow("fetch failed");
    await expect.poll(async () => calledBack && (await stripe.state()).faults.length === 0).toBe(true);

    await emulators.stop();
    await rejected;
    await emulators.stop();
    deaf.closeAllConnections();
    deaf.close();
    const port = Number(new URL(stripe.url).port);
    const again = await start({ stripePort: port });
    expect(new URL(again.stripe.url).port).toBe(String(port));
  });

  it("start all or none", async () => {
    const { stripe } = await start();
    const port = Number(new URL(stripe.url).port);
    await expect(start({ stripePort: port })).rejects.toThrow("could not start the emulated services");
  });

  it("carry a hundred orders at once, and tell of each payment in its order", async () => {
    const receiver = await startReceiver();
    running.push(receiver);
    const { stripe } = await start({ receiver });
    const client = clientOf(stripe);
    await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const session = await client.checkout.sessions.create(
          { ...sessionParams, client_reference_id: `ord_${index}` },
          { idempotencyKey: `order-${index}` },
        );
        await stripe.payCheckout(session.id);
      }),
    );
    await stripe.waitForDeliveries();
    const byPayment = Map.groupBy(receiver.received, ({ event }) => {
      const object = event.data.object as { id: string; payment_intent?: string };
      return object.payment_intent ?? object.id;
    });
    expect(byPayment.size).toBe(100);
    for (const webhooks of byPayment.values()) {
      expect(webhooks.map(({ event }) => event.type)).toEqual([
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
      ]);
    }
  });
});
