import { createAuth } from "@foyer/auth/auth";
import type { AuthDeps } from "@foyer/auth/middleware";
import type { UsersRpc } from "@foyer/contracts/users/rpc";
import { type HealthReport, runHealthChecks } from "@foyer/http/health";
import { type Clock, systemClock } from "@foyer/kernel/clock";
import { createLogger, type Logger } from "@foyer/telemetry/logger";
import { createMetrics, type Metrics } from "@foyer/telemetry/metrics";
import { type AvailabilityCache, createAvailabilityCache } from "./clients/availability-cache.ts";
import { type BoxOffices, createBoxOffices } from "./clients/box-offices.ts";
import { createEventKeys, type EventKeys } from "./clients/event-keys.ts";
import { createSales, type Sales } from "./clients/sales.ts";
import type { Env } from "./env.ts";
import { createOrdersRepository, type OrdersRepository } from "./repository/orders.ts";

/** Everything that the use-cases of bookings reach the world through. */
export interface Deps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly auth: AuthDeps;
  readonly users: Pick<UsersRpc, "authorize">;
  readonly offices: BoxOffices;
  readonly sales: Sales;
  readonly availability: AvailabilityCache;
  readonly keys: EventKeys;
  readonly orders: OrdersRepository;
  readonly db: D1Database;
  readonly health: () => Promise<HealthReport>;
}

/** Turns bindings into dependencies; the only place that knows both. */
export function createDeps(env: Env): Deps {
  const clock = systemClock;
  const offices = createBoxOffices(env.BOX_OFFICE);
  return {
    clock,
    log: createLogger("bookings"),
    metrics: createMetrics(env.METRICS),
    auth: createAuth(env.USERS, { issuer: env.TOKEN_ISSUER, audience: env.TOKEN_AUDIENCE }, clock),
    users: env.USERS,
    offices,
    sales: createSales(offices),
    availability: createAvailabilityCache(offices, clock),
    keys: createEventKeys(env.BOOKINGS_SECRET),
    orders: createOrdersRepository(env.BOOKINGS_DB),
    db: env.BOOKINGS_DB,
    health: () =>
      runHealthChecks({
        database: () => env.BOOKINGS_DB.prepare("SELECT 1").first(),
        // An object that was never prepared answers from an empty store, and writes nothing.
        objects: () => offices.run("evt_00000000000000000000000000", "getSale", {}, { requestId: "health" }),
      }),
  };
}
