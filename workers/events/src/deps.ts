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
import { type AccessGuard, createAccessGuard } from "./clients/access-guard.ts";
import { createCachePurger } from "./clients/cache-purger.ts";
import { createEventSecrets, type EventSecrets } from "./clients/event-secrets.ts";
import { createMediaAddresses, type MediaAddresses } from "./clients/media-addresses.ts";
import { createMediaStore, type MediaStore } from "./clients/media-store.ts";
import { createOrganizationLookup } from "./clients/organizations.ts";
import { createBookingsClient, createUsersClient } from "./clients/peers.ts";
import { createPictures, type Pictures } from "./clients/pictures.ts";
import type { Env } from "./env.ts";
import { type AccessAttemptRepository, createAccessAttemptRepository } from "./repository/access-attempts.ts";
import { type CachePurgeRepository, createCachePurgeRepository } from "./repository/cache-purges.ts";
import { type CategoryRepository, createCategoryRepository } from "./repository/categories.ts";
import { type ChangeRepository, createChangeRepository } from "./repository/changes.ts";
import { createDueEventRepository, type DueEventRepository } from "./repository/due-events.ts";
import { createEventRepository, type EventRepository } from "./repository/events.ts";
import { createGuestRepository, type GuestRepository } from "./repository/guests.ts";
import { createImportRepository, type ImportRepository } from "./repository/imports.ts";
import { createListRepository, type ListRepository } from "./repository/lists.ts";
import { createMediaRepository, type MediaRepository } from "./repository/media.ts";
import { createOrganizerRepository, type OrganizerRepository } from "./repository/organizers.ts";
import { createSeriesRepository, type SeriesRepository } from "./repository/series.ts";
import { createSeriesWorkRepository, type SeriesWorkRepository } from "./repository/series-work.ts";
import { createSitemapRepository, type SitemapRepository } from "./repository/sitemaps.ts";
import { createTagRepository, type TagRepository } from "./repository/tags.ts";
import { createUploadRepository, type UploadRepository } from "./repository/uploads.ts";
import { createVenueRepository, type VenueRepository } from "./repository/venues.ts";
import { createEventPageCache, type EventPageCache } from "./routes/event-page-cache.ts";
import { type CachePurger, purgeCaches } from "./service/purge-caches.ts";

const cloudflareApiUrl = "https://api.cloudflare.com/client/v4";

/** A queue keeps a message for four days at most; older notes of what was handled have nothing to guard. */
const inboxKeptMs = 7 * dayMs;

/** Everything that the use-cases of events reach the world through. */
export interface Deps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly auth: AuthDeps;
  readonly events: EventRepository;
  readonly due: DueEventRepository;
  readonly changes: ChangeRepository;
  readonly guests: GuestRepository;
  readonly accessAttempts: AccessAttemptRepository;
  readonly accessGuard: AccessGuard;
  readonly eventSecrets: EventSecrets;
  readonly findOrganization: ReturnType<typeof createOrganizationLookup>;
  readonly categories: CategoryRepository;
  readonly tags: TagRepository;
  readonly venues: VenueRepository;
  readonly media: MediaRepository;
  readonly lists: ListRepository;
  readonly cachePurges: CachePurgeRepository;
  /** Null where none is configured. */
  readonly purger: CachePurger | null;
  readonly sitemaps: SitemapRepository;
  readonly organizers: OrganizerRepository;
  readonly imports: ImportRepository;
  readonly uploads: UploadRepository;
  readonly mediaStore: MediaStore;
  readonly mediaAddresses: MediaAddresses;
  /** What the media of one organization may take up, in bytes. */
  readonly mediaQuotaBytes: number;
  readonly pictures: Pictures;
  readonly series: SeriesRepository;
  readonly seriesWork: SeriesWorkRepository;
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
  const cachePurges = createCachePurgeRepository(env.EVENTS_DB);
  const purger = createPurger(env, log);
  const users = createUsersClient(env.USERS, log);
  const guests = createGuestRepository(env.EVENTS_DB);
  const eventSecrets = createEventSecrets(env.EVENT_ACCESS_SECRET);
  const accessAttempts = createAccessAttemptRepository(env.EVENTS_DB);
  const queues = {
    search: env.QUEUE_SEARCH,
    bookings: env.QUEUE_BOOKINGS,
    users: env.QUEUE_USERS,
    notifications: env.QUEUE_NOTIFICATIONS,
    events: env.QUEUE_EVENTS,
  };
  const publicUrl = env.PUBLIC_URL.replace(/\/+$/, "");
  return {
    clock,
    log,
    auth: createAuth(env.USERS, { issuer: env.TOKEN_ISSUER, audience: env.TOKEN_AUDIENCE }, clock),
    events: createEventRepository(env.EVENTS_DB),
    due: createDueEventRepository(env.EVENTS_DB),
    changes: createChangeRepository(env.EVENTS_DB),
    guests,
    accessAttempts,
    accessGuard: createAccessGuard(accessAttempts, eventSecrets, clock),
    eventSecrets,
    findOrganization: createOrganizationLookup(users, clock),
    categories: createCategoryRepository(env.EVENTS_DB),
    tags: createTagRepository(env.EVENTS_DB),
    venues: createVenueRepository(env.EVENTS_DB),
    media: createMediaRepository(env.EVENTS_DB),
    lists: createListRepository(env.EVENTS_DB),
    cachePurges,
    purger,
    sitemaps: createSitemapRepository(env.EVENTS_DB),
    organizers: createOrganizerRepository(env.EVENTS_DB),
    imports: createImportRepository(env.EVENTS_DB),
    series: createSeriesRepository(env.EVENTS_DB),
    seriesWork: createSeriesWorkRepository(env.EVENTS_DB),
    users,
    uploads: createUploadRepository(env.EVENTS_DB),
    mediaStore: createMediaStore(env.MEDIA),
    mediaAddresses: createMediaAddresses(env.EVENT_ACCESS_SECRET, publicUrl, () => clock.nowMs()),
    mediaQuotaBytes: quotaFrom(env.MEDIA_QUOTA_BYTES),
    pictures: createPictures(env.IMAGES),
    bookings: createBookingsClient(env.BOOKINGS, log),
    pages: createEventPageCache(clock),
    idempotency: createD1IdempotencyStore(env.EVENTS_DB),
    consumer: { db: env.EVENTS_DB, clock, log, metrics },
    publicUrl,
    drain: async () => {
      const { failed } = await drainOutbox({ db: env.EVENTS_DB, queues, clock, log });
      if (failed > 0) metrics.count("outbox.failed", { worker: "events" }, failed);
      if (purger !== null) await purgeCaches({ cachePurges, purger, clock, log });
    },
    forgetOld: async () => {
      const nowMs = clock.nowMs();
      await forgetOldKeys(env.EVENTS_DB, nowMs - limits.idempotencyTtlSeconds * secondMs);
      await createImportRepository(env.EVENTS_DB).forgetOld(nowMs - limits.importKeptDays * dayMs);
      await forgetOldInbox(env.EVENTS_DB, nowMs - inboxKeptMs);
      await accessAttempts.forgetBefore(nowMs - dayMs);
      await guests.forgetPast(nowMs, limits.guestsKeptDays * dayMs);
    },
    health: () =>
      runHealthChecks({
        database: () => env.EVENTS_DB.prepare("SELECT 1").first(),
        bucket: () => env.MEDIA.head("health"),
      }),
  };
}

function createPurger({ CACHE_PURGE_ZONE: zone = "", CACHE_PURGE_TOKEN: token = "" }: Env, log: Logger) {
  if (zone === "" || token === "") return null;
  return createCachePurger({ apiUrl: cloudflareApiUrl, zone, token, log, fetch: (...call) => fetch(...call) });
}

/** A deployment's own quota; one that is no number is a mistake that must not go unseen. */
function quotaFrom(variable: string | undefined): number {
  if (variable === undefined || variable === "") return limits.mediaQuotaBytes;
  assert(/^\d{1,15}$/.test(variable), "MEDIA_QUOTA_BYTES is a whole number of bytes");
  return Number(variable);
}
