import { createAuth } from "@foyer/auth/auth";
import type { AuthDeps } from "@foyer/auth/middleware";
import { type HealthReport, runHealthChecks } from "@foyer/http/health";
import { type Clock, dayMs, systemClock } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { type ConsumerDeps, forgetOldInbox, type Handlers } from "@foyer/messaging/consumer";
import { createLogger } from "@foyer/telemetry/logger";
import { createMetrics } from "@foyer/telemetry/metrics";
import { chooseMailer } from "./clients/mailer.ts";
import { createPeers } from "./clients/peers.ts";
import { mailHandlers } from "./consumers/handlers.ts";
import type { Env } from "./env.ts";
import { createDeliveryRepository, forgetDeliveriesBeforeMs } from "./repository/deliveries.ts";
import type { DeliveryRepository } from "./service/ports.ts";

/** Everything that notifications reaches the world through. */
export interface Deps extends ConsumerDeps {
  readonly auth: AuthDeps;
  readonly deliveries: DeliveryRepository;
  readonly handlers: Handlers;
  readonly health: () => Promise<HealthReport>;
  /** Forgets what no queue can deliver again, and deliveries that nobody asks about any more. */
  readonly tidy: () => Promise<void>;
}

/** Turns bindings into dependencies; the only place that knows both. */
export function createDeps(env: Env, clock: Clock = systemClock): Deps {
  const log = createLogger("notifications");
  const metrics = createMetrics(env.METRICS);
  const db = env.NOTIFICATIONS_DB;
  const deliveries = createDeliveryRepository(db);
  const { mailer, fault } = chooseMailer(env, log);
  return {
    db,
    clock,
    log,
    metrics,
    deliveries,
    auth: createAuth(env.USERS, { issuer: env.TOKEN_ISSUER, audience: env.TOKEN_AUDIENCE }, clock),
    handlers: mailHandlers({
      ...createPeers(env),
      deliveries,
      mailer,
      clock,
      log,
      metrics,
      publicUrl: env.PUBLIC_URL,
    }),
    health: () =>
      runHealthChecks({
        database: () => db.prepare("SELECT 1").first(),
        mail: async () => {
          if (fault !== null) throw new Error(fault);
        },
      }),
    tidy: async () => {
      await forgetOldInbox(db, clock.nowMs() - limits.mailInboxKeepDays * dayMs);
      await deliveries.forget(forgetDeliveriesBeforeMs(clock.nowMs()));
    },
  };
}
