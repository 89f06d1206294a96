import { etagOf, isNotModified } from "@foyer/http/etag";
import { requestIdFrom } from "@foyer/http/request-id";
import type { Clock } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { negotiateLocale } from "@foyer/kernel/locales";
import type { Failure } from "@foyer/kernel/result";

/** An event's public page in all its languages. Each is written when it is first asked for. */
export interface EventPage {
  readonly eventId: string;
  readonly version: number;
  readonly cacheControl: string;
  readonly cacheTag: string;
  /** The languages that it can be had in. */
  readonly locales: readonly string[];
  /** The one for whoever wants none of them. */
  readonly fallback: string;
  /** `Link` header. */
  readonly link: string;
  readonly render: (locale: string) => object;
  readonly bodies: Map<string, Uint8Array>;
}

/** What a public read comes to. Only pages are kept. */
export type PageAnswer =
  | { readonly kind: "page"; readonly page: EventPage }
  /** It is elsewhere now. */
  | { readonly kind: "moved"; readonly path: string; readonly cacheControl: string }
  | { readonly kind: "refused"; readonly failure: Failure };

interface Kept {
  readonly page: EventPage;
  readonly freshUntilMs: number;
  bytes: number;
}

const encoder = new TextEncoder();
/** How long a caller waits for another request's read before it reads for itself: that request may have been cut off. */
const sharedReadPatienceMs = 500;

/** A page that has not been written in any language yet. */
export function toEventPage(page: Omit<EventPage, "bodies">): EventPage {
  return { ...page, bodies: new Map() };
}

/** The validator of an event in one of its languages; where there is only one, the version alone. */
export function languageEtag(version: number, locale: string, locales: readonly string[]): string {
  return etagOf(locales.length > 1 ? `${version}-${locale}` : version);
}

/** What an answer about an event depends on beside its address. Only those in several languages vary by language. */
export function varyOf(locales: readonly string[]): string {
  return locales.length > 1 ? "authorization, accept-language" : "authorization";
}

/** Answers with a page in a language, or 304 where the caller has it already. `locale` is asked for by name, and comes before the browser's wish. */
export function pageResponse(page: EventPage, request: Request, locale?: string): Response {
  const { locales, fallback } = page;
  const wanted = locale ?? request.headers.get("accept-language") ?? undefined;
  const language = locales.length > 1 ? negotiateLocale(wanted, locales, fallback) : fallback;
  const etag = languageEtag(page.version, language, locales);
  const headers = {
    "content-type": "application/json",
    "content-language": language,
    etag,
    link: page.link,
    "cache-control": page.cacheControl,
    "cache-tag": page.cacheTag,
    vary: varyOf(locales),
    "x-request-id": requestIdFrom(request.headers.get("x-request-id")),
  };
  const known = request.headers.get("if-none-match");
  if (known !== null && isNotModified(known, etag)) return new Response(null, { status: 304, headers });
  return new Response(bodyIn(page, language), { headers });
}

function bodyIn(page: EventPage, language: string): Uint8Array {
  const written = page.bodies.get(language);
  if (written !== undefined) return written;
  const body = encoder.encode(JSON.stringify(page.render(language)));
  page.bodies.set(language, body);
  return body;
}

/**
 * Public event pages of this isolate by path, kept for {@link limits.eventPageFreshMs} so that a rush on one page is one database read a second. Only
 * what anyone may read is kept, and what is absent is not, so that made-up addresses displace nothing.
 */
export function createEventPageCache(clock: Clock) {
  const kept = new Map<string, Kept>();
  const pathsOf = new Map<string, Set<string>>();
  const reading = new Map<string, Promise<PageAnswer>>();
  let bytes = 0;
  /** Grows with every write of this isolate; a read that began before one is not kept. */
  let writes = 0;

  function drop(path: string): void {
    const known = kept.get(path);
    if (known === undefined) return;
    bytes -= known.bytes;
    kept.delete(path);
    const paths = pathsOf.get(known.page.eventId);
    paths?.delete(path);
    if (paths?.size === 0) pathsOf.delete(known.page.eventId);
  }

  function keep(path: string, page: EventPage): void {
    drop(path);
    kept.set(path, { page, freshUntilMs: clock.nowMs() + limits.eventPageFreshMs, bytes: 0 });
    pathsOf.set(page.eventId, (pathsOf.get(page.eventId) ?? new Set()).add(path));
    makeRoom();
  }

  function makeRoom(): void {
    while (kept.size > limits.eventPagesCachedMax || bytes > limits.eventPagesCachedBytesMax) {
      const oldest = kept.keys().next();
      if (oldest.done === true) break;
      drop(oldest.value);
    }
  }

  /** Answers with a page, and counts what was written for that where it is kept. */
  function respond(path: string, page: EventPage, request: Request, locale?: string): Response {
    const response = pageResponse(page, request, locale);
    const known = kept.get(path);
    if (known?.page !== page) return response;
    let size = 0;
    for (const body of page.bodies.values()) size += body.byteLength;
    bytes += size - known.bytes;
    known.bytes = size;
    if (size > limits.eventPagesCachedBytesMax) drop(path);
    makeRoom();
    return response;
  }

  function fresh(path: string): EventPage | null {
    const known = kept.get(path);
    if (known === undefined) return null;
    if (known.freshUntilMs > clock.nowMs()) return known.page;
    drop(path);
    return null;
  }

  async function read(path: string, load: () => Promise<PageAnswer>): Promise<PageAnswer> {
    const began = writes;
    const answer = await load();
    if (answer.kind === "page" && began === writes) keep(path, answer.page);
    return answer;
  }

  return {
    respond,

    /** The answer to a plain anonymous GET of a page that is at hand; null for everything else. Runs before the router. */
    match(request: Request): Response | null {
      if (request.method !== "GET" || request.headers.has("authorization")) return null;
      const { url } = request;
      const start = url.indexOf("/", url.indexOf("//") + 2);
      if (start === -1) return null;
      const path = url.slice(start);
      const page = fresh(path);
      return page === null ? null : respond(path, page, request);
    },

    /**
     * What a path comes to: from the cache, from a read that is under way, or from `load`. `outlive` keeps the read alive when its own
     * caller hangs up, since others may be waiting for it.
     */
    async get(
      path: string,
      load: () => Promise<PageAnswer>,
      outlive: (work: Promise<unknown>) => void,
    ): Promise<PageAnswer> {
      const page = fresh(path);
      if (page !== null) return { kind: "page", page };
      const shared = reading.get(path);
      if (shared !== undefined) {
        const answer = await withPatience(shared);
        if (answer !== undefined) return answer;
        return read(path, load);
      }
      const mine = read(path, load);
      reading.set(path, mine);
      const settled = mine
        .catch(() => null)
        .finally(() => {
          if (reading.get(path) === mine) reading.delete(path);
        });
      outlive(settled);
      return mine;
    },

    /** Forgets an event's page after a write, under all its addresses; reads under way are neither kept nor waited for. */
    forget(event: { readonly id: string }): void {
      writes += 1;
      for (const path of [...(pathsOf.get(event.id) ?? [])]) drop(path);
      reading.clear();
    },

    /** Pages at hand, and the bytes that were written for them. */
    size: () => ({ pages: kept.size, bytes }),
  };
}

export type EventPageCache = ReturnType<typeof createEventPageCache>;

/** Another request's read, or undefined where it failed or does not come. */
async function withPatience(shared: Promise<PageAnswer>): Promise<PageAnswer | undefined> {
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
