import { createAuth } from "@foyer/auth/auth";
import type { AuthDeps } from "@foyer/auth/middleware";
import type { UsersRpc } from "@foyer/contracts/users/rpc";
import { type HealthReport, runHealthChecks } from "@foyer/http/health";
import { type Clock, dayMs, systemClock } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { forgetOldInbox } from "@foyer/messaging/consumer";
import { drainOutbox } from "@foyer/messaging/outbox-d1";
import { createLogger, type Logger } from "@foyer/telemetry/logger";
import { createMetrics, type Metrics } from "@foyer/telemetry/metrics";
import { type AddressKeys, createAddressKeys } from "./clients/address-keys.ts";
import { type AvailabilityCache, createAvailabilityCache } from "./clients/availability-cache.ts";
import { type BoxOffices, createBoxOffices } from "./clients/box-offices.ts";
import { createEventAccess, type EventAccess } from "./clients/event-access.ts";
import { createEventKeys, type EventKeys } from "./clients/event-keys.ts";
import { createSales, type Sales } from "./clients/sales.ts";
import type { Env } from "./env.ts";
import { queuesOf } from "./queues.ts";
import { createErasedPersonsRepository, type ErasedPersonsRepository } from "./repository/erased-persons.ts";
import { createOrdersRepository, type OrdersRepository } from "./repository/orders.ts";

/** Everything that the use-cases of bookings reach the world through. */
export interface Deps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly auth: AuthDeps;
  readonly users: Pick<UsersRpc, "authorize" | "getContacts" | "getErasure">;
  readonly offices: BoxOffices;
  readonly sales: Sales;
  readonly availability: AvailabilityCache;
  readonly keys: EventKeys;
  readonly access: EventAccess;
  readonly orders: OrdersRepository;
  readonly erasedPersons: ErasedPersonsRepository;
  readonly addressKeys: AddressKeys;
  readonly db: D1Database;
  /** Sends what the database's outbox holds; box offices have their own. */
  readonly drain: () => Promise<void>;
  /** Forgets what is too old to matter, a bounded slice of it. */
  readonly tidy: () => Promise<void>;
  readonly health: () => Promise<HealthReport>;
}

/** Queues deliver within four days; an older note cannot be needed. */
const inboxKeptMs = 7 * dayMs;

/** Turns bindings into dependencies; the only place that knows both. */
export function createDeps(env: Env): Deps {
  const clock = systemClock;
  const log = createLogger("bookings");
  const metrics = createMetrics(env.METRICS);
  const db = env.BOOKINGS_DB;
  const offices = createBoxOffices(env.BOX_OFFICE);
  const erasedPersons = createErasedPersonsRepository(db);
  return {
    clock,
    log,
    metrics,
    auth: createAuth(env.USERS, { issuer: env.TOKEN_ISSUER, audience: env.TOKEN_AUDIENCE }, clock),
    users: env.USERS,
    offices,
    sales: createSales(offices),
    availability: createAvailabilityCache(offices, clock),
    keys: createEventKeys(env.BOOKINGS_SECRET),
    access: createEventAccess(env.EVENT_ACCESS_SECRET, clock),
    orders: createOrdersRepository(db),
    erasedPersons,
    addressKeys: createAddressKeys(env.BOOKINGS_SECRET),
    db,
    drain: async () => {
      const { failed } = await drainOutbox({ db, queues: queuesOf(env), clock, log });
      if (failed > 0) metrics.count("outbox.failed", { worker: "bookings" }, failed);
    },
    tidy: async () => {
      const nowMs = clock.nowMs();
      await forgetOldInbox(db, nowMs - inboxKeptMs);
      await erasedPersons.forget(nowMs - limits.erasureWatchedDays * dayMs);
    },
    health: () =>
      runHealthChecks({
        database: () => db.prepare("SELECT 1").first(),
        // An object that was never prepared answers from an empty store, and writes nothing.
        objects: () => offices.run("evt_00000000000000000000000000", "getSale", {}, { requestId: "health" }),
      }),
  };
}
