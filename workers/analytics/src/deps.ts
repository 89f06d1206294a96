import { createAuth } from "@foyer/auth/auth";
import type { AuthDeps } from "@foyer/auth/middleware";
import { type HealthReport, runHealthChecks } from "@foyer/http/health";
import { dayMs, systemClock } from "@foyer/kernel/clock";
import { type ConsumerDeps, forgetOldInbox, type Handlers } from "@foyer/messaging/consumer";
import { createLogger } from "@foyer/telemetry/logger";
import { createMetrics } from "@foyer/telemetry/metrics";
import { createPeers } from "./clients/peers.ts";
import { createViewQueue } from "./clients/view-queue.ts";
import { createHandlers } from "./consumers/messages.ts";
import type { Env } from "./env.ts";
import { forgetOldFacts } from "./repository/facts.ts";
import { createFigures } from "./repository/figures.ts";
import type { Figures, Peers } from "./service/ports.ts";
import type { TrackDeps } from "./service/track-views.ts";

/** A queue keeps a message for four days at most; older notes and views have nothing to guard. */
const keptMs = 7 * dayMs;
/** A minute of a rush leaves more notes than one call forgets. */
const inboxRoundsMax = 10;

/** Everything that the use-cases of analytics reach the world through. */
export interface Deps extends AuthDeps, TrackDeps {
  readonly figures: Figures;
  readonly peers: Peers;
  readonly consumer: ConsumerDeps;
  readonly handlers: Handlers;
  readonly health: () => Promise<HealthReport>;
  /** What cron does: forget old notes and single views. */
  readonly tidy: () => Promise<void>;
}

/** Turns bindings into dependencies; the only place that knows both. */
export function createDeps(env: Env): Deps {
  const clock = systemClock;
  const log = createLogger("analytics");
  const db = env.ANALYTICS_DB;
  return {
    ...createAuth(env.USERS, { issuer: env.TOKEN_ISSUER, audience: env.TOKEN_AUDIENCE }, clock),
    figures: createFigures(db),
    peers: createPeers({ users: env.USERS, events: env.EVENTS }, log),
    views: createViewQueue(env.QUEUE_ANALYTICS, log),
    visitorSalt: env.ANALYTICS_SALT,
    consumer: { db, clock, log, metrics: createMetrics(env.METRICS) },
    handlers: createHandlers(db, clock),
    health: () => runHealthChecks({ database: () => db.prepare("SELECT 1").first() }),
    tidy: async () => {
      const beforeMs = clock.nowMs() - keptMs;
      await forgetOldFacts(db, beforeMs);
      for (let round = 0; round < inboxRoundsMax; round += 1) {
        if ((await forgetOldInbox(db, beforeMs)) < 1_000) break;
      }
    },
  };
}
