import { limits } from "@foyer/kernel/limits";
import type { Money } from "@foyer/kernel/money";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Logger } from "@foyer/telemetry/logger";
import Stripe from "stripe";
import type * as z from "zod";
import type { Payment, ProviderPayment, ProviderRequest } from "../domain/payment.ts";
import { paymentKey } from "../domain/provider-request.ts";
import type { ProviderRefund } from "../domain/refund.ts";
import type { PaymentProvider, ProviderIds } from "../service/ports.ts";
import { parseStripeEvent } from "./stripe-events.ts";
import {
  type Intent,
  intentSchema,
  type RefundShape,
  refundListSchema,
  refundSchema,
  type Session,
  sessionSchema,
} from "./stripe-shapes.ts";

export interface StripeOptions {
  readonly apiUrl: string;
  readonly secretKey: string;
  /** Signing secrets; more than one while they are being rotated. */
  readonly webhookSecrets: readonly string[];
  readonly timeoutMs: number;
  readonly log: Logger;
}

/** Stripe behind the port: every call has a timeout, bounded repetitions and, where it writes, an idempotency key. */
export function createStripeProvider(options: StripeOptions): PaymentProvider {
  const { log } = options;
  const url = new URL(options.apiUrl);
  const stripe = new Stripe(options.secretKey, {
    host: url.hostname,
    protocol: url.protocol === "http:" ? "http" : "https",
    ...(url.port === "" ? {} : { port: url.port }),
    httpClient: Stripe.createFetchHttpClient(),
    maxNetworkRetries: limits.outsideCallAttemptsMax - 1,
    timeout: options.timeoutMs,
    telemetry: false,
  });
  const subtle = Stripe.createSubtleCryptoProvider();

  /** Makes one call and checks what comes back. `refusal` is the code for an answer that is no. */
  async function call<T>(
    what: string,
    schema: z.ZodType<T>,
    refusal: "payments.not_accepted" | "payments.refund_refused",
    make: () => Promise<unknown>,
  ): Promise<Result<T>> {
    try {
      const parsed = schema.safeParse(await make());
      if (parsed.success) return ok(parsed.data);
      // Not one of Stripe's objects: a proxy's page, or a route that does not exist. Nothing is known, so ask again.
      log.error("stripe answered something else", { what, issues: parsed.error.issues.length });
      return unavailable();
    } catch (thrown) {
      return toFailure(what, refusal, thrown);
    }
  }

  function toFailure(what: string, refusal: string, thrown: unknown): ReturnType<typeof fail> {
    if (!(thrown instanceof Stripe.errors.StripeError)) throw thrown;
    const fields = {
      what,
      stripeType: thrown.type,
      stripeCode: thrown.code ?? null,
      statusCode: thrown.statusCode ?? null,
      stripeRequestId: thrown.requestId ?? null,
    };
    if (thrown instanceof Stripe.errors.StripeCardError) {
      log.info("stripe declined", fields);
      return fail(refusal, "The payment was declined.", reason(thrown));
    }
    if (thrown instanceof Stripe.errors.StripeInvalidRequestError && thrown.statusCode !== 409) {
      if (thrown.code === "resource_missing") return fail(missing, "The provider does not know it.");
      log.warn("stripe refused", { ...fields, detail: thrown.message });
      return fail(refusal, "The payment provider does not accept this.", reason(thrown));
    }
    if (isKeptFailure(thrown)) {
      log.error("stripe keeps failing under this key", { ...fields, detail: thrown.message });
      return fail("payments.provider_error", "The payment provider failed.");
    }
    // Timeouts, 5xx, 429, and our own credentials or permissions: none of these says what became of the call.
    log.error("stripe unavailable", { ...fields, detail: thrown.message });
    return unavailable();
  }

  async function withIntent(session: Session): Promise<Result<ProviderPayment>> {
    if (typeof session.payment_intent !== "string") return ok(fromSession(session, session.payment_intent ?? null));
    const id = session.payment_intent;
    const intent = await call("read intent", intentSchema, "payments.not_accepted", () =>
      stripe.paymentIntents.retrieve(id),
    );
    return intent.ok ? ok(fromSession(session, intent.value)) : intent;
  }

  const provider: PaymentProvider = {
    async open(payment, request) {
      const keyed = { idempotencyKey: paymentKey(payment.orderId, payment.attempt) };
      if (payment.method === "intent") {
        const intent = await call("open intent", intentSchema, "payments.not_accepted", () =>
          stripe.paymentIntents.create(intentParams(payment, request), keyed),
        );
        return intent.ok ? ok(fromIntent(intent.value)) : intent;
      }
      const session = await call("open session", sessionSchema, "payments.not_accepted", () =>
        stripe.checkout.sessions.create(sessionParams(payment, request), keyed),
      );
      return session.ok ? withIntent(session.value) : session;
    },

    async read({ sessionId, intentId }) {
      if (sessionId !== null) {
        const session = await call("read session", sessionSchema, "payments.not_accepted", () =>
          stripe.checkout.sessions.retrieve(sessionId, { expand: ["payment_intent"] }),
        );
        return session.ok ? withIntent(session.value) : nullIfMissing(session);
      }
      if (intentId === null) return ok(null);
      const intent = await call("read intent", intentSchema, "payments.not_accepted", () =>
        stripe.paymentIntents.retrieve(intentId),
      );
      return intent.ok ? ok(fromIntent(intent.value)) : nullIfMissing(intent);
    },

    async close(ids: ProviderIds) {
      const { sessionId, intentId } = ids;
      // A refusal means that it is no longer open; what it has become is read either way.
      const closed =
        sessionId !== null
          ? await call("close session", sessionSchema, "payments.not_accepted", () =>
              stripe.checkout.sessions.expire(sessionId),
            )
          : await call("close intent", intentSchema, "payments.not_accepted", () =>
              stripe.paymentIntents.cancel(intentId ?? "", { cancellation_reason: "abandoned" }),
            );
      if (!closed.ok && closed.error.code === "platform.unavailable") return closed;
      return provider.read(ids);
    },

    async refund(refund, intentId) {
      const made = await call("refund", refundSchema, "payments.refund_refused", () =>
        stripe.refunds.create(
          {
            payment_intent: intentId,
            amount: refund.amount.amount,
            metadata: {
              foyer_refund_id: refund.id,
              foyer_order_id: refund.orderId,
              foyer_payment_id: refund.paymentId,
            },
          },
          { idempotencyKey: refund.providerKey },
        ),
      );
      if (made.ok) return ok(fromRefund(made.value));
      return made.error.code === missing ? fail("payments.refund_refused", "The provider has no such payment.") : made;
    },

    async readRefund(id) {
      const found = await call("read refund", refundSchema, "payments.refund_refused", () =>
        stripe.refunds.retrieve(id),
      );
      return found.ok ? ok(fromRefund(found.value)) : nullIfMissing(found);
    },

    async listRefunds(intentId) {
      const found = await call("list refunds", refundListSchema, "payments.refund_refused", () =>
        stripe.refunds.list({ payment_intent: intentId, limit: limits.refundsPerPaymentMax }),
      );
      if (!found.ok) return found;
      return ok(found.value.data.map(fromRefund).filter((refund) => refund.intentId === intentId));
    },

    async verifyEvent(body, signature, nowMs) {
      for (const secret of options.webhookSecrets) {
        try {
          await stripe.webhooks.constructEventAsync(
            body,
            signature,
            secret,
            limits.webhookToleranceSeconds,
            subtle,
            nowMs,
          );
          return parseStripeEvent(body);
        } catch (thrown) {
          if (!(thrown instanceof Stripe.errors.StripeSignatureVerificationError)) return null; // signed, but not JSON
        }
      }
      return null;
    },

    parseEvent: parseStripeEvent,
  };
  return provider;
}

/** Internal to this file: an object that Stripe does not know; becomes null or a refusal before it leaves. */
const missing = "stripe.resource_missing";

/**
 * Stripe keeps a 500 under its idempotency key and replays it for a day, and refuses other parameters under a key (as after a
 * deployment that words a request differently) for as long: asking again under this key is in vain. A 409 passes.
 */
function isKeptFailure(error: InstanceType<typeof Stripe.errors.StripeError>): boolean {
  if (error instanceof Stripe.errors.StripeIdempotencyError) return error.statusCode !== 409;
  return (error.statusCode ?? 0) >= 500 && error.headers?.["idempotent-replayed"] === "true";
}

function nullIfMissing(failed: ReturnType<typeof fail>): Result<null> {
  return failed.error.code === missing ? ok(null) : failed;
}

function unavailable(): ReturnType<typeof fail> {
  return fail("platform.unavailable", "The payment provider does not answer right now; nothing is lost.");
}

function reason(error: InstanceType<typeof Stripe.errors.StripeError>) {
  return { extra: { providerCode: error.decline_code ?? error.code ?? "refused" } };
}

function metadataOf(payment: Payment) {
  return { foyer_order_id: payment.orderId, foyer_payment_id: payment.id };
}

function intentParams(payment: Payment, request: ProviderRequest): Stripe.PaymentIntentCreateParams {
  return {
    amount: payment.amount.amount,
    currency: payment.amount.currency.toLowerCase(),
    automatic_payment_methods: { enabled: true },
    description: request.title,
    ...(request.email === "" ? {} : { receipt_email: request.email }),
    metadata: metadataOf(payment),
  };
}

function sessionParams(payment: Payment, request: ProviderRequest): Stripe.Checkout.SessionCreateParams {
  return {
    mode: "payment",
    client_reference_id: payment.orderId,
    ...(request.email === "" ? {} : { customer_email: request.email }),
    expires_at: request.sessionExpiresAtSeconds,
    success_url: withParameter(request.returnUrl, "success"),
    cancel_url: withParameter(request.returnUrl, "cancelled"),
    line_items: request.lines.map((line) => ({
      quantity: line.quantity,
      price_data: {
        currency: payment.amount.currency.toLowerCase(),
        unit_amount: line.unitMinor,
        product_data: { name: line.name },
      },
    })),
    metadata: metadataOf(payment),
    payment_intent_data: { description: request.title, metadata: metadataOf(payment) },
  };
}

function withParameter(returnUrl: string, outcome: "success" | "cancelled"): string {
  const url = new URL(returnUrl);
  url.searchParams.set("payment", outcome);
  return url.toString();
}

function moneyOf(amount: number, currency: string): Money {
  return { amount, currency: currency.toUpperCase() };
}

function failureOf(intent: Intent): string | null {
  return intent.last_payment_error?.decline_code ?? intent.last_payment_error?.code ?? null;
}

/** States of an intent, https://docs.stripe.com/payments/paymentintents/lifecycle. */
function intentState(status: string): ProviderPayment["state"] {
  if (status === "succeeded") return "paid";
  if (status === "canceled") return "cancelled";
  // We never ask for manual capture; if it is asked for at Stripe, the money has not arrived yet.
  if (status === "processing" || status === "requires_capture") return "processing";
  return "open";
}

function fromIntent(intent: Intent): ProviderPayment {
  const state = intentState(intent.status);
  return {
    state,
    intentId: intent.id,
    sessionId: null,
    amount: moneyOf(intent.amount, intent.currency),
    received: state === "paid" ? moneyOf(intent.amount_received ?? intent.amount, intent.currency) : null,
    orderId: intent.metadata?.foyer_order_id ?? null,
    paymentId: intent.metadata?.foyer_payment_id ?? null,
    checkoutUrl: null,
    clientSecret: state === "open" ? (intent.client_secret ?? null) : null,
    failureReason: failureOf(intent),
  };
}

function sessionState(session: Session, intent: Intent | null): ProviderPayment["state"] {
  // Money that has arrived has arrived, whatever the page says.
  if (intent !== null && intentState(intent.status) === "paid") return "paid";
  if (session.status === "expired") return "expired";
  if (session.status !== "complete") return "open";
  if (intent === null) return session.payment_status === "paid" ? "paid" : "processing";
  const state = intentState(intent.status);
  // The page is done with: an intent that asks for another method will not get one.
  return state === "open" ? "failed" : state;
}

function fromSession(session: Session, intent: Intent | null): ProviderPayment {
  const state = sessionState(session, intent);
  const currency = session.currency ?? intent?.currency ?? "";
  const total = session.amount_total ?? intent?.amount ?? 0;
  return {
    state,
    intentId: intent?.id ?? null,
    sessionId: session.id,
    amount: moneyOf(total, currency),
    received:
      state === "paid"
        ? moneyOf(intent?.amount_received ?? intent?.amount ?? total, intent?.currency ?? currency)
        : null,
    orderId: session.metadata?.foyer_order_id ?? null,
    paymentId: session.metadata?.foyer_payment_id ?? null,
    checkoutUrl: state === "open" ? (session.url ?? null) : null,
    clientSecret: null,
    failureReason: intent === null ? null : failureOf(intent),
  };
}

/** `requires_action` waits for the buyer; `canceled` and `failed` both leave the money where it was. */
function fromRefund(refund: RefundShape): ProviderRefund {
  const { status } = refund;
  const intent = refund.payment_intent;
  return {
    state: status === "succeeded" ? "succeeded" : status === "failed" || status === "canceled" ? "failed" : "pending",
    id: refund.id,
    intentId: typeof intent === "string" ? intent : (intent?.id ?? null),
    amount: moneyOf(refund.amount, refund.currency),
    refundId: refund.metadata?.foyer_refund_id ?? null,
    failureReason: refund.failure_reason ?? null,
  };
}
