import { systemClock } from "@foyer/kernel/clock";
import { emulatorLimits } from "../limits.ts";
import { serveLocally } from "../server/local-server.ts";
import { Router } from "../server/router.ts";
import { type Account, emptyStore, noCall, nowSeconds } from "./account.ts";
import { createApi } from "./api/handler.ts";
import { IdempotencyKeys } from "./api/idempotency.ts";
import { expireSession } from "./checkout.ts";
import { createControl } from "./control/control-routes.ts";
import { FaultPlan } from "./control/faults.ts";
import { createStripeControl, type StripeControl } from "./control-client.ts";
import { answerPage } from "./pages/checkout-pages.ts";
import { checkoutSessionRoutes } from "./routes/checkout-sessions.ts";
import { paymentIntentRoutes } from "./routes/payment-intents.ts";
import { recordRoutes } from "./routes/records.ts";
import { refundRoutes } from "./routes/refunds.ts";
import { addWebhookEndpoint, webhookEndpointRoutes } from "./routes/webhook-endpoints.ts";
import { Deliveries } from "./webhooks/deliveries.ts";
import { EventLog } from "./webhooks/event-log.ts";

export interface StripeOptions {
  /** Receiver of all events. Without one, events are recorded and sent to nobody. */
  readonly webhookUrl?: string;
  /** Signs what goes to `webhookUrl`; the receiver verifies with the same. */
  readonly webhookSecret: string;
  /** Zero or nothing takes a free port. */
  readonly port?: number;
  /** Waits before the repetitions of a webhook that was not answered with 2xx. */
  readonly webhookRetryDelaysMs?: readonly number[];
}

/** A running Stripe: its address for the SDK (`host`, `port`, `protocol: "http"`), and the control over it. */
export interface StripeEmulator extends StripeControl {
  readonly stop: () => Promise<void>;
}

/** About eight seconds in all: long enough for a worker that restarts, short enough for a person who waits. */
const retryDelaysMsDefault = [50, 200, 750, 2_000, 5_000];

/** Starts an account of its own, empty and in memory. */
export async function startStripe(options: StripeOptions): Promise<StripeEmulator> {
  const store = emptyStore();
  const clock = systemClock;
  const faults = new FaultPlan();
  const keys = new IdempotencyKeys();
  const stopped = new AbortController();
  const retryDelaysMs = options.webhookRetryDelaysMs ?? retryDelaysMsDefault;
  const deliveries = new Deliveries({ clock, faults, retryDelaysMs });
  const events = new EventLog({ clock, store }, deliveries);
  let url = "";
  const account: Account = {
    clock,
    store,
    pagesUrl: () => url,
    emit: (cause, type, object) => events.emit(cause, type, object),
  };
  const router = new Router([
    ...paymentIntentRoutes(account),
    ...checkoutSessionRoutes(account),
    ...refundRoutes(account),
    ...recordRoutes(account),
    ...webhookEndpointRoutes(account),
  ]);

  let webhookUrl = options.webhookUrl;
  const addConfiguredWebhook = (): void => {
    if (webhookUrl === undefined) return;
    addWebhookEndpoint(account, { url: webhookUrl, secret: options.webhookSecret, enabledEvents: ["*"] });
  };
  addConfiguredWebhook();

  const api = createApi({ store, router, faults, keys, stopped: stopped.signal });
  const control = createControl({
    account,
    deliveries,
    events,
    faults,
    routeNames: router.names,
    setWebhookUrl: (next) => {
      for (const [id, endpoint] of store.webhookEndpoints) {
        if (endpoint.url === webhookUrl) store.webhookEndpoints.delete(id);
      }
      webhookUrl = next;
      addConfiguredWebhook();
    },
    reset: () => {
      for (const objects of Object.values(store)) objects.clear();
      faults.clear();
      keys.clear();
      deliveries.forget();
      addConfiguredWebhook();
    },
  });

  const server = await serveLocally({
    port: options.port ?? 0,
    bodyBytesMax: emulatorLimits.stripeBodyBytesMax,
    handle: (request) => {
      if (request.path.startsWith("/_emulator/")) return control(request);
      return answerPage(account, request) ?? api(request);
    },
  });
  url = server.url;
  const sweep = setInterval(() => expireDueSessions(account), emulatorLimits.checkoutSweepMs);
  sweep.unref();

  return {
    ...createStripeControl(url),
    stop: async () => {
      clearInterval(sweep);
      stopped.abort();
      await Promise.all([server.stop(), deliveries.stop()]);
    },
  };
}

function expireDueSessions(account: Account): void {
  const now = nowSeconds(account);
  for (const session of account.store.sessions.values()) {
    if (session.status === "open" && session.expires_at <= now) expireSession(account, noCall, session);
  }
}
