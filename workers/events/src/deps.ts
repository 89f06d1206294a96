import { createAuth } from "@foyer/auth/auth";
import type { AuthDeps } from "@foyer/auth/middleware";
import { type HealthReport, runHealthChecks } from "@foyer/http/health";
import type { IdempotencyStore } from "@foyer/http/idempotency";
import { createD1IdempotencyStore, forgetOldKeys } from "@foyer/http/idempotency-d1";
import { assert } from "@foyer/kernel/assert";
import { type Clock, dayMs, secondMs, systemClock } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { type ConsumerDeps, forgetOldInbox } from "@foyer/messaging/consumer";
import { drainOutbox } from "@foyer/messaging/outbox-d1";
import { createLogger, type Logger } from "@foyer/telemetry/logger";
import { createMetrics } from "@foyer/telemetry/metrics";
import { createMediaAddresses, type MediaAddresses } from "./clients/media-addresses.ts";
import { createMediaStore, type MediaStore } from "./clients/media-store.ts";
import { createBookingsClient, createUsersClient } from "./clients/peers.ts";
import { createPictures, type Pictures } from "./clients/pictures.ts";
import type { Env } from "./env.ts";
import { type CategoryRepository, createCategoryRepository } from "./repository/categories.ts";
import { createEventRepository, type EventRepository } from "./repository/events.ts";
import { createMediaRepository, type MediaRepository } from "./repository/media.ts";
import { createUploadRepository, type UploadRepository } from "./repository/uploads.ts";
import { createEventPageCache, type EventPageCache } from "./routes/event-page-cache.ts";

/** A queue keeps a message for four days at most; older notes of what was handled have nothing to guard. */
const inboxKeptMs = 7 * dayMs;

/** Everything that the use-cases of events reach the world through. */
export interface Deps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly auth: AuthDeps;
  readonly events: EventRepository;
  readonly categories: CategoryRepository;
  readonly media: MediaRepository;
  readonly uploads: UploadRepository;
  readonly mediaStore: MediaStore;
  readonly mediaAddresses: MediaAddresses;
  /** What the media of one organization may take up, in bytes. */
  readonly mediaQuotaBytes: number;
  readonly pictures: Pictures;
  readonly users: ReturnType<typeof createUsersClient>;
  readonly bookings: ReturnType<typeof createBookingsClient>;
  readonly pages: EventPageCache;
  readonly idempotency: IdempotencyStore;
  /** For what runs the handlers of messages. */
  readonly consumer: ConsumerDeps;
  /** Where the platform is reached from outside, without a trailing slash. */
  readonly publicUrl: string;
  readonly drain: () => Promise<void>;
  /** Forgets idempotency keys, and notes of handled messages, that are past their time. */
  readonly forgetOld: () => Promise<void>;
  readonly health: () => Promise<HealthReport>;
}

/** Turns bindings into dependencies; the only place that knows both. */
export function createDeps(env: Env): Deps {
  const clock = systemClock;
  const log = createLogger("events");
  const metrics = createMetrics(env.METRICS);
  const publicUrl = env.PUBLIC_URL.replace(/\/+$/, "");
  const queues = { search: env.QUEUE_SEARCH, bookings: env.QUEUE_BOOKINGS, users: env.QUEUE_USERS };
  return {
    clock,
    log,
    auth: createAuth(env.USERS, { issuer: env.TOKEN_ISSUER, audience: env.TOKEN_AUDIENCE }, clock),
    events: createEventRepository(env.EVENTS_DB),
    categories: createCategoryRepository(env.EVENTS_DB),
    media: createMediaRepository(env.EVENTS_DB),
    uploads: createUploadRepository(env.EVENTS_DB),
    mediaStore: createMediaStore(env.MEDIA),
    mediaAddresses: createMediaAddresses(env.EVENT_ACCESS_SECRET, publicUrl, () => clock.nowMs()),
    mediaQuotaBytes: quotaFrom(env.MEDIA_QUOTA_BYTES),
    pictures: createPictures(env.IMAGES),
    users: createUsersClient(env.USERS, log),
    bookings: createBookingsClient(env.BOOKINGS, log),
    pages: createEventPageCache(clock),
    idempotency: createD1IdempotencyStore(env.EVENTS_DB),
    consumer: { db: env.EVENTS_DB, clock, log, metrics },
    publicUrl,
    drain: async () => {
      const { failed } = await drainOutbox({ db: env.EVENTS_DB, queues, clock, log });
      if (failed > 0) metrics.count("outbox.failed", { worker: "events" }, failed);
    },
    forgetOld: async () => {
      const nowMs = clock.nowMs();
      await forgetOldKeys(env.EVENTS_DB, nowMs - limits.idempotencyTtlSeconds * secondMs);
      await forgetOldInbox(env.EVENTS_DB, nowMs - inboxKeptMs);
    },
    health: () =>
      runHealthChecks({
        database: () => env.EVENTS_DB.prepare("SELECT 1").first(),
        bucket: () => env.MEDIA.head("health"),
      }),
  };
}

/** A deployment's own quota; one that is no number is a mistake that must not go unseen. */
function quotaFrom(variable: string | undefined): number {
  if (variable === undefined || variable === "") return limits.mediaQuotaBytes;
  assert(/^\d{1,15}$/.test(variable), "MEDIA_QUOTA_BYTES is a whole number of bytes");
  return Number(variable);
}
