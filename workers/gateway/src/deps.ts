import { type Clock, systemClock } from "@foyer/kernel/clock";
import { createLogger, type Logger } from "@foyer/telemetry/logger";
import { parseAllowedOrigins } from "./domain/cors.ts";
import { createEdgeCache, type EdgeCache } from "./domain/edge-cache.ts";
import { parseRateLimits, type RateLimitName, type RateLimitPolicies } from "./domain/rate-limits.ts";
import type { WorkerBinding } from "./domain/routes.ts";
import { createSoldOutFlags, type SoldOutFlags } from "./domain/sold-out.ts";
import type { Env } from "./env.ts";

/** Something that answers requests: a worker behind a service binding. */
export interface Upstream {
  fetch(request: Request): Promise<Response>;
}

/** Counts one request of a client; `success` is false once the client has had its share. */
export interface RateLimiter {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** Everything that the gateway reaches the world through. */
export interface Deps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly workers: Readonly<Record<WorkerBinding, Upstream>>;
  readonly allowedOrigins: ReadonlySet<string>;
  /** Null where limits are switched off. */
  readonly rateLimits: RateLimitPolicies | null;
  readonly limiters: Readonly<Record<RateLimitName, RateLimiter>>;
  readonly soldOut: SoldOutFlags;
  readonly edge: EdgeCache;
}

/** Turns bindings into dependencies; the only place that knows both. */
export function createDeps(env: Env): Deps {
  return {
    clock: systemClock,
    log: createLogger("gateway"),
    workers: env,
    allowedOrigins: parseAllowedOrigins(env.ALLOWED_ORIGINS),
    rateLimits: parseRateLimits(env.RATE_LIMITS),
    limiters: { default: env.RATE_LIMIT, auth: env.AUTH_RATE_LIMIT },
    soldOut: createSoldOutFlags(),
    edge: createEdgeCache(),
  };
}
