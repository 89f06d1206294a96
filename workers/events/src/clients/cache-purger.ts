import { limits } from "@foyer/kernel/limits";
import { describeError, type Logger } from "@foyer/telemetry/logger";
import type { CachePurger } from "../service/purge-caches.ts";

export interface CachePurgerOptions {
  /** Origin and version of Cloudflare's API, without a slash at the end. */
  readonly apiUrl: string;
  readonly zone: string;
  /** An API token with the permission Cache Purge on that zone. */
  readonly token: string;
  readonly log: Logger;
  readonly fetch: typeof fetch;
}

/**
 * Cloudflare's purge by tag (https://developers.cloudflare.com/cache/how-to/purge-cache/purge-by-tags/). To purge twice does no harm, so whatever is
 * no clear success counts as a failure.
 */
export function createCachePurger({ apiUrl, zone, token, log, fetch }: CachePurgerOptions): CachePurger {
  return {
    async purge(tags) {
      try {
        const response = await fetch(`${apiUrl}/zones/${encodeURIComponent(zone)}/purge_cache`, {
          method: "POST",
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          body: JSON.stringify({ tags }),
          signal: AbortSignal.timeout(limits.outsideCallTimeoutMs),
        });
        // What it answers is of no use beyond its status, and a body that nobody reads keeps the connection.
        await response.body?.cancel();
        if (!response.ok) log.error("cache not purged", { status: response.status, count: tags.length });
        return response.ok;
      } catch (thrown) {
        log.error("cache not purged", { count: tags.length, ...describeError(thrown) });
        return false;
      }
    },
  };
}
