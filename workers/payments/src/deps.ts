import { createAuth } from "@foyer/auth/auth";
import type { AuthDeps } from "@foyer/auth/middleware";
import { type HealthReport, runHealthChecks } from "@foyer/http/health";
import type { IdempotencyStore } from "@foyer/http/idempotency";
import { createD1IdempotencyStore, forgetOldKeys } from "@foyer/http/idempotency-d1";
import { type Clock, dayMs, secondMs, systemClock } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { forgetOldInbox } from "@foyer/messaging/consumer";
import { drainOutbox } from "@foyer/messaging/outbox-d1";
import { createLogger, type Logger } from "@foyer/telemetry/logger";
import { createMetrics, type Metrics } from "@foyer/telemetry/metrics";
import { createBookings, createUsers } from "./clients/peers.ts";
import { createStripeProvider } from "./clients/stripe.ts";
import type { Env } from "./env.ts";
import { createForgottenOrdersRepository, type ForgottenOrdersRepository } from "./repository/forgotten-orders.ts";
import { createPaymentRepository, type PaymentRepository } from "./repository/payments.ts";
import { createProviderEventRepository, type ProviderEventRepository } from "./repository/provider-events.ts";
import { createRefundRepository, type RefundRepository } from "./repository/refunds.ts";
import { createReviewCaseRepository, type ReviewCaseRepository } from "./repository/review-cases.ts";
import type { Bookings, PaymentProvider, Users } from "./service/ports.ts";

/** Everything that the use-cases of payments reach the world through. */
export interface Deps {
  readonly db: D1Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly provider: PaymentProvider;
  readonly bookings: Bookings;
  readonly users: Users;
  readonly payments: PaymentRepository;
  readonly refunds: RefundRepository;
  readonly providerEvents: ProviderEventRepository;
  readonly forgottenOrders: ForgottenOrdersRepository;
  readonly reviewCases: ReviewCaseRepository;
  /** For the middleware that reads credentials. */
  readonly auth: AuthDeps;
  readonly idempotency: IdempotencyStore;
  /** Sends what the outbox holds. */
  readonly drain: () => Promise<void>;
  /** Forgets what is too old to matter, a bounded slice of it. */
  readonly tidy: () => Promise<void>;
  readonly health: () => Promise<HealthReport>;
}

/** Turns bindings into dependencies; the only place that knows both. */
export function createDeps(env: Env, clock: Clock = systemClock): Deps {
  const log = createLogger("payments");
  const db = env.PAYMENTS_DB;
  const providerEvents = createProviderEventRepository(db);
  return {
    db,
    clock,
    log,
    metrics: createMetrics(env.METRICS),
    provider: createStripeProvider({
      apiUrl: env.STRIPE_API_URL,
      secretKey: env.STRIPE_SECRET_KEY,
      webhookSecrets: env.STRIPE_WEBHOOK_SECRET.split(",")
        .map((secret) => secret.trim())
        .filter((secret) => secret !== ""),
      timeoutMs: Number(env.STRIPE_TIMEOUT_MS ?? limits.outsideCallTimeoutMs),
      log,
    }),
    bookings: createBookings(env.BOOKINGS, log),
    users: createUsers(env.USERS, log),
    payments: createPaymentRepository(db),
    refunds: createRefundRepository(db),
    providerEvents,
    forgottenOrders: createForgottenOrdersRepository(db),
    reviewCases: createReviewCaseRepository(db),
    auth: createAuth(env.USERS, { issuer: env.TOKEN_ISSUER, audience: env.TOKEN_AUDIENCE }, clock),
    idempotency: createD1IdempotencyStore(db),
    drain: async () => {
      await drainOutbox({ db, queues: { users: env.QUEUE_USERS, analytics: env.QUEUE_ANALYTICS }, clock, log });
    },
    tidy: async () => {
      const nowMs = clock.nowMs();
      await forgetOldKeys(db, nowMs - limits.idempotencyTtlSeconds * secondMs);
      const retainedFromMs = nowMs - limits.providerEventRetentionDays * dayMs;
      await forgetOldInbox(db, retainedFromMs);
      await providerEvents.forgetOld(retainedFromMs);
    },
    health: () => runHealthChecks({ database: () => db.prepare("SELECT 1").first() }),
  };
}
