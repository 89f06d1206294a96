import { etagOf, isNotModified } from "@foyer/http/etag";
import { requestIdFrom } from "@foyer/http/request-id";
import type { Clock } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";

/** An event's public page, ready to be sent. */
export interface EventPage {
  readonly body: Uint8Array;
  readonly etag: string;
  readonly cacheControl: string;
  readonly cacheTag: string;
}

interface Kept extends EventPage {
  readonly freshUntilMs: number;
}

/** How long a caller waits for another request's read before it reads for itself: that request may have been cut off. */
const sharedReadPatienceMs = 500;
const prefix = "/v1/events/";

/** Makes a page from its JSON value. */
export function toEventPage(
  value: object,
  version: number,
  caching: Pick<EventPage, "cacheControl" | "cacheTag">,
): EventPage {
  return { body: new TextEncoder().encode(JSON.stringify(value)), etag: etagOf(version), ...caching };
}

/** Answers with a page, or 304 where the caller has it already. */
export function pageResponse(page: EventPage, request: Request): Response {
  const headers = {
    "content-type": "application/json",
    etag: page.etag,
    "cache-control": page.cacheControl,
    "cache-tag": page.cacheTag,
    vary: "authorization",
    "x-request-id": requestIdFrom(request.headers.get("x-request-id")),
  };
  const known = request.headers.get("if-none-match");
  if (known !== null && isNotModified(known, page.etag)) return new Response(null, { status: 304, headers });
  return new Response(page.body, { headers });
}

/**
 * Public event pages of this isolate, kept for {@link limits.eventPageFreshMs} so that a rush on one page is one database
 * read a second. Only what anyone may read is kept, and what is absent is not, so that made-up addresses displace nothing.
 */
export function createEventPageCache(clock: Clock) {
  const kept = new Map<string, Kept>();
  const reading = new Map<string, Promise<EventPage | null>>();
  let bytes = 0;
  /** Grows with every write of this isolate; a read that began before one is not kept. */
  let writes = 0;

  function drop(key: string): void {
    const page = kept.get(key);
    if (page === undefined) return;
    bytes -= page.body.byteLength;
    kept.delete(key);
  }

  function keep(key: string, page: EventPage): void {
    drop(key);
    if (page.body.byteLength > limits.eventPagesCachedBytesMax) return;
    kept.set(key, { ...page, freshUntilMs: clock.nowMs() + limits.eventPageFreshMs });
    bytes += page.body.byteLength;
    while (kept.size > limits.eventPagesCachedMax || bytes > limits.eventPagesCachedBytesMax) {
      const oldest = kept.keys().next();
      if (oldest.done === true) break;
      drop(oldest.value);
    }
  }

  function fresh(key: string): EventPage | null {
    const page = kept.get(key);
    if (page === undefined) return null;
    if (page.freshUntilMs > clock.nowMs()) return page;
    drop(key);
    return null;
  }

  async function read(key: string, load: () => Promise<EventPage | null>): Promise<EventPage | null> {
    const began = writes;
    const page = await load();
    if (page !== null && began === writes) keep(key, page);
    return page;
  }

  return {
    /** The answer to a plain anonymous GET of a page that is at hand; null for everything else. Runs before the router. */
    match(request: Request): Response | null {
      if (request.method !== "GET" || request.headers.has("authorization")) return null;
      const { url } = request;
      const start = url.indexOf("/", url.indexOf("//") + 2);
      if (start === -1 || !url.startsWith(prefix, start)) return null;
      const page = fresh(url.slice(start + prefix.length));
      return page === null ? null : pageResponse(page, request);
    },

    /**
     * A page from the cache, from a read that is under way, or from `load`. `outlive` keeps the read alive when its own
     * caller hangs up, since others may be waiting for it.
     */
    async get(
      key: string,
      load: () => Promise<EventPage | null>,
      outlive: (work: Promise<unknown>) => void,
    ): Promise<EventPage | null> {
      const page = fresh(key);
      if (page !== null) return page;
      const shared = reading.get(key);
      if (shared !== undefined) {
        const answer = await withPatience(shared);
        if (answer !== undefined) return answer;
        return read(key, load);
      }
      const mine = read(key, load);
      reading.set(key, mine);
      const settled = mine
        .catch(() => null)
        .finally(() => {
          if (reading.get(key) === mine) reading.delete(key);
        });
      outlive(settled);
      return mine;
    },

    /** Forgets an event's page after a write, under both its addresses; reads under way are not kept. */
    forget(event: { readonly id: string; readonly slug: string }): void {
      writes += 1;
      for (const key of [event.id, event.slug]) {
        drop(key);
        reading.delete(key);
      }
    },

    /** Pages at hand, and their bytes. */
    size: () => ({ pages: kept.size, bytes }),
  };
}

export type EventPageCache = ReturnType<typeof createEventPageCache>;

/** Another request's read, or undefined where it failed or does not come. */
async function withPatience(shared: Promise<EventPage | null>): Promise<EventPage | null | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), sharedReadPatienceMs);
  });
  try {
    return await Promise.race([shared, late]);
  } catch {
    return undefined; // the reader has reported its failure; this caller reads for itself
  } finally {
    clearTimeout(timer);
  }
}
