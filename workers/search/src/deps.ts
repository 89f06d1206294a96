import { createAuth } from "@foyer/auth/auth";
import type { AuthDeps } from "@foyer/auth/middleware";
import type { SearchFacets, SearchPage, Suggestion } from "@foyer/contracts/search/api";
import { type HealthReport, runHealthChecks } from "@foyer/http/health";
import { dayMs, systemClock } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { type ConsumerDeps, forgetOldInbox, type Handlers } from "@foyer/messaging/consumer";
import { createLogger } from "@foyer/telemetry/logger";
import { createMetrics } from "@foyer/telemetry/metrics";
import { createHandlers } from "./consumers/messages.ts";
import { createTimedCache, type TimedCache } from "./domain/timed-cache.ts";
import type { Env } from "./env.ts";
import { finishPast, forgetUnusedWords } from "./repository/documents.ts";
import { createSearchIndex } from "./repository/search-index.ts";
import type { SearchDeps } from "./service/search-events.ts";

/** A queue keeps a message for four days at most; older notes of what was handled have nothing to guard. */
const inboxKeptMs = 7 * dayMs;

/** Everything that the use-cases of search reach the world through. */
export interface Deps extends AuthDeps, SearchDeps {
  readonly suggestions: TimedCache<Suggestion[]>;
  readonly consumer: ConsumerDeps;
  readonly handlers: Handlers;
  readonly health: () => Promise<HealthReport>;
  /** What cron does: forget old notes and words, mark events that are over. */
  readonly tidy: () => Promise<void>;
}

/** Turns bindings into dependencies; the only place that knows both. */
export function createDeps(env: Env): Deps {
  const clock = systemClock;
  const log = createLogger("search");
  const db = env.SEARCH_DB;
  const entriesMax = limits.searchCacheEntriesMax;
  return {
    ...createAuth(env.USERS, { issuer: env.TOKEN_ISSUER, audience: env.TOKEN_AUDIENCE }, clock),
    index: createSearchIndex(db),
    pages: createTimedCache<SearchPage>({ ttlMs: limits.searchCacheMs, entriesMax }),
    facets: createTimedCache<SearchFacets>({ ttlMs: limits.facetCacheMs, entriesMax }),
    suggestions: createTimedCache<Suggestion[]>({ ttlMs: limits.searchCacheMs, entriesMax }),
    consumer: { db, clock, log, metrics: createMetrics(env.METRICS) },
    handlers: createHandlers(db),
    health: () => runHealthChecks({ database: () => db.prepare("SELECT 1").first() }),
    tidy: async () => {
      const nowMs = clock.nowMs();
      await finishPast(db, nowMs);
      await forgetUnusedWords(db);
      await forgetOldInbox(db, nowMs - inboxKeptMs);
    },
  };
}
