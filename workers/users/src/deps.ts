import { type HealthReport, runHealthChecks } from "@foyer/http/health";
import { type Clock, systemClock } from "@foyer/kernel/clock";
import { drainOutbox } from "@foyer/messaging/outbox-d1";
import { createLogger, type Logger } from "@foyer/telemetry/logger";
import type { Env } from "./env.ts";

/** Everything that the use-cases of users reach the world through. */
export interface Deps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly drain: () => Promise<void>;
  readonly health: () => Promise<HealthReport>;
}

/** Turns bindings into dependencies; the only place that knows both. */
export function createDeps(env: Env): Deps {
  const clock = systemClock;
  const log = createLogger("users");
  const queues = { notifications: env.QUEUE_NOTIFICATIONS, analytics: env.QUEUE_ANALYTICS };
  return {
    clock,
    log,
    drain: async () => {
      await drainOutbox({ db: env.USERS_DB, queues, clock, log });
    },
    health: () => runHealthChecks({ database: () => env.USERS_DB.prepare("SELECT 1").first() }),
  };
}
