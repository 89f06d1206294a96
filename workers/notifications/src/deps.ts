import { createAuth } from "@foyer/auth/auth";
import type { AuthDeps } from "@foyer/auth/middleware";
import { type HealthReport, runHealthChecks } from "@foyer/http/health";
import { type Clock, dayMs, systemClock } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { type ConsumerDeps, forgetOldInbox, type Handlers } from "@foyer/messaging/consumer";
import { drainOutbox } from "@foyer/messaging/outbox-d1";
import { createLogger } from "@foyer/telemetry/logger";
import { createMetrics } from "@foyer/telemetry/metrics";
import { chooseMailer } from "./clients/mailer.ts";
import { createPeers } from "./clients/peers.ts";
import { notificationsHandlers } from "./consumers/handlers.ts";
import type { Env } from "./env.ts";
import { createDeliveryRepository, forgetDeliveriesBeforeMs } from "./repository/deliveries.ts";
import type { DeliveryRepository, Users } from "./service/ports.ts";

/** Everything that notifications reaches the world through. */
export interface Deps extends ConsumerDeps {
  readonly auth: AuthDeps;
  readonly deliveries: DeliveryRepository;
  readonly users: Users;
  readonly handlers: Handlers;
  readonly health: () => Promise<HealthReport>;
  /** Sends what the outbox holds. */
  readonly drain: () => Promise<void>;
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
  const peers = createPeers(env);
  return {
    db,
    clock,
    log,
    metrics,
    deliveries,
    users: peers.users,
    auth: createAuth(env.USERS, { issuer: env.TOKEN_ISSUER, audience: env.TOKEN_AUDIENCE }, clock),
    handlers: notificationsHandlers({
      ...peers,
      db,
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
    drain: async () => {
      const { failed } = await drainOutbox({ db, queues: { users: env.QUEUE_USERS }, clock, log });
      if (failed > 0) metrics.count("outbox.failed", { worker: "notifications" }, failed);
    },
    tidy: async () => {
      await forgetOldInbox(db, clock.nowMs() - limits.mailInboxKeepDays * dayMs);
      await deliveries.forget(forgetDeliveriesBeforeMs(clock.nowMs()));
    },
  };
}
