import { createServer } from "node:http";
import Stripe from "stripe";
import { type StripeEmulator, type StripeOptions, startStripe } from "../src/stripe/start-stripe.ts";

export const webhookSecret = "whsec_emulator_tests";

/** A webhook as it arrived: the raw body and what the SDK made of it after verifying the signature. */
export interface ReceivedWebhook {
  readonly body: string;
  readonly signature: string;
  readonly event: Stripe.Event;
}

export interface Receiver {
  readonly url: string;
  readonly received: readonly ReceivedWebhook[];
  readonly types: () => string[];
  /** Answers the next events with these statuses, and with 200 after that. */
  readonly answerNext: (...statuses: number[]) => void;
  readonly stop: () => Promise<void>;
}

/** The official client, pointed at an emulator. */
export function clientOf(stripe: { readonly url: string }, options: Partial<Stripe.StripeConfig> = {}): Stripe {
  const { hostname, port } = new URL(stripe.url);
  return new Stripe("sk_test_emulator", {
    host: hostname,
    port,
    protocol: "http",
    maxNetworkRetries: 0,
    telemetry: false,
    ...options,
  });
}

/** A receiver of webhooks that verifies every one; a bad signature is answered with 400 and not counted. */
export async function startReceiver(secretOf: () => string = () => webhookSecret): Promise<Receiver> {
  const verifier = new Stripe("sk_test_verifier");
  const received: ReceivedWebhook[] = [];
  const statuses: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const signature = String(request.headers["stripe-signature"]);
      let status = statuses.shift() ?? 200;
      if (status === 200) {
        try {
          received.push({ body, signature, event: verifier.webhooks.constructEvent(body, signature, secretOf()) });
        } catch {
          status = 400;
        }
      }
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the receiver has no port");
  return {
    url: `http://127.0.0.1:${address.port}/webhooks`,
    received,
    types: () => received.map(({ event }) => event.type),
    answerNext: (...next) => {
      statuses.push(...next);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface Running {
  readonly stripe: StripeEmulator;
  readonly client: Stripe;
  readonly receiver: Receiver;
  readonly stop: () => Promise<void>;
}

/** An emulator, a client of it, and a receiver of its webhooks. */
export async function startWithReceiver(options: Partial<StripeOptions> = {}): Promise<Running> {
  const receiver = await startReceiver();
  const stripe = await startStripe({ webhookSecret, webhookUrl: receiver.url, ...options });
  return {
    stripe,
    client: clientOf(stripe),
    receiver,
    stop: async () => {
      await Promise.all([stripe.stop(), receiver.stop()]);
    },
  };
}

/** Parameters of a session for two tickets of 25 EUR. */
export const sessionParams = {
  mode: "payment",
  line_items: [
    { quantity: 2, price_data: { currency: "eur", unit_amount: 2_500, product_data: { name: "General admission" } } },
  ],
  success_url: "https://shop.example.com/return?session={CHECKOUT_SESSION_ID}",
  cancel_url: "https://shop.example.com/cancelled",
} satisfies Stripe.Checkout.SessionCreateParams;

/** Parameters of an intent that a card pays without leaving the page. */
export const intentParams = {
  amount: 5_000,
  currency: "eur",
  automatic_payment_methods: { enabled: true, allow_redirects: "never" },
} satisfies Stripe.PaymentIntentCreateParams;
